P0101 = Die Prozedur „{ $procedure }“ gibt es hier nicht. „procedo procedures“ listet die vorhandenen auf.
P0102 = Parameter „{ $parameter }“ von { $procedure }: Der Wert { $value } verletzt die Regel { $rule }.
P0103 = { $procedure } hat keinen Parameter „{ $parameter }“. Es gibt: { $known }.
P0104 = { $procedure } benötigt den Parameter „{ $parameter }“: Geben Sie ihn mit -p { $parameter }=WERT an.
P0105 = { $procedure } darf { $operation } auf { $resource } nicht mit der Wirkung { $effect } aufrufen: Das Manifest nennt diesen Bedarf nicht.
P0106 = Der Standort gestattet { $procedure } nicht, { $operation } auf { $resource } mit der Wirkung { $effect } aufzurufen. Ein Administrator kann es gestatten: procedo grant { $procedure }.
P0107 = Dieser Host bietet die Operation „{ $operation }“ nicht.
P0109 = Der Lauf hat mehr als { $limit } Aufrufe gemacht und wurde beendet.
P0110 = „{ $step }“ ist kein Schritt im Manifest von { $procedure }.
P0111 = Der Schritt „{ $step }“ kann hier nicht enden: Der innerste offene Schritt ist „{ $open }“.
P0113 = Die Arbeit wurde abgebrochen.
P0114 = Die Argumente haben nicht die erwartete Form: { $reason }.
P0115 = Eine Antwort lässt sich nicht in die Form der Schnittstelle bringen: { $reason }.
P0116 = Die Antwort kann nicht bekannt sein: { $reason }
P0117 = Der Lauf { $run } ist bereits beendet.
P0118 = Der Lauf { $run } ist nicht beendet: Beenden oder stornieren Sie ihn, bevor er rückgängig gemacht wird.
P0121 = „{ $value }“ ist kein Zeitpunkt. Schreiben Sie ihn nach RFC 3339 mit Zeitverschiebung, etwa 2026-11-22T10:00:00+01:00.
P0122 = Es wurden { $value } Zufallsbytes angefordert; möglich sind 1 bis { $limit }.
P0123 = Die Parameter umfassen { $size } Byte; erlaubt sind { $limit }. Legen Sie große Inhalte in eine Datei.
P0124 = { $by } hat den Plan abgelehnt: { $reason }
P0126 = Es sollten { $value } Teilläufe gleichzeitig laufen; erlaubt sind { $limit }.
P0127 = Die Antwort „{ $key }“: { $value } verletzt die Regel { $rule }.
P0128 = Das Rückgängigmachen endete bei { $target }, nachdem { $reversed } Aufrufe umgekehrt waren: { $reason }
P0129 = Die Parameter von { $procedure } müssen ein JSON-Objekt sein, nicht { $value }.
P0131 = Das Schema der Parameter von { $procedure } ist ungültig: { $reason }.
P0132 = „{ $value }“ hat nicht die Form NAME=WERT.
P0133 = Solange ein Aufruf nur betrachtet wird, kann keine Notiz festgehalten und niemand gefragt werden.
P0134 = „{ $target }“ wurde von jemand anderem geändert, während der Lauf unterbrochen war.
P0135 = Es wurde eine Pause von { $value } ms verlangt; erlaubt sind höchstens { $limit } ms.
P0136 = Die Antwort „{ $key }“ ist ein Geheimnis: Speichern Sie es mit „procedo secret set NAME“ und antworten Sie secret:NAME@VERSION, oder antworten Sie auf die Frage.
P0137 = Die Prozedur hat von selbst ohne Ergebnis aufgehört.
P0138 = Der Lauf { $run } wurde bereits durch { $undo } rückgängig gemacht. Um ihn wiederherzustellen, machen Sie diesen Lauf rückgängig.
P0139 = Ein Hook am Schritt „{ $step }“ ist fehlgeschlagen (Lauf { $run }): { $reason }
P0140 = { $procedure } wäre mehr als { $limit } Läufe tief verschachtelt.
P0141 = Ein Teillauf endete unerwartet. Das ist ein Fehler in Procedo.
P0142 = Das Rückgängigmachen wurde bei { $target } angehalten, nachdem { $reversed } Aufrufe umgekehrt waren.
P0143 = Das Wartungsfenster „{ $window }“ lässt sich nicht berechnen: { $reason }.
P0144 = Das System liefert keine Zufallsbytes: { $reason }.
P0145 = Das Journal des Laufs { $run } lässt sich nicht als solches lesen. „procedo audit verify“ sagt mehr.
P0146 = Der Lauf { $run } wartet auf { $what ->
    [approval] keine Genehmigung
    [answer] keine Antwort
    [verdict] kein Urteil über einen zweifelhaften Aufruf
   *[other] etwas anderes als: { $what }
}.
P0147 = Die Frage „{ $key }“ ist noch nicht beantwortet.
P0148 = „{ $resource }“ stand für { $then }, als dieser Lauf dort etwas änderte, und steht jetzt für { $now }. Dort sollte er nicht weitermachen, lautete die Antwort.
P0149 = Was aus dem Aufruf wurde, ist nicht bekannt: Seine Maschine war nicht erreichbar. „procedo resume“ sieht noch einmal nach.
P0150 = Der Lauf { $run } ist Teil von { $parent }; was er tat, wird mit diesem rückgängig gemacht: procedo undo { $parent }
P0501 = Es gibt kein Geheimnis „{ $name }“ in Version { $version }.
P0502 = Es gibt kein Geheimnis „{ $name }“. Ein Administrator kann es setzen: procedo secret set { $name }.
P0505 = { $person } hat den Lauf { $run } gestartet, daher muss ihn eine zweite Person genehmigen.
P0512 = Das ist zu kurz für ein Geheimnis: Mindestens { $least } Zeichen sind nötig. Ein kürzerer Text käme überall vor und ließe sich aus Journalen und Plänen nicht heraushalten.

P1301 = Der Zeitplan „{ $schedule }“: „{ $word }“ in „{ $when }“ ist nicht zu verstehen. Dort kann stehen: { $allowed }.
P1302 = Der Zeitplan „{ $schedule }“: „{ $when }“ ist kein Cron-Ausdruck: { $reason }
P1303 = Der Zeitplan „{ $schedule }“: „{ $when }“ tritt nie ein. Prüfen Sie Tag und Monat.
P1304 = Der Zeitplan „{ $schedule }“: „{ $zone }“ ist keine IANA-Zeitzone wie Europe/Madrid.
P1305 = „{ $schedule }“ ist kein Name eines Zeitplans: bis zu 100 Zeichen aus a–z, 0–9, - und /.
P1306 = Der Zeitplan „{ $schedule }“: „each“ braucht den Namen eines Parameters und 1 bis { $limit } verschiedene Werte; genannt ist „{ $parameter }“.
P1307 = Der Zeitplan „{ $schedule }“: Verlangt ist eine Streuung (jitter) von { $value } Sekunden; höchstens { $limit } sind erlaubt.
P1308 = Zwei Zeitpläne in procedo.toml heißen „{ $schedule }“. Geben Sie jedem einen eigenen Namen.
P1309 = Was der Speicher zu einem Zeitplan enthält, ist nicht lesbar: { $reason }
P1310 = Der Zeitplan „{ $schedule }“ steht in procedo.toml; eine Prozedur kann ihn weder ersetzen noch entfernen. Ändern Sie die Datei, oder wählen Sie einen anderen Namen.
P1311 = Jemand anders hat den Zeitplan „{ $schedule }“ inzwischen geändert. Sehen Sie ihn mit „procedo schedules“ an, und versuchen Sie es noch einmal.
P1312 = Verlangt sind { $value } Zeitpunkte; 1 bis { $limit } sind möglich.
P1313 = Den Zeitplan „{ $schedule }“ gibt es nicht. „procedo schedules“ listet die vorhandenen auf.

secrets-get = Auf das Geheimnis „{ $name }“ verweisen

schedule-set = { $procedure } nach dem Zeitplan „{ $name }“ starten: { $when }
schedule-remove = Den Zeitplan „{ $name }“ entfernen
schedule-list = Die Zeitpläne „{ $names }“ auflisten
schedule-next = Nachsehen, wann der Zeitplan „{ $name }“ wieder an der Reihe ist
schedule-found-other = Der Zeitplan „{ $schedule }“ ist jetzt ein anderer, als dieser Aufruf vorfand oder hinterließ.

plan-question = Die Antwort auf die Frage „{ $key }“ ist nicht bekannt. Geben Sie sie mit --answer { $key }=WERT an.
doubt-identity = „{ $resource }“ stand für { $then }, als der Aufruf gemacht wurde, und steht heute für { $now }.
resource-moved = „{ $resource }“ stand für { $then }, als dieser Lauf dort etwas änderte, und steht jetzt für { $now }. Soll er dort weitermachen?
doubt-probe-failed = Es ließ sich nicht herausfinden: { $reason }
undo-conflict = { $target } wurde seitdem geändert: { $reason } Was soll geschehen?
undo-keep = So lassen, wie es jetzt ist
undo-overwrite = Den früheren Stand trotzdem wiederherstellen
undo-stop = Das Rückgängigmachen hier anhalten
undo-failed-call = Der Aufruf ist mittendrin fehlgeschlagen, und es lässt sich nicht sagen, wie weit er kam.

# Operationen, wie ein Journal oder ein Plan sie nennt.
database-status = Zustand der Datenbank { $database } ansehen
database-query = Die Datenbank { $database } abfragen: { $sql }
database-execute = In der Datenbank { $database } ausführen: { $sql }
database-backup = Die Datenbank { $database } sichern, Level { $level }
database-list-backups = Die Sicherungen der Datenbank { $database } auflisten
database-verify-backup = Die Sicherung { $backup } der Datenbank { $database } prüfen
database-remove-backup = Die Sicherung { $backup } der Datenbank { $database } entfernen
database-restore = Die Datenbank { $database } wiederherstellen
database-go-online = Die Datenbank { $database } online schalten
database-checksums = Die Prüfsummen der Datenbank { $database } bilden

# Was ein Aufruf ändert.
database-change-backup = Die Datenbank { $database } wird mit Level { $level } als { $backup } nach { $place } gesichert (höchstens { $bytes } Byte).
database-change-remove-backup = Die Sicherung { $backup } der Datenbank { $database } wird entfernt ({ $bytes } Byte).
database-change-restore = Die Datenbank { $database } wird auf { $backup } zurückgesetzt, ihren Stand von { $state } ({ $bytes } Byte). Was sie jetzt enthält, wird vorher als { $former } gesichert.{ $skipped ->
    [none] {""}
   *[other] {" "}Beschädigt und übergangen: { $skipped }.
}
database-change-restore-for-good = Die Datenbank { $database } wird auf { $backup } zurückgesetzt, ihren Stand von { $state } ({ $bytes } Byte). Was sie jetzt enthält, wird nicht gesichert: Das lässt sich nicht rückgängig machen.{ $skipped ->
    [none] {""}
   *[other] {" "}Beschädigt und übergangen: { $skipped }.
}
database-change-execute = In der Datenbank { $database }: { $sql }
database-change-go-online = Die Datenbank { $database } steht wieder allen zur Verfügung.

# Wie weit die Arbeit ist.
database-progress-copy = { $percent } Prozent gesichert, { $bytes } Byte
database-progress-assemble = { $percent } Prozent zusammengesetzt, { $bytes } Byte
database-progress-restore = { $percent } Prozent wiederhergestellt, { $bytes } Byte
database-progress-away = { $machine } ist nicht erreichbar; was dort läuft, läuft weiter. Es wird noch { $seconds } s lang versucht

# Was sich nicht vorhersehen, sagen oder rückgängig machen lässt.
database-unforeseeable = Vor diesem Aufruf ändert der Plan die Datenbank { $database }; was sie dann enthält, ist erst danach bekannt.
database-unforeseeable-backup = Die Sicherung { $backup } würde erst derselbe Plan anlegen; was ihre Wiederherstellung bewirkt, ist erst bekannt, wenn es sie gibt.
database-doubt-restore = Ob die Datenbank { $database } wiederhergestellt wurde, lässt sich nicht sagen: Vor dem Versuch hatte ihr Schema die Version { $before }, jetzt hat es { $now }; jemand anderes hat sie ebenfalls geändert.
database-undo-execute = Was eine Anweisung in der Datenbank { $database } geändert hat, ist nirgends festgehalten; stellen Sie eine Sicherung von vorher wieder her.
database-undo-removed = Die Sicherung { $backup } der Datenbank { $database } wurde entfernt.
database-undo-not-kept = Der Stand der Datenbank { $database } vor der Wiederherstellung wurde nicht gesichert.
database-undo-aside = Die Datenbank { $database } war vor der Wiederherstellung nicht lesbar; ihre Dateien liegen unter { $aside }.
database-undo-changed = Die Datenbank { $database } wurde nach der Wiederherstellung geändert; den früheren Stand zurückzuholen verwirft diese Änderungen.
database-undo-online = Die Datenbank { $database } ist online und wird möglicherweise benutzt; beenden Sie ihre Dienste, um sie offline zu schalten.

# Fehler.
P1201 = Der Standort nennt keine Datenbank „{ $database }“; er nennt: { $known }. Ergänzen Sie [resource.database.{ $database }] in procedo.toml, oder verwenden Sie eine von diesen.
P1202 = Die Einstellungen der Datenbank „{ $database }“ sind nicht gültig: { $reason }. Korrigieren Sie [resource.database] in procedo.toml.
P1203 = Der Treiber { $driver } der Datenbank „{ $database }“ bietet dies nicht an: { $what }.
P1204 = Die Datenbank „{ $database }“ ist nicht vorhanden: { $file } ist keine Datei. Korrigieren Sie die Einstellung `file`, oder stellen Sie eine Sicherung wieder her.
P1205 = Die Datenbank „{ $database }“ nimmt die Anweisung nicht an: { $reason }. Korrigieren Sie sie, und achten Sie darauf, dass es so viele Werte wie Parameter gibt.
P1206 = Diese Anweisung ist in der Datenbank „{ $database }“ nicht erlaubt: { $rule ->
    [several] Es ist mehr als eine. Rufen Sie für jede einzeln auf.
    [beyond] „{ $what }“ reicht über diese Datenbank hinaus. Außerhalb von Anführungszeichen darf eine Anweisung keine andere Datenbank und keinen anderen Server nennen (weder „:“ noch „@“), nichts aufrufen, was den Server verwaltet oder seine Dateien liest und schreibt, und keine Routine oder externe Tabelle anlegen. Geben Sie der anderen Datenbank eine eigene Ressource, schreiben Sie Uhrzeiten in Anführungszeichen, und erledigen Sie das Übrige von Hand.
   *[not-here] Eine Abfrage liest nur; und keine Anweisung steuert Transaktionen, setzt Pragmas, öffnet andere Dateien oder berührt die Tabelle procedo_calls. Zum Ändern von Daten dient `execute`.
}
P1207 = Die Abfrage der Datenbank „{ $database }“ findet mehr, als eine Antwort enthalten darf ({ $rows } Zeilen oder { $bytes } Byte). Fragen Sie weniger ab, mit LIMIT oder weniger Spalten.
P1208 = Parameter { $number } für die Datenbank „{ $database }“ lässt sich nicht übergeben: { $value }. Übergeben Sie null, einen Text, eine Zahl mit 64 Bit, true, false oder {"{"}"blob": "hexadezimale Ziffern"{"}"}.
P1209 = Die Datenbank „{ $database }“ bleibt durch ein anderes Programm gesperrt. Warten Sie, bis dessen Transaktion endet, oder beenden Sie es, und versuchen Sie es erneut.
P1210 = Die Datenbank „{ $database }“ ({ $file }) ist beschädigt: { $reason }. Stellen Sie eine Sicherung wieder her.
P1211 = Es gibt keine Sicherung „{ $backup }“ der Datenbank „{ $database }“; vorhanden sind: { $known }.
P1212 = Level { $level } der Datenbank „{ $database }“ braucht eine Sicherung mit niedrigerem Level, auf der sie aufbaut, und es gibt keine. Erstellen Sie zuerst eine mit Level 0.
P1213 = Die Sicherung { $backup } der Datenbank „{ $database }“ ist beschädigt: { $path } { $reason ->
    [missing] fehlt
    [entry] wurde verändert oder ist nicht lesbar
    [content] enthält nicht, was geschrieben wurde
    [length] ist nicht so lang, wie geschrieben wurde
    [longer] enthält mehr, als geschrieben wurde
    [foreign] gehört zu einer anderen Sicherung oder zu keiner
    [version] stammt von einer anderen Version von Procedo
   *[other] ist nicht verwendbar: { $reason }
}. Nichts wurde überschrieben; verwenden Sie eine andere Sicherung.
P1214 = Die Sicherung { $backup } der Datenbank „{ $database }“ baut auf { $base } auf; diese { $reason ->
    [missing] fehlt
   *[other] ist nicht die, aus der sie entstanden ist
}. Holen Sie jene zurück, oder verwenden Sie eine andere Sicherung.
P1215 = An den Sicherungen der Datenbank „{ $database }“ wird gerade anderweitig gearbeitet. Warten Sie, bis das beendet ist.
P1216 = { $folder } hat noch { $available } Byte frei, und { $needed } werden gebraucht. Schaffen Sie Platz, zum Beispiel indem Sie alte Sicherungen entfernen.
P1217 = { $path } lässt sich nicht lesen oder schreiben: { $reason }. Prüfen Sie den Datenträger und die Rechte des Kontos, das Procedo verwendet.
P1218 = Der Datenträger ist voll: { $path } konnte nicht vollständig geschrieben werden und wurde verworfen. Schaffen Sie Platz, und versuchen Sie es erneut.
P1219 = Es gibt kein Level { $level }: Eine Sicherung hat Level 0 (alles), 1 oder 2 (was sich geändert hat). Wählen Sie eines davon.
P1220 = Das Ziel „{ $destination }“ ist für Sicherungen der Datenbank „{ $database }“ nicht verwendbar: Es ist der Name eines Ordners unter ihren Sicherungen, aus Buchstaben, Ziffern, „-“, „_“ und „.“, und beginnt nicht mit „.“.
P1221 = Die Sicherung { $backup } der Datenbank „{ $database }“ wird von { $upon } gebraucht. Entfernen Sie zuerst diese.
P1222 = Was die Sicherung { $backup } der Datenbank „{ $database }“ enthält, ist keine fehlerfreie Datenbank: { $reason }. Nichts wurde überschrieben; verwenden Sie eine andere Sicherung.
P1223 = Die Sicherung { $backup } hat Seiten von { $theirs } Byte, und die Datenbank „{ $database }“ hat Seiten von { $ours }. Erstellen Sie eine neue Sicherung mit Level 0; zum Wiederherstellen verlassen Sie zuerst den WAL-Modus (PRAGMA journal_mode = delete).
P1224 = Die Anweisung in der Datenbank „{ $database }“ war nach { $seconds } Sekunden nicht fertig und wurde beendet. Machen Sie sie kleiner oder schneller.
P1225 = Die Sicherungen der Datenbank „{ $database }“ sind nicht mehr wie geplant („{ $backup }“, auf { $base }). Nichts wurde geändert; planen Sie neu.
P1226 = Dem SQLite in diesem Procedo fehlt die Tabelle sqlite_dbpage, ohne die sich keine Sicherung anlegen lässt. Übersetzen Sie es in seinem eigenen Ordner, damit die Einstellungen in .cargo/config.toml gelten.
P1227 = Die Sicherung { $backup } der Datenbank „{ $database }“ ist eine andere als erwartet: Ihre Prüfsumme ist { $found }, nicht { $expected }.
P1228 = Die Datenbank „{ $database }“ lässt sich nicht online schalten: { $detail }. Stellen Sie eine Sicherung wieder her.

# Informix.
database-progress-informix = { $percent } Prozent des Archivs der Datenbank { $database }
database-ask-tape = Legen Sie für die Sicherung der Datenbank { $database } ein leeres Band in { $device } ein und schreiben Sie auf sein Etikett: { $label }. Liegt es im Laufwerk?
database-ask-next-tape = Das Band in { $device } ist voll. Entnehmen Sie es; auf seinem Etikett steht: { $former }. Legen Sie für die Datenbank { $database } Band { $number } ein und schreiben Sie auf sein Etikett: { $label }. Liegt es im Laufwerk?
database-ask-tape-to-read = Legen Sie zum Wiederherstellen der Datenbank { $database } Band { $number } in { $device } ein; auf seinem Etikett steht: { $label }. Liegt es im Laufwerk?
database-undo-informix = Informix sagt nicht, ob die Datenbank { $database } nach der Wiederherstellung geändert wurde; mit der Rückkehr zum früheren Stand geht verloren, was geändert wurde.
database-doubt-informix = Ob die Anweisung in der Datenbank { $database } bestätigt wurde, lässt sich nicht sagen: Informix führt darüber nicht Buch. Vergewissern Sie sich auf ihrer Maschine, dass kein dbaccess mehr daran arbeitet (ps -ef), denn es könnte sie noch bestätigen; sehen Sie dann in ihren Daten nach.
P1230 = Was onstat von der Datenbank „{ $database }“ sagt, ist nicht zu verstehen: Exitcode { $code }, „{ $said }“. Prüfen Sie die Einstellungen `folder`, `server`, `onconfig` und `sqlhosts`, und probieren Sie onstat auf dem Rechner.
P1231 = In { $file } der Datenbank „{ $database }“ hat { $parameter } den Wert „{ $value }“, { $rule ->
    [path] er muss aber ein absoluter Pfad sein: der eines Ordners, einer Datei oder eines Bandlaufwerks
    [unlimited] eine Sicherung in eine einfache Datei braucht aber 0, denn was auf eine volle Datei folgt, würde sie überschreiben
    [null] was dorthin geschrieben wird, ist aber verloren
   *[missing] er muss aber gesetzt sein: dort liest Procedo, ob onbar erfolgreich war
}. Korrigieren Sie ihn.
P1232 = Ein anderer Aufruf arbeitet an den Sicherungen der Datenbank „{ $database }“: { $holder }. Warten Sie, bis sein Lauf beendet ist; wenn er beendet ist und abgebrochen wurde, vergewissern Sie sich, dass auf dem Rechner weder ontape noch onbar läuft, und löschen Sie { $path }.
P1233 = TAPEDEV der Datenbank „{ $database }“, { $device }, { $found ->
    [missing] ist nicht vorhanden
    [folder] ist ein Ordner
    [file] ist eine einfache Datei
   *[device] ist ein Gerät
}; das passt nicht zu method = "{ $method }". Legen Sie es an, korrigieren Sie TAPEDEV oder die Einstellung `method`.
P1234 = TAPEDEV der Datenbank „{ $database }“, { $device }, enthält { $bytes } Bytes, die nicht von Procedo sind, und eine Sicherung würde sie überschreiben. Verschieben Sie dieses Archiv und legen Sie an seiner Stelle eine leere Datei an.
P1235 = Das Konto, das Procedo auf dem Rechner verwendet, darf nicht in { $device } schreiben, TAPEDEV der Datenbank „{ $database }“. Geben Sie ihm dieses Recht.
P1236 = Level { $level } der Datenbank „{ $database }“ würde auf dem Archiv von Level { $lower } aufbauen, das der Server kennt ({ $date }), und Procedo hat davon keine Sicherung. Erstellen Sie zuerst eine Sicherung von Level { $lower }.
P1237 = { $tool } ist bei der Datenbank „{ $database }“ fehlgeschlagen (Exitcode { $code }): { $said }. Beheben Sie das und versuchen Sie es noch einmal.
P1238 = { $tool } sagt, dass Level { $level } der Datenbank „{ $database }“ archiviert wurde, der Server weiß davon aber nichts (onstat -g arc). Als Sicherung zählt es nicht; was geschrieben wurde, bleibt, wo es ist. Lesen Sie das Meldungsprotokoll des Servers.
P1239 = { $tool } fragt zur Datenbank „{ $database }“ etwas, das Procedo nicht kennt: „{ $prompt }“. Es wurde nicht beantwortet, und { $tool } wurde beendet. Beheben Sie, wonach es fragt, oder führen Sie diesen Schritt von Hand aus.
P1240 = Die Datenbank „{ $database }“ läuft nicht so, wie eine Sicherung es braucht: { $words }. Bringen Sie sie online und versuchen Sie es noch einmal.
P1241 = Die Datenbank „{ $database }“ kann nicht wiederhergestellt werden, weil eine ihrer Blockdateien fehlt: { $path }. Hängen Sie ihren Datenträger ein; legen Sie bei einer neuen Installation dort eine leere Datei an, die informix gehört, mit den Rechten 660.
P1242 = Der jetzige Stand der Datenbank „{ $database }“ kann vorher nicht gesichert werden, weil der Server nicht online ist: { $words }. Bringen Sie ihn online, oder stellen Sie mit keep-present = false wieder her; dann geht der jetzige Stand verloren.
P1243 = Die Datenbank „{ $database }“ konnte nicht wiederhergestellt werden ({ $reason }). Ihr früherer Stand wurde aus { $former } zurückgebracht.
P1244 = Die Datenbank „{ $database }“ konnte nicht wiederhergestellt werden ({ $reason }), und ihr früherer Stand wurde nicht zurückgebracht ({ $why }). Sie ist offline und darf nicht verwendet werden; beheben Sie die Ursache und stellen Sie noch einmal wieder her, mit keep-present = false.
P1245 = Die Datenbank „{ $database }“ hat ihren Modus innerhalb von { $seconds } Sekunden nicht gewechselt; sie ist: { $words }. Lesen Sie das Meldungsprotokoll des Servers.
P1246 = Was { $backup } der Datenbank „{ $database }“ enthalten soll ({ $expected }), ist nicht das, was da ist ({ $found }). Legen Sie das richtige Band ein und stellen Sie noch einmal wieder her.
P1247 = Das Band „{ $label }“ wurde für die Datenbank „{ $database }“ abgelehnt; die Arbeit wurde deshalb beendet. Starten Sie sie wieder, wenn das Band zur Hand ist.
P1249 = Die Sicherung { $backup } stammt von „{ $theirs }“, die Datenbank „{ $database }“ läuft jetzt mit „{ $ours }“; ein Archiv kann nur von derselben Version wiederhergestellt werden. Nehmen Sie eine andere Sicherung, oder installieren Sie diese Version.
P1250 = Die Antwort von dbaccess für die Datenbank „{ $database }“ ist kein UTF-8. Geben Sie in der Einstellung `locale` von [resource.database.{ $database }] die Locale der Datenbank an, zum Beispiel en_us.8859-1.

# PostgreSQL.
database-doubt-execute = Ob die Transaktion { $xid } der Datenbank { $database } bestätigt wurde, lässt sich nicht sagen: { $reason }. Sehen Sie sich ihre Daten an.
P1260 = Die Datenbank „{ $database }“ ({ $place }) ist nicht erreichbar: { $reason }. Starten Sie sie, oder berichtigen Sie host und port in [resource.database.{ $database }].
P1261 = Der Server verweigert die Anmeldung an der Datenbank „{ $database }“ ({ $place }): { $reason }. Berichtigen Sie user, password und dbname oder was pg_hba.conf erlaubt.
P1262 = Die Verbindung zur Datenbank „{ $database }“ ging verloren: { $reason }. Was nicht bestätigt war, ist nicht geschehen; sehen Sie nach, ob der Server läuft, und versuchen Sie es noch einmal.
P1263 = Die Verbindung zur Datenbank „{ $database }“ ging verloren, während die Transaktion { $xid } bestätigt wurde, und was aus ihr wurde, lässt sich nicht sagen: { $reason }. Fragen Sie den Server mit SELECT pg_xact_status('{ $xid }').
P1264 = Dafür fehlt die Einstellung `{ $setting }` der Datenbank „{ $database }“. Ergänzen Sie sie in [resource.database.{ $database }] in procedo.toml.
P1265 = pgBackRest ist bei der Datenbank „{ $database }“ gescheitert ({ $command }, Exitcode { $code }): { $reason }. Beheben Sie das, und versuchen Sie es noch einmal.
P1266 = Der jetzige Zustand der Datenbank „{ $database }“ kann nicht vorher gesichert werden, weil sie nicht online ist ({ $mode }). Bringen Sie sie online, oder stellen Sie mit keep-present = false wieder her; dann geht ihr jetziger Zustand verloren.
P1267 = Die Datenbank „{ $database }“ kann nicht auf { $moment } zurück: { $rule ->
    [form] das ist kein Zeitpunkt wie 2026-01-31T14:00:00Z
    [future] der liegt in der Zukunft
   *[early] die Sicherung ist erst um { $earliest } vollständig; wählen Sie eine frühere Sicherung oder einen späteren Zeitpunkt
}.
P1268 = Der Cluster der Datenbank „{ $database }“ { $what ->
    [stop] wurde nicht sauber beendet
   *[start] ist nicht gestartet
}: { $reason }. Sehen Sie sein Protokoll und die Einstellungen `start` und `stop` an.
P1269 = Die Datenbank „{ $database }“ konnte aus { $backup } nicht wiederhergestellt werden und ist wieder, wie sie vorher war: { $reason }.
P1270 = Die Datenbank „{ $database }“ konnte nicht wiederhergestellt werden, bleibt beendet und darf nicht von Hand gestartet werden: { $reason }. Beheben Sie das, und stellen Sie noch einmal wieder her.
P1271 = Die Sicherung { $backup } der Datenbank „{ $database }“ braucht Segmente des Protokolls, die im Archiv fehlen: { $segments }. Nichts wurde überschrieben; bringen Sie sie zurück, oder nehmen Sie eine andere Sicherung.
P1272 = Die Datenbank „{ $database }“ wurde beendet, aber Segmente ihres Protokolls kamen nicht ins Archiv: { $segments }. Nichts wurde überschrieben, und sie wurde wieder gestartet; sehen Sie archive_command an.
P1273 = Das Ziel „{ $destination }“ kann für Sicherungen der Datenbank „{ $database }“ nicht benutzt werden: Lassen Sie es für pgBackRest weg, oder geben Sie dump an, oder dump:ORDNER mit einem Namen aus Buchstaben, Ziffern, „-“, „_“ und „.“, der nicht mit „.“ beginnt.
P1274 = Der Dump der Datenbank „{ $database }“ ist gescheitert ({ $what }, Exitcode { $code }): { $reason }. An der Datenbank wurde nichts geändert; beheben Sie das, und versuchen Sie es noch einmal.
P1275 = Der Datenbank „{ $database }“ ({ $place }) kann nicht vertraut werden: { $reason }. Berichtigen Sie `ca-file` oder das Zertifikat des Servers.
P1276 = pgBackRest antwortet zur Datenbank „{ $database }“ auf eine Weise, die nicht verstanden wird: { $reason }. Sehen Sie die Stanza und die Version von pgBackRest an.
P1278 = Der Server der Datenbank „{ $database }“ nimmt keine Verbindungen an, und was er sagt, wird nicht verstanden: { $reason }. Nennen Sie seinen Ordner mit der Einstellung `data`, oder sehen Sie sein Protokoll an.

### Meldungen der Fähigkeit `machine`: Fehler P10xx, ihre Operationen, ihre Änderungen.

machine-command = { $name } auf { $machine } ausführen
machine-environment = Die Umgebungsvariable { $name } von { $machine } lesen
machine-clock-offset = Die Uhr von { $machine } vergleichen
machine-resolve = { $host } auf { $machine } auflösen
machine-reachable = Prüfen, ob { $machine } { $host } erreicht
machine-free-space = Den freien Speicherplatz von { $machine }:{ $path } ansehen
machine-system-facts = Das System von { $machine } ansehen

machine-change-command = Auf { $machine } wird der Befehl { $command } ausgeführt.
machine-change-sentence = { $machine }: { $sentence }
machine-unforeseeable = Was { $command } auf { $machine } ausgibt, ist erst bekannt, wenn es gelaufen ist.
machine-after-command = Was { $machine } antwortet, kann von einem früheren Befehl dieses Plans abhängen: { $earlier }.
machine-probe-none = ob { $command } auf { $machine } gewirkt hat, ist nicht zu sehen; der Standort gibt dafür keine Prüfung an
machine-undo-none = der Standort gibt keinen Befehl an, der { $command } auf { $machine } rückgängig macht

P1001 = [resource.machine.{ $machine }] { $setting } = „{ $value }“: { $rule ->
        [driver] die Treiber sind local, ssh und windows-ssh
        [remote-only] das gehört zu einer Maschine, die über SSH erreicht wird; lassen Sie es weg
        [missing] das muss angegeben werden
        [word] nur Buchstaben, Ziffern und . - _ : % \ @ sind erlaubt, am Anfang kein -
        [host-key] das ist kein öffentlicher Hostschlüssel; kopieren Sie die Zeile aus /etc/ssh/ssh_host_ed25519_key.pub der Maschine
        [secret] schreiben Sie secret:NAME, und hinterlegen Sie den Wert mit procedo secret set NAME
        [login] geben Sie genau eines an: key-file (eventuell mit passphrase), agent = true oder password
        [folder] das ist nicht der Pfad eines Ordners
        [template] der Platz für ein Argument wird {"{"}name{"}"} geschrieben, eine Klammer selbst doppelt
        [pattern] das ist kein regulärer Ausdruck
        [no-pattern] ein Platz in args, input oder sentence hat unter parameters kein Muster
        [no-place] kein Platz in args oder input verwendet diesen Parameter
        [no-command] die Maschine hat keinen Befehl dieses Namens
        [probe-reads] eine Prüfung muss ein Befehl mit effect = "read" sein
        [same-parameters] jener Befehl hat nicht dieselben Parameter
        [timeout] geben Sie Sekunden an, von 1 bis 604800
       *[other] das ist nicht gültig
    }.
P1002 = [resource.machine.{ $machine }] lässt sich nicht lesen: { $reason }.
P1003 = Der Standort hat keine Maschine „{ $machine }“; ergänzen Sie [resource.machine.{ $machine }] in procedo.toml, oder verwenden Sie eine vorhandene.
P1004 = { $machine } ist unter { $address } nicht erreichbar: { $reason }. Prüfen Sie, ob sie läuft, sowie Adresse, Port und Netz.
P1005 = { $machine } ({ $address }) zeigt nicht den Hostschlüssel, den der Standort festlegt ({ $reason }); es wurde nichts gesendet. Wurde er absichtlich gewechselt, tragen Sie den neuen bei host-key ein.
P1006 = { $machine } lehnt die Anmeldung von { $user } ab ({ $address }): { $reason }. Prüfen Sie Schlüssel oder Kennwort und die authorized_keys des Kontos.
P1007 = Die Verbindung zu { $machine } riss ab, bevor die Antwort vollständig war ({ $reason }); was aus dem Befehl wurde, ist nicht bekannt.
P1008 = Auf { $machine } gibt es kein Programm und keinen Ordner „{ $path }“, den dieses Konto benutzen kann; prüfen Sie den Pfad.
P1009 = Auf { $machine } dauerte die Arbeit länger als { $seconds } s; sie wurde mit ihren Kindprozessen beendet.
P1010 = Auf { $machine } dauerte die Arbeit länger als { $seconds } s und ließ sich nicht beenden; sehen Sie nach ihren Prozessen, bevor Sie weitermachen.
P1011 = „{ $path }“ auf { $machine }: { $reason }.
P1012 = „{ $path }“ auf { $machine } ist länger als { $limit } Bytes.
P1013 = { $machine } unterstützt das nicht: { $what }.
P1014 = { $machine } hat den Auftrag { $job } bereits; er läuft oder wurde nicht vergessen und wird kein zweites Mal gestartet.
P1015 = Auf { $machine } ließ es sich nicht starten: { $reason }.
P1016 = An den Auftrag { $job } auf { $machine } lässt sich nichts senden: { $why ->
        [gone] er läuft nicht mehr
        [closed] er wurde ohne offene Eingabe gestartet
       *[forgotten] sein Ordner wurde entfernt
    }.
P1017 = Der Auftrag { $job } auf { $machine } endet nicht; diese Prozesse davon laufen noch: { $processes }. Beenden Sie sie dort mit den nötigen Rechten.
P1018 = Der Auftrag { $job } fragt etwas, das Procedo nicht kennt: „{ $said }“. Es wurde nicht beantwortet und wartet; antworten Sie selbst, oder beenden Sie ihn.
P1019 = Der Auftrag { $job } hat seit { $seconds } s nichts ausgegeben; zuletzt: „{ $said }“. Sehen Sie auf seiner Maschine nach.
P1020 = { $machine } hat keinen Befehl „{ $command }“; geben Sie [resource.machine.{ $machine }.command.{ $command }] in procedo.toml an, oder verwenden Sie einen vorhandenen.
P1021 = { $command } auf { $machine }: das Argument { $argument } = „{ $value }“ { $rule ->
        [unknown] ist keiner seiner Parameter
        [pattern] entspricht nicht dem angegebenen Muster
        [twice] ist doppelt angegeben
        [missing] fehlt
       *[option] beginnt mit „-“ wie sonst nur Optionen
    }.
P1022 = { $command } auf { $machine } endete mit Code { $code }, der keinen Erfolg bedeutet: { $said }
P1023 = Der Auftrag { $job } läuft nicht mehr, und niemand sah, wie er endete; vielleicht wurde die Maschine neu gestartet. Sehen Sie nach, was er getan hat, bevor Sie weitermachen.
P1024 = Das Geheimnis „{ $name }“ für die Anmeldung fehlt oder enthält ein Zeilenende; hinterlegen Sie es mit procedo secret set { $name }.
P1025 = { $machine } antwortet etwas Unverständliches: „{ $answer }“.
P1026 = { $bytes } Bytes sind zu viel für die Eingabe eines Auftrags auf { $machine }: höchstens { $limit }.
P1027 = „{ $path }“ lässt sich auf { $machine } nicht starten: { $what ->
        [nul] ein Argument, eine Variable oder der Ordner enthält ein NUL-Zeichen
        [path] das ist nicht der Pfad eines Programms
        [variable] der Name einer Variablen hat andere Zeichen als Buchstaben, Ziffern und _
        [long] Argumente und Variablen sind länger als 96 KiB
        [line] die Befehlszeile ist länger als 32.000 Zeichen
        [open] eine offene Eingabe gibt es nur für Aufträge
       *[tag] eine Marke besteht aus 1 bis 64 Buchstaben, Ziffern und -
    }.
P1028 = { $machine }: { $argument } = „{ $value }“ { $rule ->
        [host] ist weder ein Hostname noch eine Adresse
        [port] muss von 1 bis 65535 reichen
        [path] muss ein absoluter Pfad sein
       *[variable] ist nicht der Name einer Variablen
    }.

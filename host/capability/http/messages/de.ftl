### Meldungen der Fähigkeit `http`: Fehler P04xx, ihre Operation, ihre Änderungen.

http-send = Eine HTTP-Anfrage senden

http-change-put-new = PUT { $url }: legt { $size ->
        [one] ein Byte
       *[other] { $size } Bytes
    } ab, wo nichts ist
http-change-put-over = PUT { $url }: ersetzt { $before ->
        [one] ein Byte
       *[other] { $before } Bytes
    } durch { $size ->
        [one] ein Byte
       *[other] { $size } Bytes
    }
http-change-put-same = PUT { $url }: legt ab, was schon da ist
http-change-put = PUT { $url }: legt { $size ->
        [one] ein Byte
       *[other] { $size } Bytes
    } ab; was jetzt dort ist, lässt sich nicht sehen
http-change-delete = DELETE { $url }: löscht, was dort ist
http-change-delete-none = DELETE { $url }: es gibt nichts zu löschen
http-change-send = { $method } { $url }: sendet { $size ->
        [0] eine Anfrage ohne Inhalt
        [one] ein Byte
       *[other] { $size } Bytes
    }

http-unforeseeable = Was der Server auf { $method } { $url } antwortet, ist erst bekannt, wenn es gesendet ist.
http-after-write = Was { $url } antwortet, kann von einer früheren Anfrage dieses Plans abhängen: { $earlier }.
http-probe-none = ob { $method } { $url } ausgeführt wurde, ist nicht zu sehen; der Standort gibt für diesen Ursprung weder eine Idempotenz-Kopfzeile noch eine Prüfadresse an
http-probe-status = die Prüfadresse { $url } antwortet mit { $status }; das sagt weder, dass die Anfrage ausgeführt wurde, noch das Gegenteil
http-probe-other = { $url } ist weder so wie vor dem { $method } noch so, wie es danach wäre
http-undo-post = was { $method } { $url } auf dem Server bewirkt hat, lässt sich nicht durch eine andere Anfrage rückgängig machen
http-undo-unseen = was vor dem { $method } unter { $url } war, ließ sich nicht lesen oder ist kein Text, der zurückgesendet werden könnte
http-undo-conflict = { $url } ist nicht mehr so, wie { $method } es hinterlassen hat: seitdem hat es jemand geändert

P0401 = [resource.http.{ $resource }] { $setting } = „{ $value }“: { $rule ->
        [origin-url] das ist kein Ursprung; schreiben Sie http:// oder https://, den Host und, falls nötig, den Port
        [origin-scheme] nur http und https werden angeboten
        [origin-more] ein Ursprung besteht aus Schema, Host und Port; lassen Sie Pfad, Abfrage und Benutzer weg
        [addresses] das ist weder eine IP-Adresse noch ein Block wie 10.1.0.0/16
        [header] das ist keine Kopfzeile, die gesetzt werden darf; wählen Sie einen Namen wie Idempotency-Key
        [probe] das ist kein Pfad; er beginnt mit / oder {"{"}path{"}"} und darf {"{"}key{"}"} enthalten
        [probe-key] {"{"}key{"}"} sagt einem Server nichts, der den Schlüssel nicht bekommt; setzen Sie auch idempotency-header
        [ca] diese Datei gibt es im Ordner trust des Standorts nicht
        [redirects] es gibt kein [resource.http.{ $value }]
       *[other] das ist nicht gültig
    }.
P0402 = [resource.http.{ $resource }] lässt sich nicht lesen: { $reason }. Bekannte Einstellungen: origin, addresses, idempotency-header, probe, ca, system-trust, redirects.
P0403 = Ursprung „{ $origin }“: Die Methode „{ $method }“ wird nicht angeboten; sie muss GET, HEAD, OPTIONS, PUT, POST, PATCH oder DELETE sein, in Großbuchstaben.
P0404 = Der Pfad „{ $path }“ { $rule ->
        [start] muss mit „/“ beginnen
        [long] ist länger als 8192 Bytes
       *[character] enthält ein Leerzeichen, ein Steuerzeichen, „#“ oder „\“; kodieren Sie es mit „%“
    }.
P0405 = { $rule ->
        [count] Die Anfrage hat mehr als 64 Kopfzeilen; senden Sie weniger.
        [auth] Die Kopfzeile „{ $header }“ lässt sich nicht mit „auth“ verbinden; geben Sie nur eines davon an.
        [user] „auth“ verletzt eine Regel: Der Benutzername enthält einen Doppelpunkt, oder eines von beiden ein Steuerzeichen.
        [reserved] Die Kopfzeile „{ $header }“ setzt der Host selbst; sie kann nicht angegeben werden.
        [name] „{ $header }“ ist kein Name einer Kopfzeile: Er besteht aus Buchstaben, Ziffern und Bindestrichen.
       *[value] Der Wert der Kopfzeile „{ $header }“ enthält ein Zeichen, das kein druckbares ASCII ist; kodieren Sie es.
    }
P0406 = „{ $limit }“ ist { $value }; der Wert muss zwischen { $least } und { $most } liegen.
P0407 = Eine { $method }-Anfrage an „{ $origin }“ hat keinen Inhalt; lassen Sie ihn weg oder verwenden Sie PUT, POST oder PATCH.
P0408 = Der Standort hat keinen Ursprung „{ $origin }“; ergänzen Sie [resource.http.{ $origin }] in procedo.toml oder verwenden Sie einen vorhandenen.
P0410 = Der Host „{ $host }“ von { $origin } hat keine Adresse ({ $reason }); prüfen Sie den Namen und die Namensauflösung.
P0411 = { $origin } wird nicht angesprochen: Der Host „{ $host }“ steht für { $address }, und das erlaubt der Standort nicht. Falls es richtig ist, nehmen Sie die Adresse in „addresses“ dieses Ursprungs auf.
P0412 = Keine Verbindung zu { $url }: { $reason ->
        [refused] dort nimmt niemand Verbindungen an
        [unreachable] es gibt keinen Weg dorthin
        [closed] die Verbindung wurde geschlossen, bevor die Anfrage gesendet war
       *[other] { $detail }
    }. Es wurde nichts gesendet; prüfen Sie, ob der Server läuft und ob Adresse und Port stimmen.
P0413 = Das Zertifikat von { $url } wird nicht anerkannt: { $reason ->
        [issuer] der Standort vertraut keiner Stelle, die es unterschrieben hat; legen Sie das Zertifikat der Stelle in den Ordner trust
        [expired] es ist abgelaufen und muss erneuert werden
        [early] es ist noch nicht gültig; prüfen Sie die Uhren
        [name] es gilt für einen anderen Host; prüfen Sie den Ursprung
       *[other] { $detail }
    }. Es wurde nichts gesendet.
P0414 = Die Verbindung zu { $url } kam nicht rechtzeitig zustande. Es wurde nichts gesendet; prüfen Sie, ob der Server läuft, oder geben Sie mehr Zeit.
P0415 = { $method } { $url } bekam nicht rechtzeitig eine vollständige Antwort. { $aftermath ->
        [read] Geben Sie mehr Zeit oder sehen Sie auf dem Server nach.
       *[perhaps-done] Der Server kann die Anfrage trotzdem ausgeführt haben; sehen Sie dort nach, bevor Sie sie erneut senden.
    }
P0416 = Die Antwort auf { $method } { $url } { $reason ->
        [cut] brach ab
        [malformed] ist kein gültiges HTTP
        [fault] hat Procedo aus dem Tritt gebracht; bitte melden Sie es
       *[other] ließ sich nicht lesen ({ $reason })
    }. { $aftermath ->
        [read] Sehen Sie auf dem Server nach.
       *[perhaps-done] Der Server kann die Anfrage trotzdem ausgeführt haben; sehen Sie dort nach, bevor Sie sie erneut senden.
    }
P0417 = Der Kopf der Antwort auf { $method } { $url } hat zu viele Kopfzeilen oder ist größer als { $limit } Bytes.
P0418 = Der Inhalt der Antwort auf { $method } { $url } ist größer als { $limit } Bytes; geben Sie ein größeres „max-bytes“ an (höchstens 16777216) oder fragen Sie weniger ab.
P0419 = { $url } antwortet mit { $size } Bytes, die kein Text in { $charset } sind (Typ: { $content-type }). Binäre Inhalte werden nicht unterstützt.
P0420 = { $from } leitet nach „{ $to }“ um; dem wird nicht gefolgt: { $rule ->
        [origin] das ist kein Ursprung, zu dem „{ $origin }“ laut Standort umleiten darf; nehmen Sie seinen Namen in „redirects“ von „{ $origin }“ auf, falls es richtig ist
        [write] eine Anfrage, die etwas ändert, wird nicht an einen anderen Ursprung weitergegeben
        [scheme] nur http und https sind zulässig
        [user] die Adresse enthält einen Benutzer
       *[url] das ist keine Adresse
    }.
P0421 = { $url } leitet mehr als { $limit ->
        [one] einmal
       *[other] { $limit } Mal
    } um, zuletzt von { $last } aus; ist das eine Schleife?
P0423 = { $method } { $url } wird nicht gesendet: Dort ist nicht mehr, was bei der Planung dort war. Planen Sie neu.
P0424 = Die Vertrauensdatei „{ $file }“ ist nicht verwendbar: { $reason }. Sie muss Zertifikate im PEM-Format enthalten.
P0425 = Die Antwort auf { $method } { $url } ist als „{ $coding }“ kodiert; das wird nicht unterstützt. Fordern Sie es nicht mit Accept-Encoding an.
P0426 = Was dieser Aufruf über den Zustand davor aufgezeichnet hat, ist nicht lesbar ({ $reason }); prüfen Sie den Speicher mit „procedo audit verify“.

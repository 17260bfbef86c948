# Operationen, wie ein Journal oder ein Plan sie nennt.
files-read = { $root }:{ $path } lesen
files-write = { $root }:{ $path } schreiben
files-edit = { $root }:{ $path } bearbeiten
files-stat = { $root }:{ $path } ansehen
files-list-folder = Das Verzeichnis { $root }:{ $path } auflisten
files-copy = { $root }:{ $source } nach { $target } kopieren
files-remove = { $root }:{ $path } entfernen
files-make-folder = Das Verzeichnis { $root }:{ $path } anlegen
files-list-archive = Das Archiv { $root }:{ $path } auflisten
files-read-archive = { $entry } im Archiv { $root }:{ $path } lesen
files-write-archive = { $entry } im Archiv { $root }:{ $path } ersetzen
files-restore = { $root }:{ $path } auf den aufgezeichneten Stand zurücksetzen

# Was ein Aufruf ändert.
files-size = { $bytes ->
    [one] ein Byte
   *[other] { $bytes } Byte
}
files-weight = { $files ->
    [one] eine Datei
   *[other] { $files } Dateien
}, { files-size }
files-forever = Was verloren geht, ist zu groß, um aufbewahrt zu werden: Dies lässt sich nicht rückgängig machen.
files-change-create = { $root }:{ $path } wird angelegt ({ files-size }).
files-change-replace = { $root }:{ $path } erhält einen neuen Inhalt ({ files-size }).
files-change-replace-for-good = { files-change-replace } { files-forever }
files-change-copy = { $root }:{ $source } wird nach { $path } kopiert ({ files-weight }).
files-change-remove = { $root }:{ $path } wird entfernt ({ files-weight }).
files-change-remove-for-good = { files-change-remove } { files-forever }
files-change-remove-folder = Das Verzeichnis { $root }:{ $path } wird mit seinem gesamten Inhalt entfernt ({ files-weight }).
files-change-remove-folder-for-good = { files-change-remove-folder } { files-forever }
files-change-make-folder = Das Verzeichnis { $root }:{ $path } wird angelegt.
files-change-archive = Im Archiv { $root }:{ $path } erhält der Eintrag { $entry } einen neuen Inhalt ({ files-size }).
files-change-archive-for-good = { files-change-archive } { files-forever }
files-change-restore = { $root }:{ $path } wird auf den aufgezeichneten Stand zurückgesetzt ({ files-weight }).
files-change-restore-for-good = { files-change-restore } { files-forever }

# Was gefunden wurde, wo anderes erwartet war.
files-kind-expected = { $expected ->
    [folder] ein Verzeichnis
   *[other] eine gewöhnliche Datei
}
files-kind-found = { $found ->
    [regular] eine gewöhnliche Datei
    [folder] ein Verzeichnis
    [link] ein symbolischer Link
   *[other] ein Gerät, Socket oder eine Pipe
}
files-expected = { $expected ->
    [absent] nichts
    [folder] ein Verzeichnis mit Prüfsumme { $expected-digest }…
    [link] ein symbolischer Link mit Prüfsumme { $expected-digest }…
   *[regular] eine Datei mit Prüfsumme { $expected-digest }…
}
files-found = { $found ->
    [absent] nichts
    [folder] ein Verzeichnis mit Prüfsumme { $found-digest }…
    [link] ein symbolischer Link mit Prüfsumme { $found-digest }…
   *[regular] eine Datei mit Prüfsumme { $found-digest }…
}
files-found-neither = { $root }:{ $path } ist weder so wie vor dem Aufruf noch so, wie der Aufruf es hinterlässt. Erwartet: { files-expected }; gefunden: { files-found }.
files-changed-since = { $root }:{ $path } wurde seither geändert. Erwartet: { files-expected }; gefunden: { files-found }.
files-not-kept = Der frühere Inhalt von { $root }:{ $path } ist größer als die { $limit } Byte, die das Stammverzeichnis für das Rückgängigmachen aufbewahrt (max-undo-bytes); er wurde deshalb nicht aufbewahrt.

# Fehler.
P0301 = Unter { $root }:{ $path } gibt es nichts. Prüfen Sie den Pfad; er gilt ab dem Stammverzeichnis.
P0302 = Der Standort hat kein Stammverzeichnis „{ $root }“. Es gibt: { $known }. Stammverzeichnisse werden in procedo.toml als [resource.files.NAME] festgelegt.
P0303 = Das Verzeichnis { $folder } des Stammverzeichnisses „{ $root }“ lässt sich nicht öffnen: { $reason }. Legen Sie es an oder berichtigen Sie den Pfad in procedo.toml.
P0304 = Die Einstellungen des Stammverzeichnisses „{ $root }“ in procedo.toml sind ungültig: { $reason }.
P0305 = Im Stammverzeichnis „{ $root }“ darf nichts geändert werden: Es ist in procedo.toml als schreibgeschützt (read-only) festgelegt.
P0306 = „{ $path }“ ist kein Pfad im Stammverzeichnis „{ $root }“: { $rule ->
    [empty] Er ist leer
    [absolute] Er beginnt mit „/“; geben Sie ihn ab dem Stammverzeichnis an
    [dots] Er enthält den Teil „{ $found }“
    [empty-part] Er enthält einen leeren Teil („//“ oder „/“ am Ende)
    [control] Er enthält das Zeichen { $found }, das Zeilen oder die Schreibrichtung steuert
    [long-name] Ein Teil hat { $found } Byte; erlaubt sind 255
   *[long-path] Er hat { $found } Byte; erlaubt sind 4095
}.
P0307 = { $root }:{ $path } führt über den Link { $link } aus dem Stammverzeichnis hinaus. Links werden nur verfolgt, soweit sie darin bleiben.
P0308 = Die Dateien des Stammverzeichnisses „{ $root }“ sind nicht sicher erreichbar: Dem Kernel oder der Sandbox dieses Systems fehlt openat2 (ab Linux 5.6).
P0309 = { $root }:{ $path } ist nicht, was der Aufruf braucht. Erwartet: { files-kind-expected }; gefunden: { files-kind-found }.
P0310 = { $root }:{ $path } ist ein Gerät, ein Socket oder eine Pipe; diese werden aufgelistet, aber nie geöffnet, kopiert oder entfernt.
P0311 = { $root }:{ $path } hat { $size } Byte; erlaubt sind { $limit }.
P0312 = { $root }:{ $path } hat mehr als { $limit } Einträge. Nennen Sie ein Verzeichnis darunter.
P0313 = Das Verzeichnis { $root }:{ $path } enthält den Namen „{ $name }“, der kein UTF-8 ist oder Steuerzeichen enthält. Benennen Sie ihn zuerst um.
P0314 = { $root }:{ $path } wurde geändert, seit die Datei gelesen wurde. Erwartet: { files-expected }; gefunden: { files-found }. Lesen Sie sie erneut.
P0315 = { $root }:{ $path } ist nicht mehr so wie im Plan; es wurde nichts geändert. Erwartet: { files-expected }; gefunden: { files-found }.
P0316 = { $root }:{ $path } gibt es schon, mit anderem Inhalt als { $source }, und bleibt unverändert. Entfernen Sie es oder benennen Sie es um, wenn die Kopie an seine Stelle treten soll.
P0317 = { $root }:{ $path } kann nicht angelegt werden: Das Verzeichnis { $folder } gibt es nicht. Legen Sie es zuerst an.
P0318 = „{ $encoding }“ bezeichnet keine Zeichencodierung, für { $root }:{ $path }. Verwenden Sie etwa utf-8, windows-1252 oder utf-16le.
P0319 = Die Bytes von { $root }:{ $path } sind kein gültiges { $encoding }. Geben Sie an, in welcher Codierung die Datei vorliegt.
P0320 = { $root }:{ $path } wird in { $encoding } geschrieben; dort gibt es das Zeichen „{ $character }“ ({ $code-point }) aus Zeile { $line } nicht. Wählen Sie eine andere Codierung oder ändern Sie den Text.
P0321 = { $root }:{ $path } kann nicht mit einer Bytereihenfolge-Marke beginnen: { $encoding } hat keine. Nur UTF-8 und UTF-16 haben sie.
P0322 = Das Zeilenende, mit dem { $root }:{ $path } geschrieben wird, muss lf oder crlf sein.
P0323 = { $root }:{ $path }: „{ $find }“ wurde { $expected ->
    [one] einmal
   *[other] { $expected }-mal
} erwartet und kommt { $found ->
    [one] einmal
   *[other] { $found }-mal
} vor; es wurde nichts geschrieben.
P0324 = Eine Bearbeitung von { $root }:{ $path } sucht einen leeren Text. Geben Sie an, was gesucht wird.
P0325 = { $root }:{ $path } lässt sich nicht bearbeiten: In { $encoding } gibt es für die Bytes mehr als eine Schreibweise, und auch andere als die bearbeiteten Bytes würden sich ändern. Schreiben Sie die Datei stattdessen ganz.
P0326 = Zum Schreiben von { $root }:{ $path } ist kein Platz mehr; der alte Inhalt ist unverändert. Schaffen Sie Platz und versuchen Sie es erneut.
P0327 = Das System erlaubt dies mit { $root }:{ $path } nicht: { $reason }. Prüfen Sie die Rechte des Kontos, unter dem Procedo läuft.
P0328 = { $root }:{ $path }: { $reason }
P0329 = { $root }:{ $path } lässt sich nicht als zip-, war- oder jar-Archiv lesen: { $reason }.
P0330 = Das Archiv { $root }:{ $path } enthält den Eintrag „{ $entry }“, der abgelehnt wird: { $rule ->
    [duplicate] Der Name kommt zweimal vor
    [encrypted] Er ist verschlüsselt
   *[unsafe] Der Name könnte aus einem Verzeichnis hinausführen oder enthält Steuerzeichen
}.
P0331 = Das Archiv { $root }:{ $path } enthält keine Datei „{ $entry }“. files.list-archive nennt die vorhandenen.
P0332 = Der für { $root }:{ $path } angegebene Stand wurde von keinem Lauf dieses Standorts aufgezeichnet.
P0333 = { $root }:{ $path } kann seinem Eigentümer { $user }:{ $group } nicht übergeben werden: Das Konto, unter dem Procedo läuft, darf das nicht. Es wurde nichts geändert.
P0334 = { $root }:{ $path } führt über mehr als { $limit } Links. Möglicherweise führen sie im Kreis.
P0335 = { $root }:{ $path } wurde von jemand anderem geändert, während es benutzt wurde. Versuchen Sie es erneut.
P0336 = { $root }:{ $path } kann nicht nach { $target } kopiert werden, das darin liegt.
P0337 = Von { $root }:{ $path } ist daneben etwas als { $left } liegen geblieben: { $reason }. Entfernen Sie es von Hand.
P0338 = Das Archiv { $root }:{ $path } verwendet { $feature }; das kann nicht geschrieben werden.
P0339 = Der Eintrag „{ $entry }“ im Archiv { $root }:{ $path } hat { $size } Byte oder mehr; erlaubt sind { $limit }.
P0340 = Das Stammverzeichnis „{ $root }“ ist { $folder }; von dort ist { $store } erreichbar, wo der Standort sein Journal und seinen Schlüssel aufbewahrt. Wählen Sie in procedo.toml einen Ordner, der davon getrennt liegt.
P0341 = Die Dateien des Stammverzeichnisses „{ $root }“ sind nicht sicher erreichbar: Der Maschine „{ $machine }“ fehlt { $what }. Installieren Sie dort coreutils und findutils von GNU oder nehmen Sie das Stammverzeichnis aus procedo.toml.
P0345 = Das Stammverzeichnis „{ $root }“ ist { $folder }; von dort ließe sich { $rule } ändern, und damit, was Prozeduren sind und dürfen. Wählen Sie in procedo.toml einen Ordner, der davon getrennt liegt, oder erklären Sie das Stammverzeichnis für read-only.

title = Webkomponenten lokalisieren
summary = Erstellt aus den Seiten einer Sprache das Verzeichnis einer neuen: Texte nach einem Katalog übersetzt, UTF-8, dazu eine Hauptseite, die dorthin führt; öffnet dann die neue Seite über den Webserver.
param-root = Das Stammverzeichnis mit den Webkomponenten.
param-origin = Der Ursprung (Origin), der sie ausliefert.
param-virtual-directory = Der Pfad, unter dem der Ursprung das Stammverzeichnis ausliefert, zum Beispiel /HPPC; leer, wenn es der Ursprung selbst ist.
param-html = Das Verzeichnis der Seiten, unterhalb des Stammverzeichnisses.
param-source = Das Verzeichnis der Ausgangssprache, im Verzeichnis der Seiten.
param-language = Das Verzeichnis der neuen Sprache, zum Beispiel deutsch.
param-lang = Das Sprachkennzeichen der Seiten (BCP 47), zum Beispiel de.
param-catalogue-root = Das Stammverzeichnis mit dem Katalog.
param-catalogue = Der Katalog der Übersetzungen, eine PO- oder CSV-Datei unterhalb seines Stammverzeichnisses.
param-main-page = Die Hauptseite der Ausgangssprache.
param-new-main-page = Die Hauptseite der neuen Sprache; fehlt sie, WC und der Name des Verzeichnisses: WCDeutsch.htm.
param-further-main-pages = Weitere Hauptseiten, die kopiert werden, jeweils mit ihrem neuen Namen: WCCallbackMain.htm zu WCCallbackDeutsch.htm.
step-check = Seiten und Katalog lesen
step-copy = Dateien der Sprache kopieren
step-translate = Seiten übersetzen
step-main-page = Hauptseite erstellen
step-page = Neue Seite öffnen und ihrer Schaltfläche folgen
reading = Seiten werden gelesen
translated = { $texts ->
    [one] Ein Text
   *[other] { $texts } Texte
    } auf { $pages ->
    [one] einer Seite
   *[other] { $pages } Seiten
    } für { $folder } übersetzt.
untranslated = { $texts ->
    [one] Ein Text hat im Katalog keine Übersetzung und bleibt, wie er ist; das Ergebnis nennt ihn.
   *[other] { $texts } Texte haben im Katalog keine Übersetzung und bleiben, wie sie sind; das Ergebnis nennt sie.
    }
ignored = { $entries ->
    [one] Ein Eintrag des Katalogs wird
   *[other] { $entries } Einträge des Katalogs werden
    } nicht verwendet; das Ergebnis nennt die Gründe.
unchanged = { $folder } und die Hauptseite sind schon, wie sie sein sollen; nichts wird geändert.
not-followed = Die Schaltfläche von { $path } sendet ein Formular mit POST oder führt zu einem anderen Ursprung; ihr wurde nicht gefolgt. Probieren Sie sie in einem Browser aus.
W0101 = „{ $catalogue }“ ist kein Katalog: Der Name muss auf .po oder .csv enden.
W0102 = Der Katalog { $catalogue } ist in Zeile { $line } nicht lesbar: { $fault ->
    [keyword] Die Zeile beginnt mit keinem Schlüsselwort des PO-Formats.
    [quotes] Der Text steht nicht zwischen Anführungszeichen oder enthält eines ohne umgekehrten Schrägstrich.
    [escape] Auf einen umgekehrten Schrägstrich folgt etwas, das das PO-Format nicht kennt.
   *[order] Die Zeile darf hier nicht stehen; jeder Eintrag ist eine msgid, gefolgt von ihrem msgstr.
    } Berichtigen Sie die Zeile.
W0103 = Der Katalog { $catalogue } ist in Zeile { $line } nicht lesbar: { $reason }. Berichtigen Sie die Zeile.
W0105 = Der Parameter { $parameter } hat den Wert „{ $value }“; von dort werden die Seiten kopiert. Wählen Sie einen anderen Namen.
W0106 = Der Parameter lang hat den Wert „{ $value }“, der kein Sprachkennzeichen ist. Geben Sie eines wie de, es oder pt-BR an.
W0107 = Es gibt { $what ->
    [folder] kein Verzeichnis
   *[page] keine Seite
    } „{ $path }“ zum Kopieren. Prüfen Sie das Stammverzeichnis und die Parameter html, source und main-page.
W0109 = Die Seite { $path } enthält in keinem URL, Feld oder Skript varUserLanguage={ $source }, sodass eine Kopie nicht in das neue Verzeichnis führen könnte. Prüfen Sie die Parameter main-page und source.
W0110 = „{ $path }“ ist mit anderem Inhalt vorhanden und wird nicht überschrieben.{ $count ->
    [0] {""}
    [one] {" "}Es unterscheidet sich: { $files }.
   *[other] {" "}{ $count } Dateien unterscheiden sich: { $files }.
    } Wählen Sie einen anderen Namen, oder vergleichen und entfernen Sie, was dort ist.
W0111 = Der Katalog { $catalogue } benennt seine Spalten nicht: Die erste Zeile muss „source“ und „translation“ enthalten.
W0112 = { $url } wurde mit dem Status { $value } statt 200 beantwortet. Prüfen Sie den Webserver und die Parameter origin und virtual-directory.
W0113 = { $url } wird als { $value } statt UTF-8 ausgeliefert, sodass Nicht-ASCII-Zeichen falsch angezeigt werden. Stellen Sie den Zeichensatz des Webservers auf UTF-8, oder lassen Sie ihn keinen senden.
W0114 = { $url } enthält falsch codierte Zeichen („{ $value }“). Prüfen Sie, wie der Webserver Seiten umwandelt.
W0115 = { $url } zeigt den Text „{ $value }“ nicht. Prüfen Sie, ob der Webserver dieses Stammverzeichnis ausliefert und kein Zwischenspeicher eine alte Seite hält.
W0116 = { $path } hat keinen Link, kein Formular und kein Skript, das varUserLanguage={ $language } anfordert. Prüfen Sie, ob der Webserver dieses Stammverzeichnis ausliefert.
W0117 = Das Paar „{ $value }“ verwendet den Namen einer anderen Hauptseite. Geben Sie jeder Seite einen eigenen Namen.

title = Webkomponenten mit einem Skript lokalisieren
summary = Kopiert die Seiten einer Sprache und ersetzt die Texte, die in einer PO-Datei stehen, je Zeile eine msgid und ein msgstr. Es kennt Texte, die ganz zwischen zwei Tags oder in title, alt oder value mit doppelten Anführungszeichen stehen; HTML liest es nicht wie web/localize-components.
param-root = Das Stammverzeichnis mit den Webkomponenten.
param-origin = Der Ursprung (Origin), der sie unter /HPPC ausliefert.
param-source = Das Verzeichnis der Ausgangssprache.
param-language = Das Verzeichnis der neuen Sprache, zum Beispiel deutsch.
param-lang = Das Sprachkennzeichen der Seiten, zum Beispiel de.
param-catalogue = Die PO-Datei, unterhalb des Stammverzeichnisses translations.
step-copy = Dateien der Sprache kopieren
step-translate = Texte ersetzen
step-main-page = Hauptseite erstellen
step-page = Neue Seite öffnen
differs = „{ $path }“ ist mit anderem Inhalt vorhanden und wird nicht überschrieben. Wählen Sie ein anderes Sprachverzeichnis, oder vergleichen und entfernen Sie, was dort ist.
no-language = { $path } enthält kein varUserLanguage={ $source }, das sich ändern ließe. Prüfen Sie den Parameter source.
not-served = { $path } wurde mit dem Status { $status } beantwortet oder ohne den Text der Seite in UTF-8. Prüfen Sie, ob der Webserver das Stammverzeichnis { $root } ausliefert.

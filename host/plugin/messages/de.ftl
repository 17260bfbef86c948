# Dateien, die kein Plugin dieses Hosts sind.
P0701 = Das Plugin { $path } kann nicht gelesen werden: { $reason }. Prüfen Sie den Pfad und die Zugriffsrechte.
P0702 = Das Plugin { $path } ist größer als { $mib } MiB; mehr darf ein Plugin nicht haben. Bauen Sie es ohne Debug-Informationen oder installieren Sie ein anderes.
P0703 = { $path } ist keine WebAssembly-Komponente. Installieren Sie die .wasm-Datei, die beim Bauen des Plugins entstanden ist.
P0704 = { $path } ist ein WebAssembly-Kernmodul und keine Komponente. Machen Sie mit wit-component eine daraus, wie es das SDK unter „Building“ erklärt.
P0705 = Das Plugin { $path } ist beschädigt oder nutzt einen Teil von WebAssembly, den dieser Host nicht ausführt: { $reason }. Kopieren oder bauen Sie es neu.
P0706 = Das Plugin { $path } importiert { $import }; das hat dieser Host nicht. Bauen Sie es mit dem WIT-Paket dieses Hosts und mit nichts anderem.
P0707 = Das Plugin { $path } braucht { $import }; das ist neuer als die Version { $version } dieses Hosts. Aktualisieren Sie Procedo oder installieren Sie eine Fassung des Plugins für { $version }.
P0708 = Das Plugin { $path } braucht { $import }; das ist älter als die Version { $version } dieses Hosts und wird nicht mehr angeboten. Installieren Sie eine Fassung des Plugins für { $version }.
P0709 = Das Plugin { $path } importiert { $function } als { $found }, dieser Host hat es aber als { $expected }. Bauen Sie das Plugin mit dem WIT-Paket dieses Hosts neu.
P0710 = Das Plugin { $path } exportiert „{ $export }“ nicht so, wie die Welt „plugin“ es verlangt: { $reason }. Bauen Sie es mit dem WIT-Paket dieses Hosts.
P0711 = Das Plugin { $path } beschreibt seine Prozedur „{ $procedure }“ falsch: { $reason }. Das muss der Autor des Plugins berichtigen.
P0712 = Das Plugin { $path } wurde nach dem Laden ersetzt. Starten Sie neu, damit das neue geladen wird.
P0713 = Die Plugin-Laufzeit kann hier nicht arbeiten: { $reason }. Prüfen Sie den freien Speicher und die Grenzen dieses Kontos.

# Gäste, die eine Grenze oder den Vertrag verletzen.
P0720 = Das Plugin { $path } hat mehr als { $seconds } Sekunden ohne einen Aufruf gerechnet und wurde beendet. Vermutlich läuft es in einer Endlosschleife; das muss der Autor berichtigen.
P0721 = Das Plugin { $path } hat in einem Lauf mehr als { $limit } Aufrufe gemacht und wurde beendet. Vermutlich läuft es in einer Endlosschleife; das muss der Autor berichtigen.
P0722 = Das Plugin { $path } hat mehr als die { $mib } MiB Speicher verlangt, die ein Plugin haben darf, und endete. Lassen Sie es weniger auf einmal bearbeiten oder fragen Sie den Autor.
P0723 = Das Plugin { $path } hat mehr als die { $kib } KiB Stapelspeicher gebraucht, die ein Plugin haben darf, und wurde beendet. Vermutlich ruft es sich endlos selbst auf; das muss der Autor berichtigen.
P0724 = Das Plugin { $path } ist in sich gescheitert und wurde beendet: { $reason }. Das ist ein Fehler des Plugins; die letzte Warnung des Laufs enthält seine Worte – geben Sie sie dem Autor weiter.
P0725 = Das Plugin { $path } wollte in einem Aufruf mehr als { $mib } MiB an den Host übergeben und wurde beendet. Es muss weniger auf einmal übergeben.
P0726 = Das Plugin { $path } lieferte ein Ergebnis von mehr als { $mib } MiB. Es muss Großes in Dateien ablegen und nur sagen, wo.
P0727 = Das Plugin { $path } lieferte ein Ergebnis, das kein JSON ist: { $reason }. Das muss der Autor berichtigen.
P0728 = Ein Wert zwischen dem Host und dem Plugin { $path } entspricht nicht der Schnittstelle: { $reason }. Das ist ein Fehler von Procedo; bitte melden Sie ihn.
P0729 = Das Plugin { $path } rief { $function } auf, bevor es eine Prozedur ausführen sollte. Der Autor muss den Aufruf in die Prozedur verlegen.
P0730 = Das Plugin { $path } hat sich selbst beendet, statt zu antworten. Der Autor muss die Prozedur ein Ergebnis oder einen Fehler zurückgeben lassen.
P0731 = Das Plugin { $path } rief { $function } auf; das wird Plugins nicht angeboten. Der Autor muss stattdessen die Fähigkeiten von Procedo verwenden.

P0601 = { $place }: Der Kopf des Skripts ist ungültig: { $reason }.{ $excerpt }
P0602 = { $file }: Das Skript hat keinen Kopf. Schreiben Sie sein Manifest als TOML in Zeilen, die mit //! beginnen, vor die erste Anweisung.
P0603 = { $place }: Das ist kein gültiges Rhai: { $reason }.{ $excerpt }
P0604 = { $place }: Das Skript ist gescheitert: { $reason }.{ $excerpt }
P0605 = { $place }: { $message }{ $excerpt }
P0606 = { $place }: Das Skript hat { $value } geworfen.{ $excerpt }
P0607 = { $place }: Die Funktion { $name } gibt es nicht.{ $excerpt }
P0608 = { $place }: Die Variable { $name } gibt es nicht.{ $excerpt }
P0609 = { $place }: Das Element { $name } gibt es nicht.{ $excerpt }
P0610 = { $place }: Das Modul { $name } gibt es nicht.{ $excerpt }
P0611 = { $file } kann nicht gelesen werden: { $reason ->
    [missing] Es gibt sie nicht
    [link] Sie ist eine symbolische Verknüpfung oder liegt unter einer
    [not-a-file] Sie ist keine gewöhnliche Datei
    [too-large] Sie hat mehr als { $limit } Bytes
    [not-text] Sie ist kein UTF-8
   *[other] { $reason }
}.
P0612 = { $place }: „{ $path }“ kann nicht importiert werden: Das geht nur mit Dateien neben dem Skript oder in Ordnern darunter, und nicht über Verknüpfungen.{ $excerpt }
P0613 = { $place }: { $module }, das importiert werden soll, gibt es nicht.{ $excerpt }
P0614 = { $place }: Was importiert wird, muss als fester Text dastehen, zum Beispiel "lib/names".{ $excerpt }
P0615 = { $place }: Das Skript importiert mehr als { $limit } Module.{ $excerpt }
P0616 = { $place }: Module importieren einander im Kreis: { $circle }.{ $excerpt }
P0617 = fail: „{ $kind }“ ist keine Art von Fehler. Möglich sind denied, invalid, not-found, conflict, too-large, unavailable, timed-out, failed, not-supported und cancelled.
P0618 = Skripte warten mit run::sleep(Millisekunden), nicht mit sleep: So wird das Warten aufgezeichnet und übersteht einen Neustart.
P0619 = fail: Der Code { $code } gehört Procedo selbst. Wählen Sie einen anderen, zum Beispiel no-pages.
P0620 = { $place }: Teilen von „this“ kann nichts zugewiesen werden. Geben Sie den neuen Wert zurück, oder ändern Sie eine benannte Variable.{ $excerpt }
P0621 = { $place }: Das Skript hat mehr als { $limit } Operationen ausgeführt. Eine Endlosschleife?{ $excerpt }
P0622 = { $place }: { $what ->
    [text] Ein Text
    [items] Ein Array
   *[members] Eine Map
} ist größer geworden, als Skripte es halten dürfen.{ $excerpt }
P0623 = { $place }: Funktionen rufen einander zu tief auf. Eine Rekursion ohne Ende?{ $excerpt }
P0624 = { $place }: { $what ->
    [variables] Das Skript hat zu viele Variablen auf einmal.
   *[modules] Das Skript hat zu viele Module.
}{ $excerpt }
P0625 = { $place }: Das Skript hat mehr als { $seconds } s lang gerechnet, ohne etwas aufzurufen.{ $excerpt }
P0631 = { $file }: Das Ergebnis des Skripts lässt sich nicht als JSON angeben: { $part } ist { $value }.
P0632 = Das Skript kann jetzt nicht gestartet werden: { $reason }. Versuchen Sie es noch einmal, wenn weniger läuft.
P0641 = Die Funktion { $name } gibt es nicht.
P0642 = { $name } wird mit { $count } Argumenten aufgerufen; möglich: { $counts }.
P0643 = { $name } gibt es nicht. Es gibt: { $names }.
P0644 = Das Modul { $name } gibt es nicht.
P0645 = { $function } wird aufgerufen, aber das Manifest nennt keinen Bedarf an „{ $capability }“: Der Aufruf wird verweigert werden. Ergänzen Sie needs im Kopf.
P0646 = „{ $step }“ ist kein Schritt des Manifests. Es hat: { $steps }.
P0647 = Das Manifest braucht „{ $capability }“, das keine Fähigkeit ist. Es gibt: { $names }.
P0648 = Das Manifest braucht „{ $capability }“, aber nichts im Skript verwendet es. Entfernen Sie es, damit nicht mehr gestattet wird als nötig.
P0649 = Das Manifest führt den Schritt „{ $step }“ auf, aber nichts im Skript beginnt ihn.

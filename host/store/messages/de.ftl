P0201 = Ein anderer Prozess führt den Lauf { $run } gerade aus. Warten Sie, bis er beendet ist oder wartet, oder verfolgen Sie ihn: procedo follow { $run }.
P0202 = Den Lauf „{ $run }“ gibt es hier nicht. „procedo runs“ listet die vorhandenen auf.
P0203 = Das Journal ließ sich nicht verwenden: { $reason }.
P0204 = Der Datenträger ist voll ({ $path }): Das Journal kann nicht geschrieben werden. Schaffen Sie Platz und setzen Sie dann die betroffenen Läufe fort.
P0205 = Der Blob { $blob } wurde verändert: Sein Inhalt passt nicht zu seinem Namen. „procedo audit verify“ nennt den Eintrag, der ihn benötigt.
P0206 = Der Lauf { $run } ist beendet: Es kann nichts mehr hinzugefügt werden.
P0207 = Das Journal des Laufs { $run } ist bei Eintrag { $seq } beschädigt: { audit-why }. Es wird nicht verwendet; „procedo audit verify“ sagt mehr.
P0208 = Der Blob { $blob } ist nicht vorhanden.
P0209 = Der Schlüssel des Standorts fehlt ({ $path }): Spielen Sie ihn aus Ihrer Kopie zurück. Ohne ihn ist das Journal nicht verwendbar, und kein neuer Schlüssel kann ihn ersetzen.
P0210 = Der Schlüssel gehört nicht zum Journal in { $path }. Prüfen Sie PROCEDO_KEY, PROCEDO_KEY_FILE und die Datei „key“ dort.
P0211 = { $place } enthält keinen Schlüssel: Erwartet werden 64 hexadezimale Ziffern.
P0212 = Die Datenbank des Journals ist beschädigt oder stammt nicht von Procedo: { $reason }. Stellen Sie den Ordner „.procedo“ aus einer Sicherung wieder her.
P0213 = Das Journal hat das Format { $found }, dieses Procedo kennt das Format { $known }. Verwenden Sie das neuere Procedo, das es geschrieben hat.
P0214 = Der Inhalt ist zu groß für das Journal: { $size } Byte. Möglich sind höchstens 900.000.000.
P0215 = Die Geheimnisse in { $path } sind beschädigt oder mit einem anderen Schlüssel verschlüsselt. Stellen Sie die Datei aus einer Sicherung wieder her, oder löschen Sie sie und setzen Sie die Geheimnisse neu.
P0216 = Dieser Prozess führt den Lauf { $run } nicht aus und kann daher nicht in sein Journal schreiben. Das ist ein Fehler in Procedo.
P0217 = Einen Lauf { $run } gibt es bereits.
P0218 = { $path } lässt sich nicht verwenden: { $reason }.
P0220 = Den Kopf { $number } hat dieser Standort nicht signiert: { audit-why }.
P0221 = Zeile { $line } gehört nicht zu einem Export dieses Standorts: { $reason }.

audit-why = { $why ->
    [entry-changed] der Eintrag wurde verändert und passt nicht zu seinem Hashwert
    [entry-unreadable] der Eintrag lässt sich nicht lesen: { $reason }
    [out-of-order] hier müsste Eintrag { $expected } stehen, es steht aber Eintrag { $found } da: ein Eintrag wurde entfernt, hinzugefügt oder verschoben
    [leads-astray] der Eintrag führt nicht zu seinem Vorgänger
    [missing] der Eintrag fehlt
    [cut] es wurden Einträge entfernt: das Journal war bis Eintrag { $signed } signiert
    [rewritten] das Journal wurde umgeschrieben: der Eintrag ist nicht der, der signiert wurde
    [not-its-start] das Journal beginnt nicht mit dem Start dieses Laufs
    [after-end] nach dem Ende des Laufs folgt noch ein Eintrag
    [unsigned] der Eintrag müsste in der signierten Kette stehen, fehlt dort aber
    [list-differs] die Liste der Läufe sagt „{ $listed }“, das Journal „{ $told }“ ({ $column ->
        [procedure] Prozedur
        [actor] wer ihn gestartet hat
        [started] Start
        [finished] Ende
        [parent] übergeordneter Lauf
        [undoes] rückgängig gemachter Lauf
       *[state] Zustand
    })
    [not-listed] es gibt Einträge des Laufs Nummer { $number }, der nicht in der Liste der Läufe steht
    [no-entries] der Lauf steht in der Liste, hat aber keine Einträge
    [head-changed] der Kopf wurde verändert
    [head-forged] die Signatur des Kopfs stammt nicht von diesem Standort
    [head-out-of-order] hier müsste Kopf { $expected } stehen, es steht aber Kopf { $found } da: ein Kopf wurde entfernt, hinzugefügt oder verschoben
    [blob-lost] der Blob { $blob } ist verloren
    [blob-changed] der Blob { $blob } wurde verändert
    [tail-cut] die Kette endet bei Kopf { $found }, vor dem exportierten Kopf { $exported }: ihr Ende wurde abgeschnitten
    [chain-rewritten] Kopf { $exported } ist nicht der früher exportierte: die Kette wurde umgeschrieben
   *[other] { $why }
}
audit-entry = Lauf { $run }, Eintrag { $seq }: { audit-why }
audit-run = Lauf { $run }: { audit-why }
audit-store = Speicher: { audit-why }

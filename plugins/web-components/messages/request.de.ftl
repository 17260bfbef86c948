title = Callback-Anforderung prüfen
summary = Prüft eine Web Callback-Anforderung vor dem Senden gegen die Grenzen des Contact Centers und nennt zu jedem Verstoß den Fehlercode.
param-customer-name = Der Name des Kunden.
param-description = Worum es bei dem Callback geht.
param-contact-data = Die zusätzlichen Elemente nach Namen.
param-priority = Die Priorität, 1 bis 100.
param-phone = Die anzurufende Nummer.
param-start = Ab wann anzurufen ist, nach RFC 3339 (2026-11-22T10:00:00+01:00).
param-end = Bis wann anzurufen ist, nach RFC 3339.
param-mandatory = Die Felder, die ausgefüllt sein müssen.
param-excluded-numbers = Die ausgeschlossenen Nummern; eine, die auf * endet, steht für alle, die so beginnen.
violation = { $field } würde mit dem Code { $code } abgelehnt: { $rule ->
    [length] { $value } Zeichen, zulässig sind höchstens { $limit }.
    [priority] „{ $value }“ ist keine ganze Zahl von 1 bis 100.
    [phone] „{ $value }“ ist keine Telefonnummer mit 3 bis 20 Ziffern.
    [excluded] „{ $value }“ ist eine ausgeschlossene Nummer.
    [moment] „{ $value }“ ist kein Datum mit Uhrzeit und Zeitversatz wie 2026-11-22T10:00:00+01:00.
    [order] Der Beginn liegt nicht vor dem Ende ({ $value }).
    [expired] { $value } ist vorbei.
    [ahead] { $value } liegt mehr als { $limit } Tage in der Zukunft.
   *[mandatory] Das Feld muss ausgefüllt sein.
    }
W0401 = Der Zeitpunkt „{ $moment }“ des Laufs ist nicht lesbar: { $reason }. Das ist ein Fehler des Hosts; melden Sie ihn.

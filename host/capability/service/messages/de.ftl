# Operationen, wie ein Journal oder ein Plan sie nennt.
service-status = Den Dienst { $service } ansehen
service-start = Den Dienst { $service } starten
service-stop = Den Dienst { $service } anhalten
service-restart = Den Dienst { $service } neu starten
service-set-password = Das Kennwort des Kontos { $account } des Dienstes { $service } setzen
service-wait-for = Warten, bis der Zustand des Dienstes { $service } „{ service-wanted-of-call }“ ist
service-wanted-of-call = { $state ->
    [running] läuft
    [stopped] angehalten
    [starting] startet
    [stopping] wird beendet
    [failed] ausgefallen
   *[unknown] unbekannt
}

# Zustände.
service-state = { $state ->
    [running] läuft
    [stopped] angehalten
    [starting] startet
    [stopping] wird beendet
    [failed] ausgefallen
   *[unknown] unbekannt
}
service-wanted = { $wanted ->
    [running] läuft
    [stopped] angehalten
    [starting] startet
    [stopping] wird beendet
    [failed] ausgefallen
   *[unknown] unbekannt
}
service-found = { $found ->
    [running] läuft
    [stopped] angehalten
    [starting] startet
    [stopping] wird beendet
    [failed] ausgefallen
   *[unknown] unbekannt
}
service-waiting = { $service }: { service-state }

# Was ein Aufruf ändert.
service-change-start = Der Dienst { $service } wird gestartet (jetzt: { service-state }).
service-change-stop = Der Dienst { $service } wird angehalten (jetzt: { service-state }).
service-change-restart = Der Dienst { $service } wird neu gestartet (jetzt: { service-state }).
service-change-password = Das Konto { $account } des Dienstes { $service } erhält ein anderes Kennwort.
service-change-password-for-good = Das Konto { $account } des Dienstes { $service } erhält ein anderes Kennwort. Das frühere wurde nicht genannt: Dies lässt sich nicht rückgängig machen.

# Was gefunden wurde.
service-unforeseeable = Der Zustand des Dienstes { $service } ist jetzt „{ service-found }“; ob er „{ service-wanted }“ wird, zeigt sich erst im Lauf.
service-found-unknown = der Dienst { $service } läuft weder noch ist er angehalten: { $detail }
service-password-unknown = ob das Konto { $account } des Dienstes { $service } das Kennwort erhalten hat, lässt sich ohne Anmeldung nicht feststellen
service-undo-conflict = der Zustand des Dienstes { $service } sollte „{ service-wanted }“ sein und ist „{ service-found }“
service-no-former = das frühere Kennwort des Kontos { $account } des Dienstes { $service } wurde nicht genannt

# Fehler.
P1101 = Der Standort hat keinen Dienst { $service }. Er hat: { $known }. Berichtigen Sie den Namen, oder ergänzen Sie [resource.service.{ $service }] in procedo.toml.
P1102 = Die Einstellungen des Dienstes { $service } in procedo.toml sind nicht gültig: { $reason }. Berichtigen Sie sie.
P1103 = Der Dienst { $service } läuft weder noch ist er angehalten: { $detail }. Es wurde nichts getan; bringen Sie ihn zuerst in einen bekannten Zustand.
P1104 = Der Dienst { $service } ist nach { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch nicht beendet. Es läuft noch: { $processes }. Beenden Sie dies, oder lassen Sie mit stop-timeout mehr Zeit.
P1105 = Der Dienst { $service } ist nicht gestartet: { $reason }. Beheben Sie die Ursache, und starten Sie ihn noch einmal.
P1106 = Der Dienst { $service } läuft nach { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch nicht; Zustand: { service-state } ({ $detail }). Sehen Sie in sein Protokoll, oder lassen Sie mit start-timeout mehr Zeit.
P1107 = Der Dienst { $service } hat innerhalb von { $timeout ->
    [one] einer Millisekunde
   *[other] { $timeout } Millisekunden
} nicht den Zustand „{ service-wanted }“ erreicht; Zustand: { service-found } ({ $detail }).
P1108 = Es ist nicht angegeben, wie das Kennwort des Dienstes { $service } gesetzt wird. Nennen Sie in seinen Einstellungen in procedo.toml ein password-program.
P1109 = { $tool } ist für den Dienst { $service } auf { $machine } mit { $exit } gescheitert: { $reason }.
P1110 = { $tool } hat über den Dienst { $service } auf { $machine } eine Antwort gegeben, die nicht lesbar ist: { $answer }.
P1111 = Das Kennwort des Dienstes { $service } kann nicht gesetzt werden: { $what ->
    [account] Der Name des Kontos ist leer, zu lang oder enthält einen Doppelpunkt oder ein Steuerzeichen
    [short] Ein Kennwort ist kürzer als { $shortest } Zeichen
    [long] Ein Kennwort ist länger als { $longest } Byte
   *[control] Ein Kennwort enthält ein Steuerzeichen
}. Es wurde nichts geändert.
P1112 = Der Dienst { $service } hat sich geändert, nachdem der Neustart geplant wurde: Zustand damals „{ service-wanted }“, jetzt „{ service-found }“, oder er läuft als anderer Prozess. Es wurde nichts getan; planen Sie neu.
P1113 = Der Rechner { $machine } hat keinen Dienst { $unit }, für den { $service } steht. Installieren Sie ihn, oder berichtigen Sie seinen Namen in procedo.toml.
P1114 = Der Treiber { $driver } des Dienstes { $service } passt nicht zum System des Rechners { $machine }. Berichtigen Sie eines von beiden in procedo.toml.
P1115 = Ein Zeitlimit von { $timeout } Millisekunden ist zu lang: Höchstens { $limit } sind möglich.
P1116 = Dem Rechner { $machine } fehlt, was der Dienst { $service } braucht: { $what }.
P1117 = Was über den Dienst { $service } aufgezeichnet wurde, ist nicht lesbar: { $reason }.
P1118 = Der Dienst { $service } läuft unter dem Konto { $found }, nicht unter { $account }. Es wurde nichts geändert; nennen Sie das richtige Konto.

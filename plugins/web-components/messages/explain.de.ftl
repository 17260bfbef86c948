title = Web Callback-Fehler erklären
summary = Sagt, was ein Web Callback-Fehlercode bedeutet und was zu tun ist.
param-code = Der vom Web Callback zurückgegebene Code, zum Beispiel 17031.
W0301 = { $code } ist kein Web Callback-Fehlercode. Es gibt: { $known }. Fehler des Callback-Servers selbst sind im System Monitor beschrieben.

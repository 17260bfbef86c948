W0104 = Der Parameter { $parameter } hat den Wert „{ $value }“, der nicht zulässig ist: { $rule ->
    [character] Das Zeichen „{ $character }“ ({ $code }) an Position { $position } darf dort nicht stehen. Lassen Sie es weg.
    [length] Er hat { $length } Zeichen, zulässig sind höchstens { $limit }. Kürzen Sie ihn.
    [range] Er muss eine ganze Zahl von { $from } bis { $to } sein.
    [listed] Er muss einer von diesen sein: { $allowed }.
    [device] Windows verwendet diesen Namen für ein Gerät. Wählen Sie einen anderen.
    [ending] Er muss auf .htm oder .html enden.
   *[empty] Er ist leer.
    }
W0108 = Die Seite { $path } lässt sich nicht als HTML lesen: { $reason }. Berichtigen Sie die Seite.

W0104 = El parámetro { $parameter } tiene el valor «{ $value }», que no se permite: { $rule ->
    [character] el carácter «{ $character }» ({ $code }) de la posición { $position } no puede estar ahí. Quítelo.
    [length] tiene { $length } caracteres y se permiten { $limit } como máximo. Acórtelo.
    [range] debe ser un número entero de { $from } a { $to }.
    [listed] debe ser uno de estos: { $allowed }.
    [device] Windows reserva este nombre para un dispositivo. Elija otro.
    [ending] debe terminar en .htm o .html.
   *[empty] está vacío.
    }
W0108 = La página { $path } no se puede leer como HTML: { $reason }. Corrija la página.

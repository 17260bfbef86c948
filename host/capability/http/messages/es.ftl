### Mensajes de la capacidad `http`: errores P04xx, su operación, sus cambios.

http-send = Enviar una petición HTTP

http-change-put-new = PUT { $url }: pone { $size ->
        [one] un byte
       *[other] { $size } bytes
    } donde no hay nada
http-change-put-over = PUT { $url }: sustituye { $before ->
        [one] un byte
       *[other] { $before } bytes
    } por { $size ->
        [one] un byte
       *[other] { $size } bytes
    }
http-change-put-same = PUT { $url }: pone lo que ya hay
http-change-put = PUT { $url }: pone { $size ->
        [one] un byte
       *[other] { $size } bytes
    }; lo que hay ahora no se puede ver
http-change-delete = DELETE { $url }: elimina lo que hay
http-change-delete-none = DELETE { $url }: no hay nada que eliminar
http-change-send = { $method } { $url }: envía { $size ->
        [0] una petición sin cuerpo
        [one] un byte
       *[other] { $size } bytes
    }

http-unforeseeable = Lo que responderá el servidor a { $method } { $url } no se sabe antes de enviarlo.
http-after-write = Lo que responderá { $url } puede depender de una petición anterior de este plan: { $earlier }.
http-probe-none = no se puede ver si { $method } { $url } se llevó a cabo; el sitio no declara para este origen ni un encabezado de idempotencia ni una comprobación
http-probe-status = la comprobación { $url } responde { $status }, lo que no indica si la petición se llevó a cabo o no
http-probe-other = { $url } no está ni como antes de { $method } ni como quedaría después
http-undo-post = lo que { $method } { $url } hizo en el servidor no se puede deshacer con otra petición
http-undo-unseen = no se pudo leer lo que había en { $url } antes de { $method }, o no es un texto que se pueda devolver
http-undo-conflict = { $url } ya no está como lo dejó { $method }: alguien lo ha cambiado desde entonces

P0401 = [resource.http.{ $resource }] { $setting } = «{ $value }»: { $rule ->
        [origin-url] no es un origen; escriba http:// o https://, el host y, si hace falta, el puerto
        [origin-scheme] solo se ofrecen http y https
        [origin-more] un origen consta de esquema, host y puerto; quite la ruta, la consulta y el usuario
        [addresses] no es ni una dirección IP ni un bloque como 10.1.0.0/16
        [header] no es un encabezado que se pueda fijar; elija un nombre como Idempotency-Key
        [probe] no es una ruta; empieza por / o {"{"}path{"}"} y puede contener {"{"}key{"}"}
        [probe-key] {"{"}key{"}"} no dice nada a un servidor que no recibe la clave; fije también idempotency-header
        [ca] no existe ese archivo en la carpeta trust del sitio
        [redirects] no existe [resource.http.{ $value }]
       *[other] no es válido
    }.
P0402 = No se puede leer [resource.http.{ $resource }]: { $reason }. Ajustes conocidos: origin, addresses, idempotency-header, probe, ca, system-trust, redirects.
P0403 = Origen «{ $origin }»: el método «{ $method }» no se ofrece; debe ser GET, HEAD, OPTIONS, PUT, POST, PATCH o DELETE, en mayúsculas.
P0404 = La ruta «{ $path }» { $rule ->
        [start] debe empezar por «/»
        [long] tiene más de 8192 bytes
       *[character] contiene un espacio, un carácter de control, «#» o «\»; codifíquelo con «%»
    }.
P0405 = { $rule ->
        [count] La petición tiene más de 64 encabezados; envíe menos.
        [auth] El encabezado «{ $header }» no se puede combinar con «auth»; indique solo uno de los dos.
        [user] «auth» incumple una regla: el nombre de usuario contiene dos puntos, o uno de los dos un carácter de control.
        [reserved] El encabezado «{ $header }» lo fija el propio anfitrión y no se puede indicar.
        [name] «{ $header }» no es un nombre de encabezado: consta de letras, dígitos y guiones.
       *[value] El valor del encabezado «{ $header }» contiene un carácter que no es ASCII imprimible; codifíquelo.
    }
P0406 = «{ $limit }» vale { $value }; debe encontrarse entre { $least } y { $most }.
P0407 = Una petición { $method } a «{ $origin }» no lleva cuerpo; omítalo, o use PUT, POST o PATCH.
P0408 = El sitio no tiene el origen «{ $origin }»; añada [resource.http.{ $origin }] a procedo.toml o use uno que exista.
P0410 = El host «{ $host }» de { $origin } no tiene ninguna dirección ({ $reason }); compruebe el nombre y la resolución de nombres.
P0411 = No se contacta con { $origin }: su host «{ $host }» corresponde a { $address }, que el sitio no permite. Si es correcto, añádala a «addresses» de este origen.
P0412 = No hay conexión con { $url }: { $reason ->
        [refused] allí no escucha nadie
        [unreachable] no hay ninguna ruta hasta allí
        [closed] la conexión se cerró antes de enviar la petición
       *[other] { $detail }
    }. No se ha enviado nada; compruebe que el servidor está en marcha y que la dirección y el puerto son correctos.
P0413 = No se acepta el certificado de { $url }: { $reason ->
        [issuer] el sitio no confía en ninguna autoridad que lo haya firmado; ponga el certificado de la autoridad en la carpeta trust
        [expired] ha caducado; hay que renovarlo
        [early] aún no es válido; compruebe los relojes
        [name] es para otro host; compruebe el origen
       *[other] { $detail }
    }. No se ha enviado nada.
P0414 = No se ha establecido a tiempo la conexión con { $url }. No se ha enviado nada; compruebe que el servidor está en marcha o conceda más tiempo.
P0415 = { $method } { $url } no ha recibido a tiempo una respuesta completa. { $aftermath ->
        [read] Conceda más tiempo o examine el servidor.
       *[perhaps-done] Aun así, es posible que el servidor lo haya llevado a cabo; examínelo antes de volver a enviarlo.
    }
P0416 = La respuesta a { $method } { $url } { $reason ->
        [cut] se ha interrumpido
        [malformed] no es HTTP válido
        [fault] ha hecho tropezar a Procedo; notifíquelo, por favor
       *[other] no se ha podido leer ({ $reason })
    }. { $aftermath ->
        [read] Examine el servidor.
       *[perhaps-done] Aun así, es posible que el servidor haya llevado a cabo la petición; examínelo antes de volver a enviarla.
    }
P0417 = La cabecera de la respuesta a { $method } { $url } tiene demasiados encabezados u ocupa más de { $limit } bytes.
P0418 = El cuerpo de la respuesta a { $method } { $url } ocupa más de { $limit } bytes; indique un «max-bytes» mayor (como máximo 16777216) o pida menos.
P0419 = { $url } responde con { $size } bytes que no son texto en { $charset } (tipo: { $content-type }). No se admiten cuerpos binarios.
P0420 = { $from } redirige a «{ $to }», lo que no se sigue: { $rule ->
        [origin] no es un origen al que, según el sitio, «{ $origin }» pueda redirigir; si es correcto, añada su nombre a «redirects» de «{ $origin }»
        [write] una petición que cambia algo no se traslada a otro origen
        [scheme] solo se siguen http y https
        [user] la dirección contiene un usuario
       *[url] no es una dirección
    }.
P0421 = { $url } redirige más de { $limit ->
        [one] una vez
       *[other] { $limit } veces
    }, la última desde { $last }; ¿es un bucle?
P0423 = No se envía { $method } { $url }: lo que hay allí ya no es lo que había cuando se planificó. Vuelva a planificar.
P0424 = El archivo de confianza «{ $file }» no se puede usar: { $reason }. Debe contener certificados en formato PEM.
P0425 = La respuesta a { $method } { $url } está codificada como «{ $coding }», lo que no se admite; no la pida con Accept-Encoding.
P0426 = No se puede leer lo que esta llamada registró sobre el estado anterior ({ $reason }); compruebe el almacén con «procedo audit verify».

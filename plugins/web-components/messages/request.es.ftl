title = Comprobar una solicitud de devolución de llamada
summary = Comprueba una solicitud de devolución de llamada a través de la web con los límites del centro de contactos antes de enviarla e indica el código de error de cada incumplimiento.
param-customer-name = El nombre del cliente.
param-description = El asunto de la devolución de llamada.
param-contact-data = Los elementos adicionales por su nombre.
param-priority = La prioridad, de 1 a 100.
param-phone = El número al que llamar.
param-start = Desde cuándo llamar, según RFC 3339 (2026-11-22T10:00:00+01:00).
param-end = Hasta cuándo llamar, según RFC 3339.
param-mandatory = Los campos que deben rellenarse.
param-excluded-numbers = Los números excluidos; uno que termina en * vale por todos los que empiezan así.
violation = { $field } se rechazaría con el código { $code }: { $rule ->
    [length] tiene { $value } caracteres y se permiten { $limit } como máximo.
    [priority] «{ $value }» no es un número entero de 1 a 100.
    [phone] «{ $value }» no es un número de teléfono de 3 a 20 cifras.
    [excluded] «{ $value }» es un número excluido.
    [moment] «{ $value }» no es una fecha con hora y desfase como 2026-11-22T10:00:00+01:00.
    [order] el inicio no es anterior al fin ({ $value }).
    [expired] { $value } ya ha pasado.
    [ahead] { $value } supera los { $limit } días de antelación.
   *[mandatory] hay que rellenarlo.
    }
W0401 = La hora «{ $moment }» de la ejecución no se puede leer: { $reason }. Es un fallo del anfitrión; notifíquelo.

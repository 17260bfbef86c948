# Operaciones, tal como las cuenta un diario o un plan.
service-status = Consultar el servicio { $service }
service-start = Iniciar el servicio { $service }
service-stop = Detener el servicio { $service }
service-restart = Reiniciar el servicio { $service }
service-set-password = Establecer la contraseña de la cuenta { $account } del servicio { $service }
service-wait-for = Esperar hasta que el estado del servicio { $service } sea «{ service-wanted-of-call }»
service-wanted-of-call = { $state ->
    [running] en ejecución
    [stopped] detenido
    [starting] iniciándose
    [stopping] deteniéndose
    [failed] fallido
   *[unknown] desconocido
}

# Estados.
service-state = { $state ->
    [running] en ejecución
    [stopped] detenido
    [starting] iniciándose
    [stopping] deteniéndose
    [failed] fallido
   *[unknown] desconocido
}
service-wanted = { $wanted ->
    [running] en ejecución
    [stopped] detenido
    [starting] iniciándose
    [stopping] deteniéndose
    [failed] fallido
   *[unknown] desconocido
}
service-found = { $found ->
    [running] en ejecución
    [stopped] detenido
    [starting] iniciándose
    [stopping] deteniéndose
    [failed] fallido
   *[unknown] desconocido
}
service-waiting = { $service }: { service-state }

# Lo que cambia una llamada.
service-change-start = Se inicia el servicio { $service } (ahora: { service-state }).
service-change-stop = Se detiene el servicio { $service } (ahora: { service-state }).
service-change-restart = Se reinicia el servicio { $service } (ahora: { service-state }).
service-change-password = La cuenta { $account } del servicio { $service } recibe otra contraseña.
service-change-password-for-good = La cuenta { $account } del servicio { $service } recibe otra contraseña. No se indicó la anterior: no se podrá deshacer.

# Lo que se encontró.
service-unforeseeable = El estado del servicio { $service } es ahora «{ service-found }»; solo en la ejecución se verá si llega a ser «{ service-wanted }».
service-found-unknown = el servicio { $service } no está ni en ejecución ni detenido: { $detail }
service-password-unknown = sin iniciar sesión no se puede saber si la cuenta { $account } del servicio { $service } recibió la contraseña
service-undo-conflict = el estado del servicio { $service } debería ser «{ service-wanted }» y es «{ service-found }»
service-no-former = no se indicó la contraseña anterior de la cuenta { $account } del servicio { $service }

# Errores.
P1101 = El sitio no tiene ningún servicio { $service }. Tiene: { $known }. Corrija el nombre o añada [resource.service.{ $service }] a procedo.toml.
P1102 = Los ajustes del servicio { $service } en procedo.toml no son válidos: { $reason }. Corríjalos.
P1103 = El servicio { $service } no está ni en ejecución ni detenido: { $detail }. No se hizo nada; llévelo primero a un estado conocido.
P1104 = El servicio { $service } no ha terminado en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}. Sigue en ejecución: { $processes }. Termínelo o conceda más tiempo con stop-timeout.
P1105 = El servicio { $service } no se inició: { $reason }. Elimine la causa e inícielo de nuevo.
P1106 = El servicio { $service } no está en ejecución después de { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}; estado: { service-state } ({ $detail }). Consulte su registro o conceda más tiempo con start-timeout.
P1107 = El servicio { $service } no alcanzó el estado «{ service-wanted }» en { $timeout ->
    [one] un milisegundo
   *[other] { $timeout } milisegundos
}; estado: { service-found } ({ $detail }).
P1108 = No se ha declarado cómo establecer la contraseña del servicio { $service }. Indique un password-program en sus ajustes en procedo.toml.
P1109 = { $tool } falló para el servicio { $service } en { $machine } con { $exit }: { $reason }.
P1110 = { $tool } dio sobre el servicio { $service } en { $machine } una respuesta que no se puede leer: { $answer }.
P1111 = No se puede establecer la contraseña del servicio { $service }: { $what ->
    [account] el nombre de la cuenta está vacío, es demasiado largo o contiene dos puntos o un carácter de control
    [short] una contraseña tiene menos de { $shortest } caracteres
    [long] una contraseña tiene más de { $longest } bytes
   *[control] una contraseña contiene un carácter de control
}. No se cambió nada.
P1112 = El servicio { $service } cambió después de planificar el reinicio: su estado era «{ service-wanted }» y ahora es «{ service-found }», o se ejecuta como otro proceso. No se hizo nada; planifique de nuevo.
P1113 = El equipo { $machine } no tiene ningún servicio { $unit }, que es al que se refiere { $service }. Instálelo o corrija su nombre en procedo.toml.
P1114 = El controlador { $driver } del servicio { $service } no corresponde al sistema del equipo { $machine }. Corrija uno de los dos en procedo.toml.
P1115 = Un tiempo de espera de { $timeout } milisegundos es demasiado largo: como máximo se admiten { $limit }.
P1116 = Al equipo { $machine } le falta lo que necesita el servicio { $service }: { $what }.
P1117 = No se puede leer lo que se registró sobre el servicio { $service }: { $reason }.
P1118 = El servicio { $service } se ejecuta con la cuenta { $found }, no con { $account }. No se cambió nada; indique la cuenta correcta.

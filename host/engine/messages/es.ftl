P0101 = Aquí no existe el procedimiento «{ $procedure }». «procedo procedures» muestra los que hay.
P0102 = Parámetro «{ $parameter }» de { $procedure }: el valor { $value } incumple la regla { $rule }.
P0103 = { $procedure } no tiene ningún parámetro «{ $parameter }». Tiene: { $known }.
P0104 = { $procedure } necesita el parámetro «{ $parameter }»: indíquelo con -p { $parameter }=VALOR.
P0105 = { $procedure } no puede llamar a { $operation } en { $resource } con el efecto { $effect }: su manifiesto no declara esa necesidad.
P0106 = El sitio no concede a { $procedure } llamar a { $operation } en { $resource } con el efecto { $effect }. Un administrador puede concederlo: procedo grant { $procedure }.
P0107 = Este host no dispone de la operación «{ $operation }».
P0109 = La ejecución hizo más de { $limit } llamadas y se finalizó.
P0110 = «{ $step }» no es un paso del manifiesto de { $procedure }.
P0111 = El paso «{ $step }» no puede terminar aquí: el paso abierto más interno es «{ $open }».
P0113 = El trabajo se canceló.
P0114 = Los argumentos no tienen la forma esperada: { $reason }.
P0115 = Una respuesta no se puede convertir a la forma de la interfaz: { $reason }.
P0116 = No es posible conocer la respuesta: { $reason }
P0117 = La ejecución { $run } ya ha terminado.
P0118 = La ejecución { $run } no ha terminado: finalícela o cancélela antes de deshacerla.
P0121 = «{ $value }» no es un momento válido. Escríbalo según RFC 3339 con desfase horario, por ejemplo 2026-11-22T10:00:00+01:00.
P0122 = Se pidieron { $value } bytes aleatorios; se pueden obtener de 1 a { $limit }.
P0123 = Los parámetros ocupan { $size } bytes; se permiten { $limit }. Guarde los contenidos grandes en un archivo.
P0124 = { $by } rechazó el plan: { $reason }
P0126 = Debían ejecutarse { $value } ejecuciones secundarias a la vez; se permiten { $limit }.
P0127 = La respuesta «{ $key }»: { $value } incumple la regla { $rule }.
P0128 = La anulación se detuvo en { $target } después de revertir { $reversed } llamadas: { $reason }
P0129 = Los parámetros de { $procedure } deben ser un objeto JSON, no { $value }.
P0131 = El esquema de los parámetros de { $procedure } no es válido: { $reason }.
P0132 = «{ $value }» no tiene la forma NOMBRE=VALOR.
P0133 = No se puede guardar una nota ni preguntar a nadie mientras la llamada solo se examina.
P0134 = Otra persona modificó «{ $target }» mientras la ejecución estaba interrumpida.
P0135 = Se pidió una espera de { $value } ms; se permiten como máximo { $limit } ms.
P0136 = La respuesta «{ $key }» es un secreto: guárdelo con «procedo secret set NOMBRE» y responda secret:NOMBRE@VERSIÓN, o responda cuando se le pregunte.
P0137 = El procedimiento se detuvo por sí solo sin dar un resultado.
P0138 = La ejecución { $run } ya se deshizo con { $undo }. Para recuperarla, deshaga esa ejecución.
P0139 = Falló un enlace del paso «{ $step }» (ejecución { $run }): { $reason }
P0140 = { $procedure } quedaría anidado a más de { $limit } niveles de ejecución.
P0141 = Una ejecución secundaria terminó de forma inesperada. Es un error de Procedo.
P0142 = La anulación se detuvo en { $target }, después de revertir { $reversed } llamadas.
P0143 = No se puede calcular la ventana de mantenimiento «{ $window }»: { $reason }.
P0144 = El sistema no proporciona bytes aleatorios: { $reason }.
P0145 = El registro de la ejecución { $run } no se puede leer como tal. «procedo audit verify» da más detalles.
P0146 = La ejecución { $run } no espera { $what ->
    [approval] ninguna aprobación
    [answer] ninguna respuesta
    [verdict] que se decida sobre una llamada en duda
   *[other] esto: { $what }
}.
P0147 = La pregunta «{ $key }» todavía no tiene respuesta.
P0148 = «{ $resource }» correspondía a { $then } cuando esta ejecución cambió algo allí, y ahora corresponde a { $now }. Se respondió que no debía continuar allí.
P0149 = No se sabe qué pasó con la llamada: no se llegaba a su máquina. «procedo resume» vuelve a mirarlo.
P0150 = La ejecución { $run } forma parte de { $parent }, y lo que hizo se deshace con ella: procedo undo { $parent }
P0501 = No existe el secreto «{ $name }» con la versión { $version }.
P0502 = No existe el secreto «{ $name }». Un administrador puede definirlo: procedo secret set { $name }.
P0505 = { $person } inició la ejecución { $run }, por lo que debe aprobarla una segunda persona.
P0512 = Este valor es demasiado corto para un secreto: se necesitan al menos { $least } caracteres. Un texto más corto aparecería por todas partes y no se podría ocultar en registros y planes.

P1301 = La programación «{ $schedule }»: no se entiende «{ $word }» en «{ $when }». Ahí puede ir: { $allowed }.
P1302 = La programación «{ $schedule }»: «{ $when }» no es una expresión cron: { $reason }
P1303 = La programación «{ $schedule }»: «{ $when }» no llega nunca. Compruebe el día y el mes.
P1304 = La programación «{ $schedule }»: «{ $zone }» no es una zona horaria IANA, como Europe/Madrid.
P1305 = «{ $schedule }» no es un nombre de programación: hasta 100 caracteres de a–z, 0–9, - y /.
P1306 = La programación «{ $schedule }»: «each» necesita el nombre de un parámetro y de 1 a { $limit } valores distintos; nombra «{ $parameter }».
P1307 = La programación «{ $schedule }»: se pidió un retraso aleatorio (jitter) de { $value } segundos; se permiten { $limit } como máximo.
P1308 = Dos programaciones de procedo.toml se llaman «{ $schedule }». Dé a cada una un nombre propio.
P1309 = No se puede leer lo que el almacén guarda de una programación: { $reason }
P1310 = La programación «{ $schedule }» está declarada en procedo.toml; un procedimiento no puede sustituirla ni eliminarla. Cambie el archivo o elija otro nombre.
P1311 = Entretanto, otra persona u otro procedimiento cambió la programación «{ $schedule }». Véala con «procedo schedules» e inténtelo de nuevo.
P1312 = Se pidieron { $value } momentos; se pueden pedir de 1 a { $limit }.
P1313 = No existe la programación «{ $schedule }». «procedo schedules» muestra las que hay.

secrets-get = Obtener la referencia al secreto «{ $name }»

schedule-set = Iniciar { $procedure } según la programación «{ $name }»: { $when }
schedule-remove = Eliminar la programación «{ $name }»
schedule-list = Mostrar las programaciones «{ $names }»
schedule-next = Ver cuándo toca de nuevo la programación «{ $name }»
schedule-found-other = La programación «{ $schedule }» ya no es la que esta llamada encontró o dejó.

plan-question = No se conoce la respuesta a la pregunta «{ $key }». Indíquela con --answer { $key }=VALOR.
doubt-identity = «{ $resource }» correspondía a { $then } cuando se hizo la llamada, y hoy corresponde a { $now }.
resource-moved = «{ $resource }» correspondía a { $then } cuando esta ejecución cambió algo allí, y ahora corresponde a { $now }. ¿Debe continuar allí?
doubt-probe-failed = No se pudo averiguar: { $reason }
undo-conflict = { $target } se modificó desde entonces: { $reason } ¿Qué debe hacerse?
undo-keep = Dejarlo como está ahora
undo-overwrite = Restablecer de todos modos el estado anterior
undo-stop = Detener aquí la anulación
undo-failed-call = La llamada falló a medias y no se puede saber hasta dónde llegó.

# Operaciones, como las cuenta un diario o un plan.
database-status = Ver el estado de la base de datos { $database }
database-query = Consultar la base de datos { $database }: { $sql }
database-execute = Ejecutar en la base de datos { $database }: { $sql }
database-backup = Hacer una copia de seguridad de la base de datos { $database }, nivel { $level }
database-list-backups = Listar las copias de seguridad de la base de datos { $database }
database-verify-backup = Comprobar la copia de seguridad { $backup } de la base de datos { $database }
database-remove-backup = Eliminar la copia de seguridad { $backup } de la base de datos { $database }
database-restore = Restaurar la base de datos { $database }
database-go-online = Poner en línea la base de datos { $database }
database-checksums = Calcular las sumas de comprobación de la base de datos { $database }

# Lo que cambia una llamada.
database-change-backup = Se hace una copia de seguridad de nivel { $level } de la base de datos { $database } en { $place } con el nombre { $backup } (como máximo { $bytes } bytes).
database-change-remove-backup = Se elimina la copia de seguridad { $backup } de la base de datos { $database } ({ $bytes } bytes).
database-change-restore = La base de datos { $database } vuelve a { $backup }, su estado de { $state } ({ $bytes } bytes). Antes se guarda lo que contiene ahora, como { $former }.{ $skipped ->
    [none] {""}
   *[other] {" "}Dañadas y omitidas: { $skipped }.
}
database-change-restore-for-good = La base de datos { $database } vuelve a { $backup }, su estado de { $state } ({ $bytes } bytes). Lo que contiene ahora no se guarda: no se podrá deshacer.{ $skipped ->
    [none] {""}
   *[other] {" "}Dañadas y omitidas: { $skipped }.
}
database-change-execute = En la base de datos { $database }: { $sql }
database-change-go-online = La base de datos { $database } vuelve a dar servicio a todos.

# Por dónde va el trabajo.
database-progress-copy = { $percent } por ciento copiado, { $bytes } bytes
database-progress-assemble = { $percent } por ciento reunido, { $bytes } bytes
database-progress-restore = { $percent } por ciento restaurado, { $bytes } bytes
database-progress-away = No se llega a { $machine }; lo que se ejecuta allí continúa. Se volverá a intentar durante { $seconds } s

# Lo que no se puede prever, saber ni deshacer.
database-unforeseeable = Antes de esta llamada, el plan modifica la base de datos { $database }; lo que contendrá entonces solo se sabrá después.
database-unforeseeable-backup = La copia de seguridad { $backup } la haría este mismo plan; el efecto de restaurarla solo se sabrá cuando exista.
database-doubt-restore = No se puede saber si la base de datos { $database } se restauró: antes del intento su esquema tenía la versión { $before } y ahora tiene la { $now }; alguien más la modificó también.
database-undo-execute = Lo que una instrucción modificó en la base de datos { $database } no queda registrado; restaure una copia de seguridad anterior.
database-undo-removed = La copia de seguridad { $backup } de la base de datos { $database } se eliminó.
database-undo-not-kept = No se guardó el estado que la base de datos { $database } tenía antes de restaurarla.
database-undo-aside = La base de datos { $database } no se podía leer antes de restaurarla; sus archivos se conservan en { $aside }.
database-undo-changed = La base de datos { $database } se modificó después de restaurarla; volver al estado anterior pierde esos cambios.
database-undo-online = La base de datos { $database } está en línea y puede estar en uso; detenga sus servicios para ponerla fuera de línea.

# Errores.
P1201 = El sitio no nombra ninguna base de datos «{ $database }»; nombra: { $known }. Añada [resource.database.{ $database }] a procedo.toml o use una de estas.
P1202 = Los ajustes de la base de datos «{ $database }» no son válidos: { $reason }. Corrija [resource.database] en procedo.toml.
P1203 = El controlador { $driver } de la base de datos «{ $database }» no ofrece esto: { $what }.
P1204 = La base de datos «{ $database }» no está: { $file } no es un archivo. Corrija su ajuste `file` o restaure una copia de seguridad.
P1205 = La base de datos «{ $database }» no acepta la instrucción: { $reason }. Corríjala y compruebe que hay tantos valores como parámetros.
P1206 = Esta instrucción no está permitida en la base de datos «{ $database }»: { $rule ->
    [several] son varias. Haga una llamada para cada una.
    [beyond] «{ $what }» sale de esta base de datos. Fuera de las comillas, una instrucción no puede nombrar otra base de datos ni otro servidor (ni «:» ni «@»), llamar a lo que administra el servidor o lee y escribe sus archivos, ni crear rutinas o tablas externas. Declare la otra base de datos como un recurso propio, escriba las horas entre comillas y haga lo demás a mano.
   *[not-here] una consulta solo lee, y ninguna instrucción controla transacciones, cambia pragmas, abre otros archivos ni toca la tabla procedo_calls. Use `execute` para modificar datos.
}
P1207 = La consulta de la base de datos «{ $database }» encuentra más de lo que cabe en una respuesta ({ $rows } filas o { $bytes } bytes). Pida menos, con LIMIT o con menos columnas.
P1208 = El parámetro { $number } para la base de datos «{ $database }» no se puede pasar: { $value }. Pase null, un texto, un número de 64 bits, true, false o {"{"}"blob": "dígitos hexadecimales"{"}"}.
P1209 = Otro programa mantiene bloqueada la base de datos «{ $database }». Espere a que termine su transacción, o deténgalo, y vuelva a intentarlo.
P1210 = La base de datos «{ $database }» ({ $file }) está dañada: { $reason }. Restaure una copia de seguridad.
P1211 = No hay ninguna copia de seguridad «{ $backup }» de la base de datos «{ $database }»; hay: { $known }.
P1212 = El nivel { $level } de la base de datos «{ $database }» necesita una copia de seguridad de un nivel inferior como base, y no hay ninguna. Haga primero una copia de nivel 0.
P1213 = La copia de seguridad { $backup } de la base de datos «{ $database }» está dañada: { $path } { $reason ->
    [missing] falta
    [entry] se ha modificado o no se puede leer
    [content] no contiene lo que se escribió
    [length] no tiene la longitud con la que se escribió
    [longer] tiene más de lo que se escribió
    [foreign] es de otra copia, o de ninguna
    [version] es de otra versión de Procedo
   *[other] no sirve: { $reason }
}. No se ha sobrescrito nada; use otra copia.
P1214 = La copia de seguridad { $backup } de la base de datos «{ $database }» se basa en { $base }, que { $reason ->
    [missing] falta
   *[other] no es la copia de la que se hizo
}. Recupérela o use otra copia.
P1215 = Ahora mismo hay otro trabajo en curso con las copias de seguridad de la base de datos «{ $database }». Espere a que termine.
P1216 = En { $folder } quedan { $available } bytes y hacen falta { $needed }. Libere espacio, por ejemplo eliminando copias antiguas.
P1217 = No se puede leer o escribir { $path }: { $reason }. Revise el disco y los permisos de la cuenta que usa Procedo.
P1218 = El disco está lleno: { $path } no se pudo escribir entero y se ha descartado. Libere espacio y vuelva a intentarlo.
P1219 = No existe el nivel { $level }: una copia de seguridad es de nivel 0 (todo), 1 o 2 (lo que ha cambiado). Elija uno de estos.
P1220 = El destino «{ $destination }» no sirve para las copias de seguridad de la base de datos «{ $database }»: es el nombre de una carpeta dentro de sus copias, con letras, dígitos, «-», «_» y «.», y no empieza por «.».
P1221 = La copia de seguridad { $backup } de la base de datos «{ $database }» la necesita { $upon }. Elimine primero lo que depende de ella.
P1222 = Lo que contiene la copia de seguridad { $backup } de la base de datos «{ $database }» no es una base de datos íntegra: { $reason }. No se ha sobrescrito nada; use otra copia.
P1223 = La copia de seguridad { $backup } tiene páginas de { $theirs } bytes y la base de datos «{ $database }» las tiene de { $ours }. Haga una nueva copia de nivel 0; para restaurar, salga antes del modo WAL (PRAGMA journal_mode = delete).
P1224 = La instrucción en la base de datos «{ $database }» no terminó en { $seconds } segundos y se interrumpió. Hágala más pequeña o más rápida.
P1225 = Las copias de seguridad de la base de datos «{ $database }» ya no están como se planificó («{ $backup }», sobre { $base }). No se ha modificado nada; vuelva a planificar.
P1226 = Al SQLite de este Procedo le falta la tabla sqlite_dbpage, sin la cual no se pueden hacer copias de seguridad. Compílelo en su propia carpeta, para que se apliquen los ajustes de .cargo/config.toml.
P1227 = La copia de seguridad { $backup } de la base de datos «{ $database }» no es la esperada: su resumen es { $found }, no { $expected }.
P1228 = La base de datos «{ $database }» no se puede poner en línea: { $detail }. Restaure una copia de seguridad.

# Informix.
database-progress-informix = { $percent } por ciento de la copia de la base de datos { $database }
database-ask-tape = Inserte una cinta virgen en { $device } para la copia de seguridad de la base de datos { $database } y escriba en su etiqueta: { $label }. ¿Está en la unidad?
database-ask-next-tape = La cinta de { $device } está llena. Extráigala; su etiqueta dice: { $former }. Inserte la cinta { $number } para la base de datos { $database } y escriba en su etiqueta: { $label }. ¿Está en la unidad?
database-ask-tape-to-read = Inserte la cinta { $number } en { $device } para restaurar la base de datos { $database }; su etiqueta dice: { $label }. ¿Está en la unidad?
database-undo-informix = Informix no indica si la base de datos { $database } se modificó después de restaurarla; al volver al estado anterior se pierde lo que se haya modificado.
database-doubt-informix = No se puede saber si la instrucción se confirmó en la base de datos { $database }: Informix no guarda constancia de ello. Compruebe en su máquina que ningún dbaccess siga trabajando en ella (ps -ef), pues aún podría confirmarla; después revise sus datos.
P1230 = No se entiende lo que onstat dice de la base de datos «{ $database }»: código de salida { $code }, «{ $said }». Revise los ajustes `folder`, `server`, `onconfig` y `sqlhosts`, y pruebe onstat en la máquina.
P1231 = En { $file }, de la base de datos «{ $database }», { $parameter } es «{ $value }», y { $rule ->
    [path] debe ser una ruta absoluta: la de una carpeta, un archivo o una unidad de cinta
    [unlimited] una copia en un archivo normal necesita 0, pues lo que sigue a un archivo lleno lo sobrescribiría
    [null] nada de lo que se escribe ahí se conserva
   *[missing] debe estar definido: allí lee Procedo si onbar terminó bien
}. Corríjalo.
P1232 = Otra llamada trabaja con las copias de la base de datos «{ $database }»: { $holder }. Espere a que termine su ejecución; si ya terminó y quedó interrumpida, compruebe que en la máquina no se ejecuta ontape ni onbar y elimine { $path }.
P1233 = TAPEDEV de la base de datos «{ $database }», { $device }, { $found ->
    [missing] no existe
    [folder] es una carpeta
    [file] es un archivo normal
   *[device] es un dispositivo
}, lo que no corresponde a method = "{ $method }". Créelo, corrija TAPEDEV o corrija el ajuste `method`.
P1234 = TAPEDEV de la base de datos «{ $database }», { $device }, contiene { $bytes } bytes que Procedo no dejó allí, y una copia de seguridad los sobrescribiría. Mueva esa copia a otro lugar y deje en su sitio un archivo vacío.
P1235 = La cuenta que Procedo usa en la máquina no puede escribir en { $device }, TAPEDEV de la base de datos «{ $database }». Concédale ese derecho.
P1236 = El nivel { $level } de la base de datos «{ $database }» partiría de la copia de nivel { $lower } que recuerda el servidor ({ $date }), y Procedo no tiene ninguna copia de seguridad de ella. Haga primero una copia de seguridad de nivel { $lower }.
P1237 = { $tool } falló con la base de datos «{ $database }» (código de salida { $code }): { $said }. Corríjalo y vuelva a intentarlo.
P1238 = { $tool } dice que se copió el nivel { $level } de la base de datos «{ $database }», pero el servidor no lo recuerda (onstat -g arc). No cuenta como copia de seguridad; lo que se escribió queda donde está. Consulte el registro de mensajes del servidor.
P1239 = { $tool } pregunta sobre la base de datos «{ $database }» algo que Procedo no conoce: «{ $prompt }». No se respondió y se terminó { $tool }. Corrija aquello por lo que pregunta o haga este paso a mano.
P1240 = La base de datos «{ $database }» no está en el modo que necesita una copia de seguridad: { $words }. Póngala en línea y vuelva a intentarlo.
P1241 = La base de datos «{ $database }» no se puede restaurar porque falta uno de sus archivos de segmento: { $path }. Monte su disco; en una instalación nueva cree allí un archivo vacío que pertenezca a informix, con permisos 660.
P1242 = No se puede guardar antes el estado actual de la base de datos «{ $database }» porque el servidor no está en línea: { $words }. Póngalo en línea o restaure con keep-present = false; entonces el estado actual se pierde.
P1243 = La base de datos «{ $database }» no se pudo restaurar ({ $reason }). Se volvió a su estado anterior desde { $former }.
P1244 = La base de datos «{ $database }» no se pudo restaurar ({ $reason }) y no se volvió a su estado anterior ({ $why }). Está fuera de línea y no se debe usar; corrija la causa y restáurela otra vez, con keep-present = false.
P1245 = La base de datos «{ $database }» no cambió de modo en { $seconds } segundos; está así: { $words }. Consulte el registro de mensajes del servidor.
P1246 = Lo que debería contener { $backup } de la base de datos «{ $database }» ({ $expected }) no es lo que hay ({ $found }). Inserte la cinta correcta y vuelva a restaurar.
P1247 = Se rechazó la cinta «{ $label }» para la base de datos «{ $database }», por lo que el trabajo se terminó. Inícielo otra vez cuando tenga la cinta a mano.
P1249 = La copia de seguridad { $backup } la hizo «{ $theirs }», y la base de datos «{ $database }» se ejecuta ahora con «{ $ours }»; una copia solo la puede restaurar la misma versión. Use otra copia de seguridad o instale esa versión.
P1250 = La respuesta de dbaccess para la base de datos «{ $database }» no está en UTF-8. Indique en el ajuste `locale` de [resource.database.{ $database }] la configuración regional de la base de datos, por ejemplo en_us.8859-1.

# PostgreSQL.
database-doubt-execute = No se puede saber si se confirmó la transacción { $xid } de la base de datos { $database }: { $reason }. Compruebe sus datos.
P1260 = No se puede acceder a la base de datos «{ $database }» ({ $place }): { $reason }. Iníciela o corrija host y port en [resource.database.{ $database }].
P1261 = El servidor rechaza el inicio de sesión en la base de datos «{ $database }» ({ $place }): { $reason }. Corrija user, password y dbname, o lo que permite pg_hba.conf.
P1262 = Se ha perdido la conexión con la base de datos «{ $database }»: { $reason }. Lo que no se confirmó no se ha hecho; compruebe si el servidor está en ejecución e inténtelo de nuevo.
P1263 = Se ha perdido la conexión con la base de datos «{ $database }» mientras se confirmaba la transacción { $xid }, y no se puede saber qué fue de ella: { $reason }. Pregunte al servidor con SELECT pg_xact_status('{ $xid }').
P1264 = Para esto falta el ajuste `{ $setting }` de la base de datos «{ $database }». Añádalo a [resource.database.{ $database }] en procedo.toml.
P1265 = pgBackRest ha fallado con la base de datos «{ $database }» ({ $command }, código de salida { $code }): { $reason }. Corríjalo e inténtelo de nuevo.
P1266 = El estado actual de la base de datos «{ $database }» no se puede copiar antes, porque no está en línea ({ $mode }). Póngala en línea o restaure con keep-present = false; entonces se pierde su estado actual.
P1267 = La base de datos «{ $database }» no puede volver a { $moment }: { $rule ->
    [form] no es un momento como 2026-01-31T14:00:00Z
    [future] está en el futuro
   *[early] la copia de seguridad solo está completa a partir de { $earliest }; elija una copia anterior o un momento posterior
}.
P1268 = El clúster de la base de datos «{ $database }» no { $what ->
    [stop] se ha detenido correctamente
   *[start] se ha iniciado
}: { $reason }. Consulte su registro y los ajustes `start` y `stop`.
P1269 = No se ha podido restaurar la base de datos «{ $database }» a partir de { $backup } y vuelve a estar como antes: { $reason }.
P1270 = No se ha podido restaurar la base de datos «{ $database }»; queda detenida y no se debe iniciar a mano: { $reason }. Corríjalo y restaure de nuevo.
P1271 = La copia de seguridad { $backup } de la base de datos «{ $database }» necesita segmentos del registro que no están en el archivo: { $segments }. No se ha sobrescrito nada; recupérelos o utilice otra copia de seguridad.
P1272 = La base de datos «{ $database }» se ha detenido, pero hay segmentos de su registro que no han llegado al archivo: { $segments }. No se ha sobrescrito nada y se ha iniciado de nuevo; revise archive_command.
P1273 = El destino «{ $destination }» no se puede usar para las copias de seguridad de la base de datos «{ $database }»: omítalo para pgBackRest, o indique dump, o dump:CARPETA con un nombre de letras, cifras, «-», «_» y «.» que no empiece por «.».
P1274 = Ha fallado el volcado de la base de datos «{ $database }» ({ $what }, código de salida { $code }): { $reason }. No se ha modificado nada de la base de datos; corríjalo e inténtelo de nuevo.
P1275 = No se puede confiar en la base de datos «{ $database }» ({ $place }): { $reason }. Corrija `ca-file` o el certificado del servidor.
P1276 = pgBackRest responde sobre la base de datos «{ $database }» de una forma que no se entiende: { $reason }. Revise la stanza y la versión de pgBackRest.
P1278 = El servidor de la base de datos «{ $database }» no admite conexiones y no se entiende lo que dice: { $reason }. Indique su carpeta con el ajuste `data` o consulte su registro.

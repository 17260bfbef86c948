# Operaciones, tal como las cuenta un diario o un plan.
files-read = Leer { $root }:{ $path }
files-write = Escribir { $root }:{ $path }
files-edit = Modificar { $root }:{ $path }
files-stat = Consultar { $root }:{ $path }
files-list-folder = Listar el directorio { $root }:{ $path }
files-copy = Copiar { $root }:{ $source } a { $target }
files-remove = Eliminar { $root }:{ $path }
files-make-folder = Crear el directorio { $root }:{ $path }
files-list-archive = Listar el archivo comprimido { $root }:{ $path }
files-read-archive = Leer { $entry } del archivo comprimido { $root }:{ $path }
files-write-archive = Sustituir { $entry } en el archivo comprimido { $root }:{ $path }
files-restore = Devolver { $root }:{ $path } al estado registrado

# Lo que cambia una llamada.
files-size = { $bytes ->
    [one] un byte
   *[other] { $bytes } bytes
}
files-weight = { $files ->
    [one] un archivo
   *[other] { $files } archivos
}, { files-size }
files-forever = Lo que se pierde es demasiado grande para conservarlo: no se podrá deshacer.
files-change-create = Se crea { $root }:{ $path } ({ files-size }).
files-change-replace = { $root }:{ $path } recibe un contenido nuevo ({ files-size }).
files-change-replace-for-good = { files-change-replace } { files-forever }
files-change-copy = { $root }:{ $source } se copia a { $path } ({ files-weight }).
files-change-remove = Se elimina { $root }:{ $path } ({ files-weight }).
files-change-remove-for-good = { files-change-remove } { files-forever }
files-change-remove-folder = Se elimina el directorio { $root }:{ $path } con todo su contenido ({ files-weight }).
files-change-remove-folder-for-good = { files-change-remove-folder } { files-forever }
files-change-make-folder = Se crea el directorio { $root }:{ $path }.
files-change-archive = En el archivo comprimido { $root }:{ $path }, la entrada { $entry } recibe un contenido nuevo ({ files-size }).
files-change-archive-for-good = { files-change-archive } { files-forever }
files-change-restore = { $root }:{ $path } vuelve al estado registrado ({ files-weight }).
files-change-restore-for-good = { files-change-restore } { files-forever }

# Lo que se encontró donde se esperaba otra cosa.
files-kind-expected = { $expected ->
    [folder] un directorio
   *[other] un archivo normal
}
files-kind-found = { $found ->
    [regular] un archivo normal
    [folder] un directorio
    [link] un enlace simbólico
   *[other] un dispositivo, un socket o una tubería
}
files-expected = { $expected ->
    [absent] nada
    [folder] un directorio con la suma de comprobación { $expected-digest }…
    [link] un enlace simbólico con la suma de comprobación { $expected-digest }…
   *[regular] un archivo con la suma de comprobación { $expected-digest }…
}
files-found = { $found ->
    [absent] nada
    [folder] un directorio con la suma de comprobación { $found-digest }…
    [link] un enlace simbólico con la suma de comprobación { $found-digest }…
   *[regular] un archivo con la suma de comprobación { $found-digest }…
}
files-found-neither = { $root }:{ $path } no está ni como antes de la llamada ni como la llamada lo deja. Se esperaba: { files-expected }; se encontró: { files-found }.
files-changed-since = { $root }:{ $path } se ha modificado desde entonces. Se esperaba: { files-expected }; se encontró: { files-found }.
files-not-kept = Lo que había en { $root }:{ $path } supera los { $limit } bytes que el directorio raíz conserva para deshacer (max-undo-bytes), por lo que no se conservó.

# Errores.
P0301 = No hay nada en { $root }:{ $path }. Compruebe la ruta; se cuenta desde el directorio raíz.
P0302 = El sitio no tiene ningún directorio raíz «{ $root }». Tiene: { $known }. Los directorios raíz se declaran como [resource.files.NOMBRE] en procedo.toml.
P0303 = No se puede abrir el directorio { $folder } de la raíz «{ $root }»: { $reason }. Créelo o corrija la ruta en procedo.toml.
P0304 = Los ajustes del directorio raíz «{ $root }» en procedo.toml no son válidos: { $reason }.
P0305 = No se puede modificar nada en el directorio raíz «{ $root }»: en procedo.toml está declarado de solo lectura (read-only).
P0306 = «{ $path }» no es una ruta del directorio raíz «{ $root }»: { $rule ->
    [empty] está vacía
    [absolute] empieza por «/»; indíquela desde el directorio raíz
    [dots] contiene la parte «{ $found }»
    [empty-part] contiene una parte vacía («//», o «/» al final)
    [control] contiene el carácter { $found }, que controla las líneas o el sentido de la escritura
    [long-name] una de sus partes tiene { $found } bytes; se permiten 255
   *[long-path] tiene { $found } bytes; se permiten 4095
}.
P0307 = { $root }:{ $path } sale del directorio raíz por el enlace { $link }. Los enlaces solo se siguen mientras no salgan de él.
P0308 = No se puede acceder con seguridad a los archivos del directorio raíz «{ $root }»: al núcleo o al entorno aislado de este sistema le falta openat2 (Linux 5.6 o posterior).
P0309 = { $root }:{ $path } no es lo que la llamada necesita. Se esperaba: { files-kind-expected }; se encontró: { files-kind-found }.
P0310 = { $root }:{ $path } es un dispositivo, un socket o una tubería; se muestran en las listas, pero nunca se abren, copian ni eliminan.
P0311 = { $root }:{ $path } tiene { $size } bytes; se permiten { $limit }.
P0312 = { $root }:{ $path } tiene más de { $limit } entradas. Indique un directorio inferior.
P0313 = El directorio { $root }:{ $path } contiene el nombre «{ $name }», que no es UTF-8 o tiene caracteres de control. Cámbielo antes.
P0314 = { $root }:{ $path } se ha modificado desde que se leyó. Se esperaba: { files-expected }; se encontró: { files-found }. Vuelva a leerlo.
P0315 = { $root }:{ $path } ya no está como en el plan; no se ha modificado nada. Se esperaba: { files-expected }; se encontró: { files-found }.
P0316 = { $root }:{ $path } ya existe con un contenido distinto del de { $source } y se deja como está. Elimínelo o cámbiele el nombre si la copia ha de ocupar su lugar.
P0317 = No se puede crear { $root }:{ $path }: no existe el directorio { $folder }. Créelo antes.
P0318 = «{ $encoding }» no es el nombre de ninguna codificación, para { $root }:{ $path }. Use, por ejemplo, utf-8, windows-1252 o utf-16le.
P0319 = Los bytes de { $root }:{ $path } no son { $encoding } válido. Indique qué codificación tiene el archivo.
P0320 = { $root }:{ $path } se escribe en { $encoding }, que no tiene el carácter «{ $character }» ({ $code-point }) de la línea { $line }. Elija otra codificación o cambie el texto.
P0321 = { $root }:{ $path } no puede empezar con una marca de orden de bytes: { $encoding } no la tiene. Solo la tienen UTF-8 y UTF-16.
P0322 = El fin de línea con el que se escribe { $root }:{ $path } debe ser lf o crlf.
P0323 = { $root }:{ $path }: se esperaba «{ $find }» { $expected ->
    [one] una vez
   *[other] { $expected } veces
} y aparece { $found ->
    [one] una vez
   *[other] { $found } veces
}; no se ha escrito nada.
P0324 = Una modificación de { $root }:{ $path } busca un texto vacío. Indique qué se busca.
P0325 = { $root }:{ $path } no se puede modificar por partes: en { $encoding } sus bytes tienen más de una forma de escribirse y cambiarían también otros. Escriba el archivo entero.
P0326 = No queda espacio para escribir { $root }:{ $path }; el contenido anterior sigue igual. Libere espacio e inténtelo de nuevo.
P0327 = El sistema no permite esto con { $root }:{ $path }: { $reason }. Compruebe los derechos de la cuenta con la que se ejecuta Procedo.
P0328 = { $root }:{ $path }: { $reason }
P0329 = { $root }:{ $path } no se puede leer como archivo zip, war o jar: { $reason }.
P0330 = El archivo comprimido { $root }:{ $path } contiene la entrada «{ $entry }», que se rechaza: { $rule ->
    [duplicate] el nombre aparece dos veces
    [encrypted] está cifrada
   *[unsafe] el nombre podría salir de un directorio o tiene caracteres de control
}.
P0331 = El archivo comprimido { $root }:{ $path } no contiene ningún archivo «{ $entry }». files.list-archive muestra los que hay.
P0332 = El estado indicado para { $root }:{ $path } no lo registró ninguna ejecución de este sitio.
P0333 = { $root }:{ $path } no se puede asignar a su propietario { $user }:{ $group }: la cuenta con la que se ejecuta Procedo no puede hacerlo. No se ha modificado nada.
P0334 = { $root }:{ $path } pasa por más de { $limit } enlaces. Es posible que formen un círculo.
P0335 = Alguien modificó { $root }:{ $path } mientras se usaba. Inténtelo de nuevo.
P0336 = { $root }:{ $path } no se puede copiar a { $target }, que está dentro.
P0337 = Algo de { $root }:{ $path } ha quedado al lado como { $left }: { $reason }. Elimínelo a mano.
P0338 = El archivo comprimido { $root }:{ $path } usa { $feature }, que no se puede escribir.
P0339 = La entrada «{ $entry }» del archivo comprimido { $root }:{ $path } tiene { $size } bytes o más; se permiten { $limit }.
P0340 = El directorio raíz «{ $root }» es { $folder }, y desde él se alcanza { $store }, donde el sitio guarda su registro y su clave. Elija en procedo.toml una carpeta que esté aparte.
P0341 = No se puede acceder con seguridad a los archivos del directorio raíz «{ $root }»: a la máquina «{ $machine }» le falta { $what }. Instale en ella coreutils y findutils de GNU o quite la raíz de procedo.toml.
P0345 = El directorio raíz «{ $root }» es { $folder }, y desde él se puede cambiar { $rule }, que determina qué son los procedimientos y qué pueden hacer. Elija en procedo.toml una carpeta que esté aparte o declare el directorio raíz con read-only.

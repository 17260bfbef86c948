P0601 = { $place }: La cabecera del script no es válida: { $reason }.{ $excerpt }
P0602 = { $file }: El script no tiene cabecera. Escriba su manifiesto en TOML, en líneas que empiecen por //!, antes de la primera instrucción.
P0603 = { $place }: Esto no es Rhai válido: { $reason }.{ $excerpt }
P0604 = { $place }: El script ha fallado: { $reason }.{ $excerpt }
P0605 = { $place }: { $message }{ $excerpt }
P0606 = { $place }: El script ha lanzado { $value }.{ $excerpt }
P0607 = { $place }: No existe la función { $name }.{ $excerpt }
P0608 = { $place }: No existe la variable { $name }.{ $excerpt }
P0609 = { $place }: No existe el miembro { $name }.{ $excerpt }
P0610 = { $place }: No existe el módulo { $name }.{ $excerpt }
P0611 = No se puede leer { $file }: { $reason ->
    [missing] no existe
    [link] es un enlace simbólico o está debajo de uno
    [not-a-file] no es un archivo normal
    [too-large] tiene más de { $limit } bytes
    [not-text] no está en UTF-8
   *[other] { $reason }
}.
P0612 = { $place }: No se puede importar «{ $path }»: solo se admiten archivos situados junto al script o en carpetas por debajo de él, sin enlaces.{ $excerpt }
P0613 = { $place }: No existe { $module }, que se quiere importar.{ $excerpt }
P0614 = { $place }: Lo que se importa debe escribirse como texto literal, por ejemplo "lib/names".{ $excerpt }
P0615 = { $place }: El script importa más de { $limit } módulos.{ $excerpt }
P0616 = { $place }: Los módulos se importan entre sí en círculo: { $circle }.{ $excerpt }
P0617 = fail: «{ $kind }» no es una clase de error. Use denied, invalid, not-found, conflict, too-large, unavailable, timed-out, failed, not-supported o cancelled.
P0618 = Los scripts esperan con run::sleep(milisegundos), no con sleep: así la espera queda registrada y sobrevive a un reinicio.
P0619 = fail: el código { $code } es propio de Procedo. Elija otro, por ejemplo no-pages.
P0620 = { $place }: No se puede asignar a partes de «this». Devuelva el valor nuevo o cambie una variable con nombre.{ $excerpt }
P0621 = { $place }: El script ha realizado más de { $limit } operaciones. ¿Un bucle sin fin?{ $excerpt }
P0622 = { $place }: { $what ->
    [text] Un texto
    [items] Una matriz
   *[members] Un mapa
} ha superado el tamaño que pueden tener los scripts.{ $excerpt }
P0623 = { $place }: Las funciones se llaman entre sí a demasiada profundidad. ¿Una recursión sin fin?{ $excerpt }
P0624 = { $place }: { $what ->
    [variables] El script tiene demasiadas variables a la vez.
   *[modules] El script tiene demasiados módulos.
}{ $excerpt }
P0625 = { $place }: El script lleva más de { $seconds } s calculando sin hacer ninguna llamada.{ $excerpt }
P0631 = { $file }: El resultado del script no se puede expresar en JSON: { $part } es { $value }.
P0632 = El script no se puede iniciar ahora: { $reason }. Inténtelo de nuevo cuando haya menos ejecuciones en curso.
P0641 = No existe la función { $name }.
P0642 = Se llama a { $name } con { $count } argumentos; admite { $counts }.
P0643 = No existe { $name }. Existen: { $names }.
P0644 = No existe el módulo { $name }.
P0645 = Se llama a { $function }, pero el manifiesto no declara la necesidad de «{ $capability }»: la llamada será denegada. Añádala a needs en la cabecera.
P0646 = «{ $step }» no es un paso del manifiesto. Tiene: { $steps }.
P0647 = El manifiesto necesita «{ $capability }», que no es una capacidad. Existen: { $names }.
P0648 = El manifiesto necesita «{ $capability }», pero nada en el script la usa. Quítela para no conceder más de lo necesario.
P0649 = El manifiesto enumera el paso «{ $step }», pero nada en el script lo inicia.

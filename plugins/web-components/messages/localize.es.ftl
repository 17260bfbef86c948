title = Traducir los componentes web
summary = Crea el directorio de un idioma nuevo a partir de las páginas de otro: textos traducidos según un catálogo, UTF-8 y una página principal que conduce a él; después abre la página nueva a través del servidor web.
param-root = La raíz que contiene los componentes web.
param-origin = El origen que los sirve.
param-virtual-directory = La ruta en la que el origen sirve la raíz, por ejemplo /HPPC; vacía si es el propio origen.
param-html = El directorio de las páginas, dentro de la raíz.
param-source = El directorio del idioma de partida, dentro del directorio de las páginas.
param-language = El directorio del idioma nuevo, por ejemplo deutsch.
param-lang = La etiqueta de idioma de las páginas (BCP 47), por ejemplo de.
param-catalogue-root = La raíz que contiene el catálogo.
param-catalogue = El catálogo de traducciones, un archivo PO o CSV dentro de su raíz.
param-main-page = La página principal del idioma de partida.
param-new-main-page = La página principal del idioma nuevo; si falta, WC y el nombre de su directorio: WCDeutsch.htm.
param-further-main-pages = Otras páginas principales que copiar, cada una con su nombre nuevo: WCCallbackMain.htm a WCCallbackDeutsch.htm.
step-check = Leer las páginas y el catálogo
step-copy = Copiar los archivos del idioma
step-translate = Traducir las páginas
step-main-page = Crear la página principal
step-page = Abrir la página nueva y seguir su botón
reading = Leyendo las páginas
translated = { $texts ->
    [one] Un texto traducido
   *[other] { $texts } textos traducidos
    } en { $pages ->
    [one] una página
   *[other] { $pages } páginas
    } para { $folder }.
untranslated = { $texts ->
    [one] Un texto no tiene traducción en el catálogo y se queda como está; el resultado lo indica.
   *[other] { $texts } textos no tienen traducción en el catálogo y se quedan como están; el resultado los indica.
    }
ignored = { $entries ->
    [one] No se usa una entrada
   *[other] No se usan { $entries } entradas
    } del catálogo; el resultado indica cuáles y por qué.
unchanged = { $folder } y la página principal ya están como deben; no se cambia nada.
not-followed = El botón de { $path } envía un formulario por POST o conduce a otro origen, por lo que no se ha seguido. Pruébelo en un navegador.
W0101 = «{ $catalogue }» no es un catálogo: su nombre debe terminar en .po o .csv.
W0102 = El catálogo { $catalogue } no se puede leer en la línea { $line }: { $fault ->
    [keyword] la línea no empieza por ninguna palabra clave del formato PO.
    [quotes] el texto no está entre comillas o contiene unas sin barra invertida.
    [escape] a una barra invertida le sigue algo que el formato PO no conoce.
   *[order] la línea no puede estar aquí; cada entrada es un msgid seguido de su msgstr.
    } Corrija la línea.
W0103 = El catálogo { $catalogue } no se puede leer en la línea { $line }: { $reason }. Corrija la línea.
W0105 = El parámetro { $parameter } tiene el valor «{ $value }», que es de donde se copian las páginas. Elija otro nombre.
W0106 = El parámetro lang tiene el valor «{ $value }», que no es una etiqueta de idioma. Indique una como de, es o pt-BR.
W0107 = No existe { $what ->
    [folder] el directorio
   *[page] la página
    } «{ $path }» de la que copiar. Compruebe la raíz y los parámetros html, source y main-page.
W0109 = La página { $path } no contiene varUserLanguage={ $source } en ninguna URL, campo ni script, de modo que una copia no podría conducir al directorio nuevo. Compruebe los parámetros main-page y source.
W0110 = «{ $path }» existe con otro contenido y no se sobrescribe.{ $count ->
    [0] {""}
    [one] {" "}Difiere: { $files }.
   *[other] {" "}Difieren { $count } archivos: { $files }.
    } Elija otro nombre, o compare y elimine lo que hay.
W0111 = El catálogo { $catalogue } no indica sus columnas: su primera línea debe contener «source» y «translation».
W0112 = { $url } se ha contestado con el estado { $value } en lugar de 200. Compruebe el servidor web y los parámetros origin y virtual-directory.
W0113 = { $url } se entrega como { $value } en lugar de UTF-8, por lo que los símbolos no ASCII se muestran mal. Configure UTF-8 como juego de caracteres del servidor web o haga que no envíe ninguno.
W0114 = { $url } contiene caracteres mal codificados («{ $value }»). Compruebe cómo convierte las páginas el servidor web.
W0115 = { $url } no muestra el texto «{ $value }». Compruebe que el servidor web sirve esta raíz y que ninguna memoria caché conserva una página antigua.
W0116 = { $path } no tiene ningún enlace, formulario ni script que pida varUserLanguage={ $language }. Compruebe que el servidor web sirve esta raíz.
W0117 = La pareja «{ $value }» usa el nombre de otra página principal. Dé a cada página un nombre propio.

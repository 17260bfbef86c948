title = Traducir los componentes web con un script
summary = Copia las páginas de un idioma y sustituye los textos que figuran en un archivo PO, con un msgid y un msgstr por línea. Conoce los textos que están enteros entre dos etiquetas o en un title, alt o value con comillas dobles; no analiza HTML como web/localize-components.
param-root = La raíz que contiene los componentes web.
param-origin = El origen que los sirve en /HPPC.
param-source = El directorio del idioma de partida.
param-language = El directorio del idioma nuevo, por ejemplo deutsch.
param-lang = La etiqueta de idioma de las páginas, por ejemplo de.
param-catalogue = El archivo PO, dentro de la raíz translations.
step-copy = Copiar los archivos del idioma
step-translate = Sustituir los textos
step-main-page = Crear la página principal
step-page = Abrir la página nueva
differs = «{ $path }» existe con otro contenido y no se sobrescribe. Elija otro directorio de idioma, o compare y elimine lo que hay.
no-language = { $path } no contiene ningún varUserLanguage={ $source } que se pueda cambiar. Compruebe el parámetro source.
not-served = { $path } se ha contestado con el estado { $status }, o sin el texto de la página en UTF-8. Compruebe que el servidor web sirve la raíz { $root }.

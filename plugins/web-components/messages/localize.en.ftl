title = Localise the web components
summary = Makes a folder with the pages of a new language from those of another: texts translated from a catalogue, UTF-8, a main page that leads there; then opens the new page through the web server.
param-root = The root that holds the web components.
param-origin = The origin that serves them.
param-virtual-directory = The path at which the origin serves the root, such as /HPPC; empty if it is the origin itself.
param-html = The folder of the pages, below the root.
param-source = The folder of the language to start from, in the folder of the pages.
param-language = The folder of the new language, such as deutsch.
param-lang = The language tag for the pages (BCP 47), such as de.
param-catalogue-root = The root that holds the catalogue.
param-catalogue = The catalogue of translations, a PO or CSV file below its root.
param-main-page = The main page of the language to start from.
param-new-main-page = The main page of the new language; if absent, WC and the name of its folder: WCDeutsch.htm.
param-further-main-pages = Further main pages to copy, each with its new name: WCCallbackMain.htm to WCCallbackDeutsch.htm.
step-check = Read the pages and the catalogue
step-copy = Copy the language's files
step-translate = Translate the pages
step-main-page = Make the main page
step-page = Open the new page and follow its button
reading = Reading the pages
translated = { $texts ->
    [one] One text
   *[other] { $texts } texts
    } translated on { $pages ->
    [one] one page
   *[other] { $pages } pages
    } for { $folder }.
untranslated = { $texts ->
    [one] One text has
   *[other] { $texts } texts have
    } no translation in the catalogue and { $texts ->
    [one] stays as it is; the result names it.
   *[other] stay as they are; the result names them.
    }
ignored = { $entries ->
    [one] One entry of the catalogue is
   *[other] { $entries } entries of the catalogue are
    } not used; the result says which and why.
unchanged = { $folder } and the main page are already as they shall be; nothing is changed.
not-followed = The button of { $path } posts a form or leads to another origin; it was not followed. Try it in a browser.
W0101 = “{ $catalogue }” is not a catalogue: its name must end in .po or .csv.
W0102 = The catalogue { $catalogue } cannot be read at line { $line }: { $fault ->
    [keyword] the line starts with no keyword of the PO format.
    [quotes] the text is not between quotation marks, or has one inside without a backslash.
    [escape] a backslash is followed by something the PO format does not know.
   *[order] the line cannot stand here; each entry is a msgid followed by its msgstr.
    } Correct the line.
W0103 = The catalogue { $catalogue } cannot be read at line { $line }: { $reason }. Correct the line.
W0105 = The parameter { $parameter } has the value “{ $value }”, which is what the pages are copied from. Choose another name.
W0106 = The parameter lang has the value “{ $value }”, which is not a language tag. Give one like de, es or pt-BR.
W0107 = There is no { $what ->
    [folder] folder
   *[page] page
    } “{ $path }” to copy from. Check the root and the parameters html, source and main-page.
W0109 = The page { $path } has no varUserLanguage={ $source } in a URL, field or script, so a copy of it could not lead to the new folder. Check the parameters main-page and source.
W0110 = “{ $path }” exists with other content and is not overwritten.{ $count ->
    [0] {""}
    [one] {" "}It differs: { $files }.
   *[other] {" "}{ $count } files differ: { $files }.
    } Choose another name, or compare and remove what is there.
W0111 = The catalogue { $catalogue } does not name its columns: its first line must have “source” and “translation”.
W0112 = { $url } was answered with status { $value } instead of 200. Check the web server and the parameters origin and virtual-directory.
W0113 = { $url } is delivered as { $value } instead of UTF-8, so special characters are shown wrong. Set the charset of the web server to UTF-8, or have it send none.
W0114 = { $url } has wrongly encoded characters (“{ $value }”). Check how the web server converts pages.
W0115 = { $url } does not show the text “{ $value }”. Check that the web server serves this root and that no cache holds an old page.
W0116 = { $path } has no link, form or script that asks for varUserLanguage={ $language }. Check that the web server serves this root.
W0117 = The pair “{ $value }” uses the name of another main page. Give every page a name of its own.

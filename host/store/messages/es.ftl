P0201 = Otro proceso está llevando a cabo la ejecución { $run }. Espere a que termine o quede en espera, o sígala: procedo follow { $run }.
P0202 = Aquí no existe la ejecución «{ $run }». «procedo runs» muestra las que hay.
P0203 = No se pudo usar el registro: { $reason }.
P0204 = El disco está lleno en { $path }: no se puede escribir el registro. Libere espacio y reanude después las ejecuciones afectadas.
P0205 = El blob { $blob } fue modificado: su contenido no corresponde a su nombre. «procedo audit verify» indica qué entrada lo necesita.
P0206 = La ejecución { $run } ha terminado: no se le puede añadir nada.
P0207 = El registro de la ejecución { $run } está dañado en la entrada { $seq }: { audit-why }. No se usa nada de él; «procedo audit verify» da más detalles.
P0208 = El blob { $blob } no está en el almacén.
P0209 = Falta la clave del sitio en { $path }: restáurela desde su copia. Sin ella no se puede usar el registro, y ninguna clave nueva puede sustituirla.
P0210 = La clave no es la del registro de { $path }. Compruebe PROCEDO_KEY, PROCEDO_KEY_FILE y el archivo «key» de esa carpeta.
P0211 = { $place } no contiene una clave: se esperan 64 dígitos hexadecimales.
P0212 = La base de datos del registro está dañada o no es de Procedo: { $reason }. Restaure la carpeta «.procedo» desde una copia de seguridad.
P0213 = El registro tiene el formato { $found } y este Procedo conoce el formato { $known }. Use la versión más reciente de Procedo con la que se escribió.
P0214 = El contenido es demasiado grande para el registro: { $size } bytes. Como máximo se admiten 900 000 000.
P0215 = Los secretos de { $path } están dañados o se cifraron con otra clave. Restaure el archivo desde una copia de seguridad, o elimínelo y defina de nuevo los secretos.
P0216 = Este proceso no lleva a cabo la ejecución { $run }, así que no puede escribir en su registro. Es un error de Procedo.
P0217 = Ya existe una ejecución { $run }.
P0218 = No se puede usar { $path }: { $reason }.
P0220 = Este sitio no firmó la cabecera { $number }: { audit-why }.
P0221 = La línea { $line } no forma parte de una exportación de este sitio: { $reason }.

audit-why = { $why ->
    [entry-changed] la entrada fue modificada: no corresponde a su hash
    [entry-unreadable] la entrada no se puede leer: { $reason }
    [out-of-order] aquí debería estar la entrada { $expected }, pero está la { $found }: se eliminó, añadió o movió una entrada
    [leads-astray] la entrada no conduce a la anterior
    [missing] falta la entrada
    [cut] se eliminaron entradas: el registro estaba firmado hasta la entrada { $signed }
    [rewritten] el registro fue reescrito: la entrada no es la que se firmó
    [not-its-start] el registro no comienza con el inicio de esta ejecución
    [after-end] hay una entrada después del final de la ejecución
    [unsigned] la entrada debería estar en la cadena firmada, pero no está
    [list-differs] la lista de ejecuciones dice «{ $listed }» y el registro dice «{ $told }» ({ $column ->
        [procedure] procedimiento
        [actor] quién la inició
        [started] inicio
        [finished] final
        [parent] ejecución principal
        [undoes] ejecución deshecha
       *[state] estado
    })
    [not-listed] hay entradas de la ejecución número { $number }, que no figura en la lista de ejecuciones
    [no-entries] la ejecución figura en la lista, pero no tiene entradas
    [head-changed] la cabecera fue modificada
    [head-forged] la firma de la cabecera no es de este sitio
    [head-out-of-order] aquí debería estar la cabecera { $expected }, pero está la { $found }: se eliminó, añadió o movió una cabecera
    [blob-lost] el blob { $blob } se ha perdido
    [blob-changed] el blob { $blob } fue modificado
    [tail-cut] la cadena termina en la cabecera { $found }, antes de la cabecera exportada { $exported }: se cortó el final
    [chain-rewritten] la cabecera { $exported } no es la que se exportó: la cadena fue reescrita
   *[other] { $why }
}
audit-entry = Ejecución { $run }, entrada { $seq }: { audit-why }
audit-run = Ejecución { $run }: { audit-why }
audit-store = Almacén: { audit-why }

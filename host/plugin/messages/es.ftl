# Archivos que no son un complemento de este host.
P0701 = No se puede leer el complemento { $path }: { $reason }. Compruebe la ruta y los permisos.
P0702 = El complemento { $path } ocupa más de { $mib } MiB, el máximo permitido. Compílelo sin información de depuración o instale otro.
P0703 = { $path } no es un componente WebAssembly. Instale el archivo .wasm generado al compilar el complemento.
P0704 = { $path } es un módulo básico de WebAssembly, no un componente. Conviértalo con wit-component, como explica el SDK en «Building».
P0705 = El complemento { $path } está dañado o usa una parte de WebAssembly que este host no ejecuta: { $reason }. Cópielo o compílelo de nuevo.
P0706 = El complemento { $path } importa { $import }, que este host no tiene. Compílelo con el paquete WIT de este host y con nada más.
P0707 = El complemento { $path } necesita { $import }, más reciente que la versión { $version } de este host. Actualice Procedo o instale una versión del complemento hecha para { $version }.
P0708 = El complemento { $path } necesita { $import }, más antiguo que la versión { $version } de este host y que ya no se ofrece. Instale una versión del complemento hecha para { $version }.
P0709 = El complemento { $path } importa { $function } como { $found }, pero este host lo tiene como { $expected }. Compile de nuevo el complemento con el paquete WIT de este host.
P0710 = El complemento { $path } no exporta «{ $export }» como exige el mundo «plugin»: { $reason }. Compílelo con el paquete WIT de este host.
P0711 = El complemento { $path } describe mal su procedimiento «{ $procedure }»: { $reason }. Su autor debe corregirlo.
P0712 = El complemento { $path } fue sustituido después de cargarse. Inicie de nuevo para que se cargue el nuevo.
P0713 = El entorno de ejecución de complementos no puede funcionar aquí: { $reason }. Compruebe la memoria libre y los límites de esta cuenta.

# Complementos que infringen un límite o el contrato.
P0720 = El complemento { $path } calculó durante más de { $seconds } segundos sin hacer ninguna llamada y fue detenido. Probablemente está en un bucle infinito; su autor debe corregirlo.
P0721 = El complemento { $path } hizo más de { $limit } llamadas en una ejecución y fue detenido. Probablemente está en un bucle infinito; su autor debe corregirlo.
P0722 = El complemento { $path } pidió más de los { $mib } MiB de memoria que puede tener un complemento y terminó. Haga que procese menos de una vez o consulte a su autor.
P0723 = El complemento { $path } usó más de los { $kib } KiB de pila que puede tener un complemento y fue detenido. Probablemente se llama a sí mismo sin fin; su autor debe corregirlo.
P0724 = El complemento { $path } falló por sí mismo y fue detenido: { $reason }. Es un error del complemento; la última advertencia de la ejecución contiene sus palabras: comuníquelas a su autor.
P0725 = El complemento { $path } intentó pasar al host más de { $mib } MiB en una llamada y fue detenido. Debe pasar menos de una vez.
P0726 = El complemento { $path } dio un resultado de más de { $mib } MiB. Debe guardar lo grande en archivos e indicar solo dónde.
P0727 = El complemento { $path } dio un resultado que no es JSON: { $reason }. Su autor debe corregirlo.
P0728 = Un valor entre el host y el complemento { $path } no es lo que dice la interfaz: { $reason }. Es un error de Procedo; comuníquelo, por favor.
P0729 = El complemento { $path } llamó a { $function } antes de que se le pidiera ejecutar un procedimiento. Su autor debe mover la llamada al procedimiento.
P0730 = El complemento { $path } se terminó a sí mismo en lugar de responder. Su autor debe hacer que el procedimiento devuelva un resultado o un fallo.
P0731 = El complemento { $path } llamó a { $function }, que no se ofrece a los complementos. Su autor debe usar las capacidades de Procedo en su lugar.

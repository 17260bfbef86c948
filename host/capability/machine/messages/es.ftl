### Mensajes de la capacidad `machine`: errores P10xx, sus operaciones, sus cambios.

machine-command = Ejecutar { $name } en { $machine }
machine-environment = Leer la variable de entorno { $name } de { $machine }
machine-clock-offset = Comparar el reloj de { $machine }
machine-resolve = Resolver { $host } en { $machine }
machine-reachable = Comprobar si { $machine } llega a { $host }
machine-free-space = Consultar el espacio libre de { $machine }:{ $path }
machine-system-facts = Consultar el sistema de { $machine }

machine-change-command = En { $machine } se ejecuta el comando { $command }.
machine-change-sentence = { $machine }: { $sentence }
machine-unforeseeable = Lo que { $command } escribe en { $machine } no se sabe hasta que se ejecuta.
machine-after-command = Lo que responde { $machine } puede depender de un comando anterior de este plan: { $earlier }.
machine-probe-none = no se puede ver si { $command } llegó a hacer efecto en { $machine }; el sitio no declara ninguna comprobación
machine-undo-none = el sitio no declara ningún comando que deshaga { $command } en { $machine }

P1001 = [resource.machine.{ $machine }] { $setting } = «{ $value }»: { $rule ->
        [driver] los controladores son local, ssh y windows-ssh
        [remote-only] esto es propio de una máquina a la que se llega por SSH; quítelo
        [missing] es obligatorio
        [word] use solo letras, cifras y . - _ : % \ @, sin empezar por -
        [host-key] no es una clave pública de servidor; copie la línea de /etc/ssh/ssh_host_ed25519_key.pub de la máquina
        [secret] escriba secret:NOMBRE y guarde el valor con procedo secret set NOMBRE
        [login] indique solo una de estas cosas: key-file (si acaso con passphrase), agent = true o password
        [folder] no es la ruta de una carpeta
        [template] el lugar de un argumento se escribe {"{"}nombre{"}"}; una llave como tal, dos veces
        [pattern] no es una expresión regular
        [no-pattern] un lugar de args, input o sentence no tiene patrón en parameters
        [no-place] ningún lugar de args o input usa este parámetro
        [no-command] la máquina no tiene ningún comando con este nombre
        [probe-reads] una comprobación tiene que ser un comando con effect = "read"
        [same-parameters] ese comando no tiene los mismos parámetros
        [timeout] indique segundos, de 1 a 604800
       *[other] no es válido
    }.
P1002 = [resource.machine.{ $machine }] no se puede leer: { $reason }.
P1003 = El sitio no tiene ninguna máquina «{ $machine }»; añada [resource.machine.{ $machine }] a procedo.toml o use una que exista.
P1004 = No se puede llegar a { $machine } en { $address }: { $reason }. Compruebe que está en marcha, y su dirección, puerto y red.
P1005 = { $machine } ({ $address }) no muestra la clave de servidor que fija el sitio ({ $reason }); no se le ha enviado nada. Si se cambió a propósito, ponga la nueva en host-key.
P1006 = { $machine } rechaza el inicio de sesión de { $user } ({ $address }): { $reason }. Compruebe la clave o la contraseña y el authorized_keys de la cuenta.
P1007 = La conexión con { $machine } se cortó antes de completarse la respuesta ({ $reason }); no se sabe qué pasó con el comando.
P1008 = En { $machine } no hay ningún programa ni carpeta «{ $path }» que esta cuenta pueda usar; compruebe la ruta.
P1009 = En { $machine } el trabajo duró más de { $seconds } s y se terminó junto con sus procesos hijos.
P1010 = En { $machine } el trabajo duró más de { $seconds } s y no se pudo terminar; revise sus procesos antes de continuar.
P1011 = «{ $path }» en { $machine }: { $reason }.
P1012 = «{ $path }» en { $machine } tiene más de { $limit } bytes.
P1013 = { $machine } no admite esto: { $what }.
P1014 = { $machine } ya tiene el trabajo { $job }, que está en marcha o no se ha olvidado; no se inicia por segunda vez.
P1015 = No se pudo iniciar en { $machine }: { $reason }.
P1016 = No se puede enviar nada al trabajo { $job } en { $machine }: { $why ->
        [gone] ya no está en marcha
        [closed] se inició sin entrada abierta
       *[forgotten] su carpeta se eliminó
    }.
P1017 = El trabajo { $job } en { $machine } no termina; siguen en marcha estos procesos suyos: { $processes }. Termínelos allí con los derechos necesarios.
P1018 = El trabajo { $job } pregunta algo que Procedo no conoce: «{ $said }». No se ha respondido y sigue esperando; respóndalo usted o termínelo.
P1019 = El trabajo { $job } no ha escrito nada en { $seconds } s; lo último fue: «{ $said }». Revíselo en su máquina.
P1020 = { $machine } no tiene ningún comando «{ $command }»; declare [resource.machine.{ $machine }.command.{ $command }] en procedo.toml o use uno que exista.
P1021 = { $command } en { $machine }: el argumento { $argument } = «{ $value }» { $rule ->
        [unknown] no es ninguno de sus parámetros
        [pattern] no cumple el patrón declarado
        [twice] se da dos veces
        [missing] falta
       *[option] empieza por «-», como solo lo hacen las opciones
    }.
P1022 = { $command } en { $machine } terminó con el código { $code }, que no significa éxito: { $said }
P1023 = El trabajo { $job } ya no está en marcha y nadie vio cómo terminó; quizá se reinició la máquina. Revise lo que hizo antes de continuar.
P1024 = Falta el secreto «{ $name }» para iniciar sesión, o contiene un fin de línea; guárdelo con procedo secret set { $name }.
P1025 = { $machine } responde algo que no se entiende: «{ $answer }».
P1026 = { $bytes } bytes son demasiados para la entrada de un trabajo en { $machine }: como máximo { $limit }.
P1027 = «{ $path }» no se puede iniciar en { $machine }: { $what ->
        [nul] un argumento, una variable o la carpeta contiene un carácter NUL
        [path] no es la ruta de un programa
        [variable] el nombre de una variable tiene caracteres que no son letras, cifras ni _
        [long] los argumentos y las variables ocupan más de 96 KiB
        [line] la línea de órdenes tiene más de 32 000 caracteres
        [open] una entrada abierta es solo para trabajos
       *[tag] una etiqueta tiene de 1 a 64 letras, cifras y -
    }.
P1028 = { $machine }: { $argument } = «{ $value }» { $rule ->
        [host] no es ni un nombre de host ni una dirección
        [port] debe estar entre 1 y 65535
        [path] debe ser una ruta absoluta
       *[variable] no es el nombre de una variable
    }.

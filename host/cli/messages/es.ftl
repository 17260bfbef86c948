### La línea de órdenes.

## Errores

P0001 = No hay ningún sitio en { $dir } ni por encima: falta procedo.toml. Cree uno con «procedo init CARPETA» o indíquelo con --site CARPETA.
P0002 = Las declaraciones de { $path } no son válidas:{ $excerpt }
P0003 = No se puede leer { $path }: { $reason }.
P0004 = No se puede escribir { $path }: { $reason }.
P0008 = «{ $value }» no es el identificador de una ejecución. «procedo runs» muestra las ejecuciones.
P0009 = «{ $value }» corresponde a varias ejecuciones: { $one }, { $other } … Indique más del identificador.
P0010 = No existe la orden «{ $command }». { $meant ->
    [0] «procedo --help» muestra las órdenes.
   *[other] Quizá se refería a: { $meant }
}
P0011 = Aquí no existe la opción o el argumento adicional «{ $argument }».{ $meant ->
    [0] {""}
   *[other] { " " }Quizá se refería a: { $meant }
}
P0012 = Falta: { $argument }
P0013 = { $argument }: «{ $value }» no está permitido. Permitido: { $rule }
P0014 = { $argument } necesita un valor.
P0015 = { $argument } no puede indicarse junto con { $other }.
P0016 = No se entiende la línea de órdenes: { $reason }
P0017 = { $path } no contiene un objeto JSON: { $reason }.
P0018 = { $value } no es JSON: { $reason }.
P0019 = { $dir } no está vacía. Un sitio se crea en una carpeta vacía o nueva.
P0020 = En procedo.toml no hay ninguna concesión para { $procedure }.
P0021 = La necesidad { $need } depende de un parámetro sin valor predeterminado: indique para qué recurso, con --resource NOMBRE o -p { $parameter }=VALOR.
P0022 = Ningún error tiene el código «{ $code }».
P0023 = El sitio no tiene el recurso { $resource }. Declárelo en procedo.toml como [resource.{ $capability }.{ $name }].
P0024 = El sitio declara recursos de «{ $capability }», que este Procedo no conoce. Conoce: { $known }.
P0025 = «{ $name }» en procedo.toml no tiene la forma que esta orden puede cambiar. Cámbielo a mano.
P0026 = Aquí no se puede preguntar a nadie. Responda que sí con --yes o escriba la orden en un terminal.
P0027 = El complemento { $file } no lleva firma y este sitio no lo permite. Para permitirlo, escriba «allow-unsigned = true» en [plugins] de procedo.toml.
P0028 = El complemento { $file } no se instaló: «procedo plugin install ARCHIVO» lo hace.
P0029 = El complemento { $file } no es el que se instaló (resumen { $digest } …). Instálelo de nuevo si es correcto.
P0030 = { $id } es también el identificador de { $first }, que es el que cuenta. Dé otro a uno de los dos.
P0031 = El valor de un secreto se lee de la entrada estándar o se escribe en un terminal; lo que llegó estaba vacío.
P0032 = El enlace «{ $at }» de { $procedure } nombra un paso que no tiene. Tiene: { $steps }.
P0033 = El enlace «{ $at }» de { $procedure } ejecuta { $run }, que no existe.
P0034 = { $procedure } necesita { $need } ({ $effect }), y el sitio no lo concede. «procedo grant { $procedure }» lo concede.
P0035 = No hay ningún complemento «{ $name }» instalado. «procedo plugin list» muestra los que hay.
P0036 = «{ $name }» no puede ser el nombre de una persona: se admiten letras, cifras, «.», «_» y «-».
P0037 = «{ $name }» no puede ser el nombre de un secreto: se admiten palabras de a–z, 0–9 y «-», separadas por «/».
P0038 = La concesión para «{ $procedure }» no corresponde a ningún procedimiento de aquí.
P0039 = Un secreto puede tener como máximo { $limit } bytes.
P0040 = No existe la capacidad o función «{ $name }». Existen: { $known }.
P0041 = { $procedure } sustituye al de { $path }.
P0042 = La respuesta no tiene la forma que da { $operation }: { $at } debería ser { $expected }. «procedo capabilities { $operation }» da más detalles.
P0043 = El enlace «{ $at }» de { $procedure } ejecuta { $run }, y eso lleva de nuevo a { $procedure }: se iniciaría a sí mismo sin fin. Haga que el enlace ejecute otro procedimiento.
P0044 = { $variable } nombra la carpeta { $path }, que no existe: no se encuentra ninguno de los procedimientos que vienen con Procedo. Corrija la variable o elimínela.
P0045 = El parámetro «{ $name }» se indica dos veces. Indíquelo una sola vez.
P0046 = La concesión para «{ $procedure }» nombra la capacidad «{ $capability }», que no existe, así que no concede nada. Existen: { $known }. Escriba una concesión para cada una que se quiera.
P0070 = Es un error de Procedo.
P1320 = El proceso { $process } de { $account } ya atiende este sitio, desde { $since }. Basta con un proceso; termine antes ese.
P1321 = No se puede utilizar el archivo { $path }, por el que se reconoce al proceso que atiende el sitio: { $reason }
P0503 = El token mostrado no es de nadie de aquí.
P0504 = Quien aprueba o rechaza muestra un token personal: en un terminal, en { $variable } o con --token-file ARCHIVO.
P0506 = { $person } tiene aquí el papel «{ $role }»; para esto hace falta «{ $needed }».
P0507 = El sitio no conoce a nadie llamado «{ $name }».
P0508 = El sitio ya conoce a «{ $name }». «procedo user token { $name }» crea un token nuevo.
P0509 = La primera persona de un sitio debe ser administradora: si no, nadie podría añadir a otras.
P0510 = Esto debe aprobarlo una segunda persona, y aquí nadie tiene token. Un administrador da uno: procedo user add NOMBRE --role approver
P0511 = Sin { $name } el sitio no tendría administrador. Nombre antes a otra persona o quite antes a las demás.

## Ayuda

help-about = Ejecuta procedimientos de operación: planificados, reanudables, reversibles y registrados.
help-heading-usage = Uso
help-heading-commands = Órdenes
help-heading-arguments = Argumentos
help-heading-options = Opciones
help-value-answer = RESPUESTA
help-value-code = CÓDIGO
help-value-command = ORDEN
help-value-dir = CARPETA
help-value-export = ARCHIVO
help-value-file = ARCHIVO
help-value-id = PROCEDIMIENTO
help-value-key-value = CLAVE=VALOR
help-value-language = IDIOMA
help-value-name = NOMBRE
help-value-name-value = NOMBRE=VALOR
help-value-options = OPCIONES
help-value-paths = RUTAS
help-value-plugin = COMPLEMENTO
help-value-reason = MOTIVO
help-value-reply = RESPUESTA
help-value-role = PAPEL
help-value-run = EJECUCIÓN
help-value-text = TEXTO
help-not-utf-8 = un argumento no está en UTF-8
help-arg-site = La carpeta del sitio; si no, la actual o la más próxima por encima que tenga procedo.toml
help-arg-json = Escribir JSON: un documento, o uno por línea mientras avanza una ejecución
help-arg-lang = El idioma: en, es o de; si no, el de la configuración regional
help-arg-token-file = El archivo con su token personal; si no, la variable PROCEDO_TOKEN
help-arg-help = Indicar cómo se usa
help-arg-version = Indicar la versión
help-arg-id = El procedimiento, por ejemplo web/localize-components
help-arg-run = La ejecución; basta el final de su identificador
help-arg-param = Un parámetro; @ARCHIVO representa un objeto JSON de parámetros
help-arg-params = Un archivo con un objeto JSON de parámetros; «-» es la entrada estándar
help-arg-answer = La respuesta a una pregunta por anticipado; CLAVE.CAMPO=VALOR para un campo de un formulario
help-arg-override-reason = Cambiar también fuera de la ventana de mantenimiento, por este motivo
help-arg-no-diff = Omitir las diferencias de textos
help-arg-yes = Decir que sí por anticipado
help-arg-no-wait = No esperar a un bloqueo ni a una hora: dejar la ejecución y terminar con el código 4
help-arg-reason = Por qué
help-arg-name = El nombre
help-init = Crear un sitio nuevo
help-init-dir = La carpeta del sitio: vacía o nueva
help-init-lab = Con un centro de contacto simulado para hacer pruebas
help-lab = El sitio simulado: solo en esta máquina
help-lab-up = Iniciarlo
help-lab-up-part = La parte que se inicia: web, main, backup o central-reporting; todas si no se indica ninguna
help-lab-status = Indicar si está en marcha y dónde
help-lab-down = Detenerlo
help-procedures = Mostrar lo que se puede ejecutar aquí
help-describe = Indicar los parámetros, las necesidades y los riesgos de un procedimiento
help-check = Comprobar scripts, manifiestos y declaraciones sin ejecutar nada
help-check-paths = Scripts o carpetas de scripts; si no, todo lo del sitio
help-plan = Indicar qué haría un procedimiento; no cambiar nada
help-run = Ejecutar un procedimiento y seguirlo
help-runs = Mostrar las ejecuciones más recientes
help-runs-all = Todas
help-runs-children = Con las ejecuciones iniciadas por otras ejecuciones
help-show = Mostrar una ejecución con su registro
help-show-diff = Con las diferencias de textos
help-follow = Seguir una ejecución en la que trabaja otro proceso
help-resume = Continuar una ejecución interrumpida o en espera; sin EJECUCIÓN, mostrarlas
help-approve = Aprobar el plan con el que espera una ejecución
help-reject = Rechazar el plan con el que espera una ejecución
help-answer = Responder a la pregunta de una ejecución o decir qué fue de una llamada dudosa
help-answer-answer = sí o no, una opción, o NOMBRE=VALOR para cada campo del formulario
help-answer-applied = La llamada dudosa surtió efecto y habría respondido esto (JSON)
help-answer-not-applied = La llamada dudosa no surtió efecto
help-cancel = Terminar una ejecución
help-undo = Deshacer una ejecución: mostrar el plan, preguntar y hacerlo
help-grants = Mostrar lo que pueden hacer los procedimientos
help-grant = Conceder a un procedimiento lo que necesita su manifiesto
help-grant-resource = El recurso, para las necesidades de un parámetro o de cualquier recurso
help-revoke = Retirar concesiones
help-revoke-id = El procedimiento o el patrón al que se concedió algo
help-revoke-capability = Solo las de esta capacidad
help-secret = Secretos del sitio
help-secret-set = Definir un secreto; el valor se lee de la entrada estándar o se escribe
help-secret-list = Mostrar los nombres
help-secret-remove = Quitar un secreto con todas sus versiones
help-plugin = Complementos del sitio
help-plugin-install = Instalar un complemento
help-plugin-install-file = El complemento, un componente WebAssembly
help-plugin-list = Mostrar los complementos instalados
help-plugin-remove = Quitar un complemento
help-plugin-info = Indicar los procedimientos de un complemento
help-plugin-info-plugin = El nombre de un complemento instalado o un archivo
help-capabilities = Las funciones que pueden llamar los procedimientos
help-capabilities-name = Solo esta capacidad o función: files, files.read
help-capabilities-rhai = Como archivo de definiciones para editores de scripts Rhai
help-capabilities-schema = Como esquemas JSON de argumentos y respuestas
help-audit = La integridad del registro
help-audit-verify = Comprobar el registro, o uno exportado: cada entrada, blob y firma
help-audit-verify-export = Un registro exportado
help-audit-verify-head = Una cabeza exportada antes: descubre un final cortado
help-audit-export = Exportar registros con sus firmas
help-audit-export-run = La ejecución; si no, todas
help-audit-export-output = El archivo que se escribe; si no, la salida estándar
help-user = Personas del sitio
help-user-add = Añadir a una persona y mostrar su token personal una sola vez
help-user-add-role = viewer (ver), operator (ejecutar), approver (aprobar) o admin (administrar)
help-user-add-account = Su cuenta del sistema operativo, si no es su nombre
help-user-list = Mostrar las personas
help-user-token = Dar a una persona un token nuevo; el anterior deja de valer
help-user-remove = Quitar a una persona
help-schedules = Mostrar qué se inicia y cuándo, y qué ocurrió la última vez
help-schedules-next = Cuántos de los próximos momentos mostrar
help-serve = Iniciar lo programado y continuar las ejecuciones que esperaban o se interrumpieron, hasta que se le indique terminar
help-explain = Explicar un código de error
help-explain-code = El código, por ejemplo P0106

## Palabras

column-run = Ejecución
column-state = Estado
column-procedure = Procedimiento
column-by = Por
column-started = Inicio
column-took = Duración
column-id = Procedimiento
column-title = Título
column-form = Forma
column-parameters = Parámetros
column-undoes = Deshace
column-capability = Capacidad
column-resource = Recurso
column-effect = Efecto
column-secret = Secreto
column-versions = Versiones
column-name = Nombre
column-role = Papel
column-account = Cuenta
column-token = Token
column-plugin = Complemento
column-installed = Instalado
column-digest = Resumen
column-schedule = Programación
column-when = Cuándo
column-zone = Zona horaria
column-last = Última vez
column-next = Próxima vez

state-running = en curso
state-waiting = en espera
state-interrupted = interrumpida
state-in-doubt = en duda
state-diverged = divergente
state-succeeded = correcta
state-failed = fallida
state-cancelled = cancelada

effect-read = leer
effect-write = escribir
effect-destructive = destruir

form-script = script
form-plugin = complemento
overrides = sustituye a otro
flag-supervised = supervisado
flag-destructive = destructivo
required = obligatorio
granted = concedido
not-granted = no concedido

probe-applied = surtió efecto
probe-running = sigue en curso
probe-partial = surtió efecto en parte
probe-not-applied = no surtió efecto
probe-unknown = no se puede saber

## Sitios

init-done = El sitio { $dir } está listo. Vaya allí y pruebe:
nothing-done = No se hizo nada.

## Procedimientos

procedures-none = Aquí no hay ningún procedimiento. Los scripts van en { $dir }.
describe-section = Sección { $section } del manual
describe-source = De: { $form } { $path }
describe-overrides = Sustituye a: { $path }
describe-supervised = Supervisado: una segunda persona aprueba cada ejecución.
describe-destructive = Destructivo: se pierde algo a propósito.
describe-parameters = Parámetros
describe-needs = Necesidades
describe-needs-nothing = { "  " }ninguna
describe-steps = Pasos

## Planes

plan-verification = Después, no en un plan: { $step }
plan-nothing = No cambiaría nada.
plan-complete = { $count ->
    [one] Un cambio, previsto
   *[other] { $count } cambios, todos previstos
}. Plan { $digest }
plan-partial = { $count ->
    [0] Ningún cambio
    [one] Un cambio
   *[other] { $count } cambios
} hasta aquí; lo que sigue aún no se puede saber: { $why } Plan { $digest }
plan-fails = { $count ->
    [0] Fallaría:
    [one] Después de un cambio fallaría:
   *[other] Después de { $count } cambios fallaría:
}
step-verify = Comprobación: { $step }

## Ejecuciones

run-started = Ejecución { $run }
run-resumed = Continúa la ejecución { $run }
run-done = Hecho en { $took }.
run-failed = La ejecución { $run } falló. Todo sobre ella: procedo show { $run }
run-failed-undo = Para revertir lo que hizo: procedo undo { $run }
run-interrupted = La ejecución { $run } está interrumpida. Continúe con: procedo resume { $run }
runs-none = Aquí todavía no se ha ejecutado nada.
runs-interrupted = Las ejecuciones interrumpidas continúan con «procedo resume EJECUCIÓN».
schedules-none = Aquí no hay nada programado. Las programaciones se declaran en procedo.toml como [[schedule]] o las establecen los procedimientos.
schedules-never = todavía nunca
schedules-not-served = Ahora ningún proceso atiende este sitio, así que no se inicia nada: lo hace «procedo serve».
schedules-fault = Aviso: procedo.toml contiene una programación que no se puede usar ({ $code }): { $reason } «procedo serve» no empieza hasta que se corrija.
serve-started = Se atiende «{ $site }» con { $schedules ->
    [one] una programación
   *[other] { $schedules } programaciones
 } en la zona horaria { $zone }. Ctrl-C termina.
serve-fired = { $subject }: ejecución { $run } de { $procedure } para { $slot }
serve-made-up = { $subject }: la ejecución { $run } de { $procedure } recupera lo perdido hasta { $slot }
serve-not-fired = { $subject }: no se pudo iniciar { $procedure } para { $slot }. { $error }
serve-missed = { $schedule }: se perdió { $slot }, y ya no se recupera
serve-skipped = { $schedule }: se omite { $slot }, porque la ejecución { $run } no ha terminado
serve-held = { $schedule }: { $slot } espera a que termine la ejecución { $run }
serve-refused = No se puede usar una programación que estableció un procedimiento. { $error }
serve-resumed = Continúa la ejecución { $run }
serve-succeeded = La ejecución { $run } ha terminado bien
serve-failed = La ejecución { $run } ha fallado. { $error }
serve-cancelled = Se canceló la ejecución { $run }: { $reason }
serve-interrupted = La ejecución { $run } queda interrumpida y continuará cuando se vuelva a atender el sitio
serve-waiting = La ejecución { $run } queda en espera. { $why }
serve-run-trouble = No se pudo continuar la ejecución { $run }. { $error }
serve-trouble = { $error }
serve-reloaded = procedo.toml ha cambiado y vale tal como está ahora
serve-not-reloaded = procedo.toml ha cambiado y se rechaza; vale lo que decía antes. { $error }
serve-stopping = Se pidió terminar: las ejecuciones se detienen
serve-stopped = Terminado
resume-none = Ninguna ejecución espera a que alguien la continúe.
resume-which = Estas ejecuciones se pueden continuar:
follow-rests = La ejecución { $run } está ahora parada: { $state }.
live-probed = { $operation } estaba en duda: { $found }.
live-child = { $procedure } iniciado como { $run }
child-failed = Falló la ejecución { $run } de { $procedure }: { $reason }
yes-does-not-count = El --yes de esta cuenta no vale como aprobación: quien aprueba muestra un token personal.
hint-go-on = Continúe con: { $command }
hint-yes-no = sí|no

undo-plan = Para deshacer la ejecución { $run }:
undo-question = ¿Deshacerla?
undo-title = deshace { $run }
undo-reversed = { $count ->
    [0] No hubo que revertir nada de { $run }.
    [one] Se revirtió una llamada de { $run }.
   *[other] Se revirtieron { $count } llamadas de { $run }.
}
undo-kept = Se conserva: { $target }: { $reason }
undo-irreversible = Irreversible: { $target }: { $reason }

## Esperas

wait-approval = Espera { $needed ->
    [one] una aprobación
   *[other] { $needed } aprobaciones
} del plan { $digest }.
wait-second-person = Espera { $needed ->
    [one] la aprobación de una segunda persona
   *[other] { $needed } aprobaciones de personas distintas de quien la inició
} para el plan { $digest }.
wait-answer = Espera la respuesta «{ $key }»:
wait-moment = Espera hasta { $until }.
wait-window = Espera la ventana de mantenimiento «{ $window }», que se abre { $opens }.
wait-lock = Espera el bloqueo «{ $lock }», que tiene la ejecución { $holder }.
wait-verdict = No se sabe si { $operation } surtió efecto:
wait-child = Espera la ejecución { $run }.
wait-diverged = Divergente: el registro tiene { $expected }, ahora es { $found }. Restablezca aquello con lo que se inició y continúe, o cancélela.
lock-held = El bloqueo «{ $lock }» lo tiene la ejecución { $run } ({ $procedure }, por { $by }, desde { $since }). Se espera a que termine.
lock-holder-rests = La ejecución { $run } tiene el bloqueo y no continúa por sí sola; su estado: { $state }.
approve-question = ¿Aprobarlo?
approve-second-person = Esto debe aprobarlo una segunda persona con su propio token.
approve-single-change = Este cambio no estaba en el plan aprobado:
verdict-question = ¿Surtió efecto?
verdict-applied = Sí, surtió efecto
verdict-not-applied = No, no surtió efecto: hacerla de nuevo
verdict-look = Volver a mirar
verdict-later = Decidirlo más tarde
verdict-reply = ¿Qué habría respondido?

ask-yes-no = [s/N]
ask-not-understood = No se ha entendido.
ask-number = Número (1–{ $count }):
ask-number-wanted = «{ $value }» no es un número entero.
ask-required = Hace falta.
ask-optional = (opcional)
ask-token = Token personal:

## Registros

entry-started = { $by } inició { $procedure }
entry-override = – también fuera de la ventana de mantenimiento: { $reason }
entry-outcome = hecho en { $took }
entry-probe = Se miró qué fue de ella: { $found }.
entry-resumed = { $by } continuó la ejecución
entry-succeeded = Correcta
entry-failed = Fallida:
entry-cancelled = Cancelada: { $reason }
decided-approve = { $by } aprobó { $digest }
decided-reject = { $by } lo rechazó: { $reason }
decided-answer = { $by } respondió a «{ $key }»: { $answer }
decided-applied = { $by } dijo que surtió efecto: { $reply }
decided-not-applied = { $by } dijo que no surtió efecto
decided-cancel = { $by } canceló: { $reason }
decided-override = { $by } pasó por alto la ventana de mantenimiento: { $reason }
run-confirm = Preguntar sí o no
run-ask = Pedir un formulario
run-choose = Pedir una elección
run-now = Mirar el reloj
run-random = Tomar { $count } bytes aleatorios
run-sleep = Esperar { $milliseconds } ms
run-sleep-until = Esperar hasta { $moment }
run-run-child = Ejecutar { $procedure }
run-run-children = Ejecutar procedimientos a la vez
run-language = Consultar el idioma

## Decisiones

decided-approved = { $by } aprobó la ejecución { $run }. Continúe con: procedo resume { $run }
decided-rejected = { $by } rechazó el plan de la ejecución { $run }. Termina cuando se continúe: procedo resume { $run }
decided-answered = La ejecución { $run } tiene su respuesta. Continúe con: procedo resume { $run }
cancel-done = La ejecución { $run } está cancelada.
cancel-sent = Se está trabajando en la ejecución { $run }; termina antes de su próxima llamada.

## Sitios: personas, concesiones, secretos, complementos, comprobaciones, el laboratorio

role-viewer = viewer (ver)
role-operator = operator (ejecutar)
role-approver = approver (aprobar)
role-admin = admin (administrar)
users-none = El sitio no conoce a nadie: quien puede escribir en su carpeta puede hacerlo todo.
user-token = El token personal de { $name }; se muestra solo esta vez y no se guarda en ninguna parte:
user-token-use = Se indica en un terminal cuando se pide, en PROCEDO_TOKEN o con --token-file ARCHIVO.
user-removed = { $name } ya no está.
grants-none = No hay nada concedido: aquí los procedimientos no pueden hacer nada.
grant-these = Por conceder:
grant-nothing = Todo lo que necesita { $procedure } ya está concedido.
grant-question = ¿Concederlo?
grant-done = { $count ->
    [one] Se añadió una concesión a procedo.toml.
   *[other] Se añadieron { $count } concesiones a procedo.toml.
}
revoke-done = { $count ->
    [one] Se retiró una concesión.
   *[other] Se retiraron { $count } concesiones.
}
secret-value = Valor de { $name }:
secret-set = { $name } está definido: secret:{ $name }@{ $version }
secret-removed = Se quitó { $name } con todas sus versiones.
secrets-none = El sitio no tiene secretos.
plugin-installed = { $name } está instalado (resumen { $digest }):
plugin-removed = Se quitó { $name }.
plugins-none = No hay ningún complemento instalado.
check-done = { $checked ->
    [one] Un procedimiento comprobado
   *[other] { $checked } procedimientos comprobados
}: { $errors ->
    [one] un error
   *[other] { $errors } errores
}, { $warnings ->
    [one] una advertencia
   *[other] { $warnings } advertencias
}.
lab-up = El laboratorio está en marcha: { $url }
lab-already = El laboratorio ya estaba en marcha: { $url }
lab-is-up = El laboratorio está en marcha: { $url }
lab-is-down = El laboratorio no está en marcha.
lab-stopped = El laboratorio se ha detenido.
lab-web-is-down = El servidor web del laboratorio no está en marcha.
lab-server = Servidor { $server }: en ejecución { $running }; detenidos { $stopped }
lab-server-off = Servidor { $server }: apagado; en ejecución { $running }
audit-unsigned = Sin firmar desde la entrada { $since }: { $count ->
    [one] una entrada
   *[other] { $count } entradas
} de la ejecución { $run }. Un cambio en ellas aún no se vería.
audit-checked = Comprobado: { $runs } { $runs ->
    [one] ejecución
   *[other] ejecuciones
}, { $entries } { $entries ->
    [one] entrada
   *[other] entradas
}, { $heads } { $heads ->
    [one] cabeza firmada
   *[other] cabezas firmadas
}, { $blobs } { $blobs ->
    [one] blob
   *[other] blobs
}.
audit-whole = Todo está como se escribió.
audit-head = La última cabeza: { $number }, { $digest }. Guardada en otro lugar, muestra más tarde si se cortó el final: procedo audit verify --head ARCHIVO.
audit-exported = Exportado a { $path }.

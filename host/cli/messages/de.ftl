### Die Befehlszeile.

## Fehler

P0001 = In { $dir } und darüber gibt es keinen Standort: keine procedo.toml. Legen Sie einen an mit „procedo init ORDNER“, oder nennen Sie einen mit --site ORDNER.
P0002 = Die Angaben in { $path } sind ungültig:{ $excerpt }
P0003 = { $path } lässt sich nicht lesen: { $reason }.
P0004 = { $path } lässt sich nicht schreiben: { $reason }.
P0008 = „{ $value }“ ist keine Kennung eines Laufs. „procedo runs“ listet die Läufe auf.
P0009 = „{ $value }“ steht für mehrere Läufe: { $one }, { $other } … Geben Sie mehr von der Kennung an.
P0010 = Es gibt keinen Befehl „{ $command }“. { $meant ->
    [0] „procedo --help“ listet die Befehle auf.
   *[other] Gemeint war vielleicht: { $meant }
}
P0011 = Die Option oder das weitere Argument „{ $argument }“ gibt es hier nicht.{ $meant ->
    [0] {""}
   *[other] { " " }Gemeint war vielleicht: { $meant }
}
P0012 = Es fehlt: { $argument }
P0013 = { $argument }: „{ $value }“ ist nicht erlaubt. Erlaubt: { $rule }
P0014 = { $argument } braucht einen Wert.
P0015 = { $argument } und { $other } schließen einander aus.
P0016 = Die Befehlszeile ist nicht verständlich: { $reason }
P0017 = { $path } enthält kein JSON-Objekt: { $reason }.
P0018 = { $value } ist kein JSON: { $reason }.
P0019 = { $dir } ist nicht leer. Ein Standort wird in einem leeren oder neuen Ordner angelegt.
P0020 = In procedo.toml steht keine Berechtigung für { $procedure }.
P0021 = Der Bedarf { $need } hängt an einem Parameter ohne Vorgabe: Sagen Sie, für welche Ressource, mit --resource NAME oder -p { $parameter }=WERT.
P0022 = Kein Fehler hat den Code „{ $code }“.
P0023 = Der Standort hat keine Ressource { $resource }. Deklarieren Sie sie in procedo.toml als [resource.{ $capability }.{ $name }].
P0024 = Der Standort deklariert Ressourcen von „{ $capability }“, die dieses Procedo nicht kennt. Es kennt: { $known }.
P0025 = „{ $name }“ in procedo.toml hat nicht die Form, die dieser Befehl ändern kann. Ändern Sie es von Hand.
P0026 = Hier kann niemand gefragt werden. Sagen Sie ja mit --yes, oder geben Sie den Befehl an einem Terminal ein.
P0027 = Das Plugin { $file } trägt keine Signatur, und dieser Standort lässt das nicht zu. Um es zuzulassen, schreiben Sie „allow-unsigned = true“ unter [plugins] in procedo.toml.
P0028 = Das Plugin { $file } wurde nicht installiert: „procedo plugin install DATEI“ tut das.
P0029 = Das Plugin { $file } ist nicht das, das installiert wurde (Prüfsumme { $digest } …). Installieren Sie es neu, wenn das seine Richtigkeit hat.
P0030 = { $id } ist auch die Kennung von { $first }, und diese gilt. Geben Sie einer von beiden eine andere.
P0031 = Der Wert eines Geheimnisses wird von der Standardeingabe gelesen oder am Terminal eingegeben; was kam, war leer.
P0032 = Der Hook „{ $at }“ von { $procedure } nennt einen Schritt, den sie nicht hat. Sie hat: { $steps }.
P0033 = Der Hook „{ $at }“ von { $procedure } startet { $run }, und diese Prozedur gibt es nicht.
P0034 = { $procedure } benötigt { $need } ({ $effect }), und der Standort gestattet das nicht. „procedo grant { $procedure }“ gestattet es.
P0035 = Es ist kein Plugin „{ $name }“ installiert. „procedo plugin list“ listet die vorhandenen auf.
P0036 = „{ $name }“ kann kein Personenname sein: erlaubt sind Buchstaben, Ziffern, „.“, „_“ und „-“.
P0037 = „{ $name }“ kann kein Name eines Geheimnisses sein: erlaubt sind Wörter aus a–z, 0–9 und „-“, getrennt durch „/“.
P0038 = Die Berechtigung für „{ $procedure }“ trifft auf keine Prozedur hier zu.
P0039 = Ein Geheimnis darf höchstens { $limit } Byte haben.
P0040 = Es gibt keine Fähigkeit oder Funktion „{ $name }“. Es gibt: { $known }.
P0041 = { $procedure } tritt an die Stelle derjenigen in { $path }.
P0042 = Die Antwort hat nicht die Form, die { $operation } gibt: { $at } müsste { $expected } sein. „procedo capabilities { $operation }“ sagt mehr.
P0043 = Der Hook „{ $at }“ von { $procedure } führt { $run } aus, und das führt zu { $procedure } zurück: Die Prozedur würde sich endlos selbst starten. Lassen Sie den Hook eine andere Prozedur ausführen.
P0044 = { $variable } nennt den Ordner { $path }, den es nicht gibt: Keine der Prozeduren, die mit Procedo kommen, wird gefunden. Berichtigen Sie die Variable, oder entfernen Sie sie.
P0045 = Der Parameter „{ $name }“ ist zweimal angegeben. Geben Sie ihn einmal an.
P0046 = Die Berechtigung für „{ $procedure }“ nennt die Fähigkeit „{ $capability }“, die es nicht gibt; sie erlaubt also nichts. Es gibt: { $known }. Schreiben Sie für jede gemeinte eine Berechtigung.
P0070 = Das ist ein Fehler in Procedo.
P1320 = Der Prozess { $process } von { $account } bedient diesen Standort bereits, seit { $since }. Ein Prozess genügt; beenden Sie zuerst jenen.
P1321 = Die Datei { $path }, an der ein bedienender Prozess erkannt wird, ist nicht zu verwenden: { $reason }
P0503 = Das vorgezeigte Token gehört hier niemandem.
P0504 = Wer genehmigt oder ablehnt, zeigt ein persönliches Token vor: am Terminal, in { $variable } oder mit --token-file DATEI.
P0506 = { $person } hat hier die Rolle „{ $role }“; dafür ist „{ $needed }“ nötig.
P0507 = Der Standort führt niemanden namens „{ $name }“.
P0508 = Der Standort führt „{ $name }“ bereits. „procedo user token { $name }“ stellt ein neues Token aus.
P0509 = Die erste Person eines Standorts muss Administrator sein: sonst könnte niemand weitere hinzufügen.
P0510 = Das muss eine zweite Person genehmigen, und niemand hat hier ein Token. Ein Administrator stellt eines aus: procedo user add NAME --role approver
P0511 = Ohne { $name } hätte der Standort keinen Administrator. Machen Sie zuerst jemand anderen dazu, oder entfernen Sie zuerst die anderen.

## Hilfe

help-about = Führt Betriebsprozeduren aus: geplant, fortsetzbar, umkehrbar, aufgezeichnet.
help-heading-usage = Aufruf
help-heading-commands = Befehle
help-heading-arguments = Argumente
help-heading-options = Optionen
help-value-answer = ANTWORT
help-value-code = CODE
help-value-command = BEFEHL
help-value-dir = ORDNER
help-value-export = DATEI
help-value-file = DATEI
help-value-id = PROZEDUR
help-value-key-value = SCHLÜSSEL=WERT
help-value-language = SPRACHE
help-value-name = NAME
help-value-name-value = NAME=WERT
help-value-options = OPTIONEN
help-value-paths = PFADE
help-value-plugin = PLUGIN
help-value-reason = GRUND
help-value-reply = ANTWORT
help-value-role = ROLLE
help-value-run = LAUF
help-value-text = TEXT
help-not-utf-8 = ein Argument ist kein UTF-8
help-arg-site = Der Ordner des Standorts; sonst der aktuelle oder der nächste darüber, der eine procedo.toml hat
help-arg-json = JSON ausgeben: ein Dokument, oder eines je Zeile, solange ein Lauf vorangeht
help-arg-lang = Die Sprache: en, es oder de; sonst die des Gebietsschemas
help-arg-token-file = Die Datei mit Ihrem persönlichen Token; sonst die Variable PROCEDO_TOKEN
help-arg-help = Sagen, wie das verwendet wird
help-arg-version = Die Version nennen
help-arg-id = Die Prozedur, etwa web/localize-components
help-arg-run = Der Lauf; das Ende seiner Kennung genügt
help-arg-param = Ein Parameter; @DATEI steht für ein JSON-Objekt mit Parametern
help-arg-params = Eine Datei mit einem JSON-Objekt von Parametern; „-“ ist die Standardeingabe
help-arg-answer = Die Antwort auf eine Frage im Voraus; SCHLÜSSEL.FELD=WERT für ein Feld eines Formulars
help-arg-override-reason = Aus diesem Grund auch außerhalb des Wartungsfensters ändern
help-arg-no-diff = Die Unterschiede von Texten weglassen
help-arg-yes = Im Voraus ja sagen
help-arg-no-wait = Nicht auf eine Sperre oder einen Zeitpunkt warten: den Lauf verlassen und mit Code 4 enden
help-arg-reason = Warum
help-arg-name = Der Name
help-init = Einen neuen Standort anlegen
help-init-dir = Der Ordner des Standorts: ein leerer oder ein neuer
help-init-lab = Mit einem simulierten Contact Center zum Ausprobieren
help-lab = Der simulierte Standort: nur auf dieser Maschine
help-lab-up = Ihn starten
help-lab-up-part = Der Teil, der gestartet wird: web, main, backup oder central-reporting; ohne Angabe alle
help-lab-status = Sagen, ob er läuft und wo
help-lab-down = Ihn stoppen
help-procedures = Auflisten, was hier ausgeführt werden kann
help-describe = Parameter, Bedarf und Risiken einer Prozedur nennen
help-check = Skripte, Manifeste und Angaben prüfen, ohne etwas auszuführen
help-check-paths = Skripte oder Ordner mit Skripten; sonst alles am Standort
help-plan = Sagen, was eine Prozedur tun würde; nichts ändern
help-run = Eine Prozedur ausführen und verfolgen
help-runs = Die neuesten Läufe auflisten
help-runs-all = Alle
help-runs-children = Mit den Läufen, die von Läufen gestartet wurden
help-show = Einen Lauf mit seinem Journal zeigen
help-show-diff = Mit den Unterschieden von Texten
help-follow = Einen Lauf verfolgen, an dem ein anderer Prozess arbeitet
help-resume = Mit einem Lauf fortfahren, der unterbrochen ist oder wartet; ohne LAUF diese auflisten
help-approve = Den Plan genehmigen, mit dem ein Lauf wartet
help-reject = Den Plan ablehnen, mit dem ein Lauf wartet
help-answer = Die Frage eines Laufs beantworten, oder sagen, was aus einem ungewissen Aufruf wurde
help-answer-answer = ja oder nein, eine Auswahl, oder NAME=WERT für jedes Feld des Formulars
help-answer-applied = Der ungewisse Aufruf wurde wirksam und hätte dies geantwortet (JSON)
help-answer-not-applied = Der ungewisse Aufruf wurde nicht wirksam
help-cancel = Einen Lauf beenden
help-undo = Einen Lauf rückgängig machen: den Plan dafür zeigen, fragen, es tun
help-grants = Auflisten, was Prozeduren dürfen
help-grant = Einer Prozedur gestatten, was ihr Manifest benötigt
help-grant-resource = Die Ressource, für Bedarf aus einem Parameter oder an einer beliebigen Ressource
help-revoke = Berechtigungen zurücknehmen
help-revoke-id = Die Prozedur, oder das Muster, dem etwas gestattet wurde
help-revoke-capability = Nur die dieser Fähigkeit
help-secret = Geheimnisse des Standorts
help-secret-set = Ein Geheimnis setzen; der Wert wird von der Standardeingabe gelesen oder eingegeben
help-secret-list = Die Namen auflisten
help-secret-remove = Ein Geheimnis mit allen Versionen entfernen
help-plugin = Plugins des Standorts
help-plugin-install = Ein Plugin installieren
help-plugin-install-file = Das Plugin, eine WebAssembly-Komponente
help-plugin-list = Die installierten Plugins auflisten
help-plugin-remove = Ein Plugin entfernen
help-plugin-info = Die Prozeduren eines Plugins nennen
help-plugin-info-plugin = Der Name eines installierten Plugins, oder eine Datei
help-capabilities = Die Funktionen, die Prozeduren aufrufen können
help-capabilities-name = Nur diese Fähigkeit oder Funktion: files, files.read
help-capabilities-rhai = Als Definitionsdatei für Editoren von Rhai-Skripten
help-capabilities-schema = Als JSON-Schemas der Argumente und Antworten
help-audit = Die Unversehrtheit der Aufzeichnung
help-audit-verify = Das Journal, oder ein exportiertes, prüfen: jeden Eintrag, Blob und jede Signatur
help-audit-verify-export = Ein exportiertes Journal
help-audit-verify-head = Ein früher exportierter Kopf: findet ein abgeschnittenes Ende
help-audit-export = Journale mit ihren Signaturen exportieren
help-audit-export-run = Der Lauf; sonst alle
help-audit-export-output = Die Datei, die geschrieben wird; sonst die Standardausgabe
help-user = Personen des Standorts
help-user-add = Eine Person hinzufügen und ihr persönliches Token einmal ausgeben
help-user-add-role = viewer (ansehen), operator (ausführen), approver (genehmigen) oder admin (verwalten)
help-user-add-account = Ihr Betriebssystemkonto, wenn es nicht ihr Name ist
help-user-list = Die Personen auflisten
help-user-token = Einer Person ein neues Token ausstellen; das alte wird ungültig
help-user-remove = Eine Person entfernen
help-schedules = Auflisten, was wann gestartet wird und was zuletzt daraus wurde
help-schedules-next = Wie viele der nächsten Zeitpunkte genannt werden
help-serve = Zeitpläne ausführen und Läufe fortsetzen, die warteten oder unterbrochen wurden, bis das Ende verlangt wird
help-explain = Einen Fehlercode erklären
help-explain-code = Der Code, etwa P0106

## Wörter

column-run = Lauf
column-state = Zustand
column-procedure = Prozedur
column-by = Von
column-started = Begonnen
column-took = Dauer
column-id = Prozedur
column-title = Titel
column-form = Form
column-parameters = Parameter
column-undoes = Macht rückgängig
column-capability = Fähigkeit
column-resource = Ressource
column-effect = Wirkung
column-secret = Geheimnis
column-versions = Versionen
column-name = Name
column-role = Rolle
column-account = Konto
column-token = Token
column-plugin = Plugin
column-installed = Installiert
column-digest = Prüfsumme
column-schedule = Zeitplan
column-when = Wann
column-zone = Zeitzone
column-last = Zuletzt
column-next = Als Nächstes

state-running = läuft
state-waiting = wartet
state-interrupted = unterbrochen
state-in-doubt = ungewiss
state-diverged = abgewichen
state-succeeded = erfolgreich
state-failed = fehlgeschlagen
state-cancelled = abgebrochen

effect-read = lesen
effect-write = schreiben
effect-destructive = zerstören

form-script = Skript
form-plugin = Plugin
overrides = ersetzt eine andere
flag-supervised = beaufsichtigt
flag-destructive = zerstörend
required = erforderlich
granted = gestattet
not-granted = nicht gestattet

probe-applied = er wurde wirksam
probe-running = er ist noch im Gange
probe-partial = er wurde zum Teil wirksam
probe-not-applied = er wurde nicht wirksam
probe-unknown = es lässt sich nicht sagen

## Standorte

init-done = Der Standort { $dir } ist bereit. Gehen Sie dorthin und versuchen Sie:
nothing-done = Es wurde nichts getan.

## Prozeduren

procedures-none = Hier gibt es keine Prozedur. Skripte gehören nach { $dir }.
describe-section = Abschnitt { $section } des Handbuchs
describe-source = Aus: { $form } { $path }
describe-overrides = Ersetzt: { $path }
describe-supervised = Beaufsichtigt: Eine zweite Person genehmigt jeden Lauf.
describe-destructive = Zerstörend: Es geht absichtlich etwas verloren.
describe-parameters = Parameter
describe-needs = Bedarf
describe-needs-nothing = { "  " }keiner
describe-steps = Schritte

## Pläne

plan-verification = Danach, nicht im Plan: { $step }
plan-nothing = Es würde sich nichts ändern.
plan-complete = { $count ->
    [one] Eine Änderung, vorhersehbar
   *[other] { $count } Änderungen, alle vorhersehbar
}. Plan { $digest }
plan-partial = { $count ->
    [0] Noch keine Änderung
    [one] Eine Änderung
   *[other] { $count } Änderungen
} bis hierher; was folgt, lässt sich noch nicht sagen: { $why } Plan { $digest }
plan-fails = { $count ->
    [0] Sie würde fehlschlagen:
    [one] Nach einer Änderung würde sie fehlschlagen:
   *[other] Nach { $count } Änderungen würde sie fehlschlagen:
}
step-verify = Prüfung: { $step }

## Läufe

run-started = Lauf { $run }
run-resumed = Weiter mit dem Lauf { $run }
run-done = Fertig in { $took }.
run-failed = Der Lauf { $run } ist fehlgeschlagen. Alles dazu: procedo show { $run }
run-failed-undo = Um zurückzunehmen, was er getan hat: procedo undo { $run }
run-interrupted = Der Lauf { $run } ist unterbrochen. Weiter mit: procedo resume { $run }
runs-none = Hier wurde noch nichts ausgeführt.
runs-interrupted = Unterbrochene Läufe gehen weiter mit „procedo resume LAUF“.
schedules-none = Hier ist nichts geplant. Zeitpläne stehen in procedo.toml als [[schedule]], oder Prozeduren setzen sie.
schedules-never = noch nie
schedules-not-served = Zurzeit bedient kein Prozess diesen Standort, also wird nichts gestartet: „procedo serve“ tut es.
schedules-fault = Warnung: procedo.toml enthält einen Zeitplan, der nicht zu gebrauchen ist ({ $code }): { $reason } „procedo serve“ beginnt erst, wenn er stimmt.
serve-started = „{ $site }“ wird bedient, mit { $schedules ->
    [one] einem Zeitplan
   *[other] { $schedules } Zeitplänen
 } in der Zeitzone { $zone }. Strg-C beendet es.
serve-fired = { $subject }: Lauf { $run } von { $procedure } für { $slot }
serve-made-up = { $subject }: Lauf { $run } von { $procedure } holt nach, was bis { $slot } versäumt wurde
serve-not-fired = { $subject }: { $procedure } ließ sich für { $slot } nicht starten. { $error }
serve-missed = { $schedule }: { $slot } wurde versäumt und wird nicht nachgeholt
serve-skipped = { $schedule }: { $slot } fällt aus, denn der Lauf { $run } ist nicht zu Ende
serve-held = { $schedule }: { $slot } wartet auf das Ende des Laufs { $run }
serve-refused = Ein Zeitplan, den eine Prozedur gesetzt hat, ist nicht zu verwenden. { $error }
serve-resumed = Der Lauf { $run } geht weiter
serve-succeeded = Der Lauf { $run } ist fertig
serve-failed = Der Lauf { $run } ist fehlgeschlagen. { $error }
serve-cancelled = Der Lauf { $run } wurde abgebrochen: { $reason }
serve-interrupted = Der Lauf { $run } ist unterbrochen und geht weiter, sobald der Standort wieder bedient wird
serve-waiting = Der Lauf { $run } ruht. { $why }
serve-run-trouble = Der Lauf { $run } ließ sich nicht fortsetzen. { $error }
serve-trouble = { $error }
serve-reloaded = procedo.toml wurde geändert und gilt, wie es jetzt ist
serve-not-reloaded = procedo.toml wurde geändert und wird abgelehnt; es gilt, was vorher darin stand. { $error }
serve-stopping = Das Ende ist verlangt: Die Läufe kommen zur Ruhe
serve-stopped = Beendet
resume-none = Kein Lauf wartet darauf, dass jemand fortfährt.
resume-which = Mit diesen Läufen kann fortgefahren werden:
follow-rests = Der Lauf { $run } ruht jetzt: { $state }.
live-probed = { $operation } war ungewiss: { $found }.
live-child = { $procedure } gestartet als { $run }
child-failed = Der Lauf { $run } von { $procedure } ist fehlgeschlagen: { $reason }
yes-does-not-count = Das --yes dieses Kontos zählt nicht als Genehmigung: Wer genehmigt, zeigt ein persönliches Token vor.
hint-go-on = Weiter mit: { $command }
hint-yes-no = ja|nein

undo-plan = Um den Lauf { $run } rückgängig zu machen:
undo-question = Rückgängig machen?
undo-title = macht { $run } rückgängig
undo-reversed = { $count ->
    [0] Von { $run } musste nichts umgekehrt werden.
    [one] Ein Aufruf von { $run } wurde umgekehrt.
   *[other] { $count } Aufrufe von { $run } wurden umgekehrt.
}
undo-kept = Belassen: { $target }: { $reason }
undo-irreversible = Nicht umkehrbar: { $target }: { $reason }

## Warten

wait-approval = Wartet auf { $needed ->
    [one] eine Genehmigung
   *[other] { $needed } Genehmigungen
} des Plans { $digest }.
wait-second-person = Wartet auf { $needed ->
    [one] die Genehmigung einer zweiten Person
   *[other] { $needed } Genehmigungen von anderen als dem, der ihn gestartet hat,
} für den Plan { $digest }.
wait-answer = Wartet auf die Antwort „{ $key }“:
wait-moment = Wartet bis { $until }.
wait-window = Wartet auf das Wartungsfenster „{ $window }“; es öffnet { $opens }.
wait-lock = Wartet auf die Sperre „{ $lock }“, die der Lauf { $holder } hält.
wait-verdict = Ungewiss, ob { $operation } wirksam wurde:
wait-child = Wartet auf den Lauf { $run }.
wait-diverged = Abgewichen: Im Journal steht { $expected }, jetzt ist es { $found }. Stellen Sie wieder her, womit er gestartet wurde, und fahren Sie fort, oder brechen Sie ihn ab.
lock-held = Die Sperre „{ $lock }“ hält der Lauf { $run } ({ $procedure }, von { $by }, seit { $since }). Es wird auf sein Ende gewartet.
lock-holder-rests = Der Lauf { $run } hält die Sperre und geht nicht von selbst weiter; sein Zustand: { $state }.
approve-question = Genehmigen?
approve-second-person = Das muss eine zweite Person mit ihrem eigenen Token genehmigen.
approve-single-change = Diese Änderung stand nicht im genehmigten Plan:
verdict-question = Wurde er wirksam?
verdict-applied = Ja, er wurde wirksam
verdict-not-applied = Nein, er wurde nicht wirksam: noch einmal ausführen
verdict-look = Noch einmal nachsehen
verdict-later = Später entscheiden
verdict-reply = Was hätte er geantwortet?

ask-yes-no = [j/N]
ask-not-understood = Das war nicht verständlich.
ask-number = Nummer (1–{ $count }):
ask-number-wanted = „{ $value }“ ist keine ganze Zahl.
ask-required = Das wird benötigt.
ask-optional = (freiwillig)
ask-token = Persönliches Token:

## Journale

entry-started = { $by } hat { $procedure } gestartet
entry-override = – auch außerhalb des Wartungsfensters: { $reason }
entry-outcome = fertig in { $took }
entry-probe = Nachgesehen, was daraus wurde: { $found }.
entry-resumed = { $by } hat den Lauf fortgesetzt
entry-succeeded = Erfolgreich
entry-failed = Fehlgeschlagen:
entry-cancelled = Abgebrochen: { $reason }
decided-approve = { $by } hat { $digest } genehmigt
decided-reject = { $by } hat abgelehnt: { $reason }
decided-answer = { $by } hat „{ $key }“ beantwortet: { $answer }
decided-applied = { $by } hat gesagt, dass er wirksam wurde: { $reply }
decided-not-applied = { $by } hat gesagt, dass er nicht wirksam wurde
decided-cancel = { $by } hat abgebrochen: { $reason }
decided-override = { $by } hat das Wartungsfenster übergangen: { $reason }
run-confirm = Ja oder nein fragen
run-ask = Ein Formular ausfüllen lassen
run-choose = Auswählen lassen
run-now = Auf die Uhr sehen
run-random = { $count } Zufallsbytes nehmen
run-sleep = { $milliseconds } ms warten
run-sleep-until = Bis { $moment } warten
run-run-child = { $procedure } ausführen
run-run-children = Prozeduren gleichzeitig ausführen
run-language = Die Sprache abfragen

## Entscheidungen

decided-approved = { $by } hat den Lauf { $run } genehmigt. Weiter mit: procedo resume { $run }
decided-rejected = { $by } hat den Plan des Laufs { $run } abgelehnt. Er endet, sobald er fortgesetzt wird: procedo resume { $run }
decided-answered = Der Lauf { $run } hat seine Antwort. Weiter mit: procedo resume { $run }
cancel-done = Der Lauf { $run } ist abgebrochen.
cancel-sent = An dem Lauf { $run } wird gearbeitet; er endet vor seinem nächsten Aufruf.

## Standorte: Personen, Berechtigungen, Geheimnisse, Plugins, Prüfungen, das Labor

role-viewer = viewer (ansehen)
role-operator = operator (ausführen)
role-approver = approver (genehmigen)
role-admin = admin (verwalten)
users-none = Der Standort führt niemanden: Wer seinen Ordner beschreiben kann, darf alles.
user-token = Das persönliche Token von { $name }; es wird nur dieses eine Mal gezeigt und nirgends aufbewahrt:
user-token-use = Es wird auf Nachfrage am Terminal angegeben, in PROCEDO_TOKEN oder mit --token-file DATEI.
user-removed = { $name } ist entfernt.
grants-none = Nichts ist gestattet: Prozeduren dürfen hier nichts.
grant-these = Zu gestatten:
grant-nothing = Alles, was { $procedure } benötigt, ist schon gestattet.
grant-question = Gestatten?
grant-done = { $count ->
    [one] Eine Berechtigung wurde in procedo.toml aufgenommen.
   *[other] { $count } Berechtigungen wurden in procedo.toml aufgenommen.
}
revoke-done = { $count ->
    [one] Eine Berechtigung wurde zurückgenommen.
   *[other] { $count } Berechtigungen wurden zurückgenommen.
}
secret-value = Wert von { $name }:
secret-set = { $name } ist gesetzt: secret:{ $name }@{ $version }
secret-removed = { $name } ist mit allen Versionen entfernt.
secrets-none = Der Standort hat keine Geheimnisse.
plugin-installed = { $name } ist installiert (Prüfsumme { $digest }):
plugin-removed = { $name } ist entfernt.
plugins-none = Es ist kein Plugin installiert.
check-done = { $checked ->
    [one] Eine Prozedur geprüft
   *[other] { $checked } Prozeduren geprüft
}: { $errors ->
    [one] ein Fehler
   *[other] { $errors } Fehler
}, { $warnings ->
    [one] eine Warnung
   *[other] { $warnings } Warnungen
}.
lab-up = Das Labor läuft: { $url }
lab-already = Das Labor lief bereits: { $url }
lab-is-up = Das Labor läuft: { $url }
lab-is-down = Das Labor läuft nicht.
lab-stopped = Das Labor ist gestoppt.
lab-web-is-down = Der Webserver des Labors läuft nicht.
lab-server = Server { $server }: laufend { $running }; beendet { $stopped }
lab-server-off = Server { $server }: ausgeschaltet; laufend { $running }
audit-unsigned = Unsigniert seit Eintrag { $since }: { $count ->
    [one] ein Eintrag
   *[other] { $count } Einträge
} des Laufs { $run }. Eine Änderung daran wäre noch nicht zu sehen.
audit-checked = Geprüft: { $runs } { $runs ->
    [one] Lauf
   *[other] Läufe
}, { $entries } { $entries ->
    [one] Eintrag
   *[other] Einträge
}, { $heads } { $heads ->
    [one] signierter Kopf
   *[other] signierte Köpfe
}, { $blobs } { $blobs ->
    [one] Blob
   *[other] Blobs
}.
audit-whole = Alles ist, wie es geschrieben wurde.
audit-head = Der letzte Kopf: { $number }, { $digest }. Andernorts aufbewahrt, zeigt er später, ob das Ende abgeschnitten wurde: procedo audit verify --head DATEI.
audit-exported = Exportiert nach { $path }.

### The command line.

## Errors

P0001 = There is no site in { $dir } or above it: no procedo.toml. Make one with “procedo init DIR”, or name one with --site DIR.
P0002 = The declarations in { $path } are not valid:{ $excerpt }
P0003 = { $path } cannot be read: { $reason }.
P0004 = { $path } cannot be written: { $reason }.
P0008 = “{ $value }” is not a run's identifier. “procedo runs” lists the runs.
P0009 = “{ $value }” stands for several runs: { $one }, { $other } … Give more of the identifier.
P0010 = There is no command “{ $command }”. { $meant ->
    [0] “procedo --help” lists the commands.
   *[other] Meant, perhaps: { $meant }
}
P0011 = There is no option or further argument “{ $argument }” here.{ $meant ->
    [0] {""}
   *[other] { " " }Meant, perhaps: { $meant }
}
P0012 = What is missing: { $argument }
P0013 = { $argument }: “{ $value }” is not allowed. Allowed: { $rule }
P0014 = { $argument } needs a value.
P0015 = { $argument } cannot be given together with { $other }.
P0016 = The command line is not understood: { $reason }
P0017 = { $path } does not hold a JSON object: { $reason }.
P0018 = { $value } is not JSON: { $reason }.
P0019 = { $dir } is not empty. A site is made in an empty folder or a new one.
P0020 = There is no grant for { $procedure } in procedo.toml.
P0021 = The need { $need } is that of a parameter without a default: say for which resource, with --resource NAME or -p { $parameter }=VALUE.
P0022 = No error has the code “{ $code }”.
P0023 = The site has no resource { $resource }. Declare it in procedo.toml as [resource.{ $capability }.{ $name }].
P0024 = The site declares resources of “{ $capability }”, which this Procedo does not know. It knows: { $known }.
P0025 = “{ $name }” in procedo.toml is not of the form that this command changes. Change it by hand.
P0026 = Nobody can be asked here. Say yes with --yes, or type the command on a terminal.
P0027 = The plugin { $file } bears no signature, and this site does not allow that. To allow it, write “allow-unsigned = true” under [plugins] in procedo.toml.
P0028 = The plugin { $file } was not installed: “procedo plugin install FILE” does that.
P0029 = The plugin { $file } is not the one that was installed (digest { $digest } …). Install it again if that is right.
P0030 = { $id } is also the identifier of { $first }, which counts. Give one of them another.
P0031 = A secret's value is read from standard input or typed on a terminal; what came was empty.
P0032 = The hook “{ $at }” of { $procedure } names a step that it does not have. It has: { $steps }.
P0033 = The hook “{ $at }” of { $procedure } runs { $run }, which is not there.
P0034 = { $procedure } needs { $need } ({ $effect }), which the site does not grant. “procedo grant { $procedure }” does.
P0035 = No plugin “{ $name }” is installed. “procedo plugin list” lists those there are.
P0036 = “{ $name }” cannot be the name of a person: letters, digits, “.”, “_” and “-” can.
P0037 = “{ $name }” cannot be the name of a secret: words of a–z, 0–9 and “-”, separated by “/”.
P0038 = The grant for “{ $procedure }” matches no procedure here.
P0039 = A secret may have { $limit } bytes at most.
P0040 = There is no capability or function “{ $name }”. There are: { $known }.
P0041 = { $procedure } stands in for the one in { $path }.
P0042 = The reply is not of the form that { $operation } gives: { $at } should be { $expected }. “procedo capabilities { $operation }” tells more.
P0043 = The hook “{ $at }” of { $procedure } runs { $run }, and that leads back to { $procedure }: it would start itself without end. Let the hook run another procedure.
P0044 = { $variable } names the folder { $path }, which is not there: none of the procedures that come with Procedo are found. Correct the variable, or unset it.
P0045 = The parameter “{ $name }” is given twice. Give it once.
P0046 = The grant for “{ $procedure }” names the capability “{ $capability }”, which there is not, so it grants nothing. There are: { $known }. Write a grant for each that is meant.
P0070 = This is a bug in Procedo.
P1320 = Process { $process } of { $account } serves this site already, since { $since }. One serving process is enough; end that one first.
P1321 = The file { $path }, by which a serving process is known, cannot be used: { $reason }
P0503 = The token that was shown belongs to nobody here.
P0504 = Who approves or rejects shows a personal token: on a terminal, in { $variable }, or with --token-file FILE.
P0506 = { $person } has the role “{ $role }” here; this needs “{ $needed }”.
P0507 = The site lists nobody named “{ $name }”.
P0508 = The site lists “{ $name }” already. “procedo user token { $name }” makes a new token.
P0509 = The first person of a site must be an admin: else nobody could add others.
P0510 = A second person has to approve this, and nobody here has a token. An admin gives one: procedo user add NAME --role approver
P0511 = Without { $name } the site would have no admin. Make somebody else one first, or remove the others first.

## Help

help-about = Runs operations procedures: planned, resumable, undoable, recorded.
help-heading-usage = Usage
help-heading-commands = Commands
help-heading-arguments = Arguments
help-heading-options = Options
help-value-answer = ANSWER
help-value-code = CODE
help-value-command = COMMAND
help-value-dir = DIR
help-value-export = FILE
help-value-file = FILE
help-value-id = ID
help-value-key-value = KEY=VALUE
help-value-language = LANGUAGE
help-value-name = NAME
help-value-name-value = NAME=VALUE
help-value-options = OPTIONS
help-value-paths = PATHS
help-value-plugin = PLUGIN
help-value-reason = REASON
help-value-reply = REPLY
help-value-role = ROLE
help-value-run = RUN
help-value-text = TEXT
help-not-utf-8 = an argument is not UTF-8
help-arg-site = The site's folder; else the present folder or the nearest above it that has a procedo.toml
help-arg-json = Write JSON: one document, or one a line while a run goes on
help-arg-lang = The language: en, es or de; else that of the locale
help-arg-token-file = The file with your personal token; else the variable PROCEDO_TOKEN
help-arg-help = Tell how this is used
help-arg-version = Tell the version
help-arg-id = The procedure, such as web/localize-components
help-arg-run = The run; the end of its identifier is enough
help-arg-param = A parameter; @FILE stands for a JSON object of parameters
help-arg-params = A file with a JSON object of parameters; “-” is standard input
help-arg-answer = The answer to a question in advance; KEY.FIELD=VALUE for a field of a form
help-arg-override-reason = Change things outside the maintenance window, for this reason
help-arg-no-diff = Leave out the differences of texts
help-arg-yes = Say yes in advance
help-arg-no-wait = Do not wait for a lock or a time: leave the run and end with code 4
help-arg-reason = Why
help-arg-name = The name
help-init = Make a new site
help-init-dir = The folder of the site: an empty one or a new one
help-init-lab = With a simulated contact center to try things on
help-lab = The simulated site: on this machine only
help-lab-up = Start it
help-lab-up-part = The part to start: web, main, backup or central-reporting; all if none is named
help-lab-status = Tell whether it is up, and where
help-lab-down = Stop it
help-procedures = List what can be run here
help-describe = Tell parameters, needs and risks of a procedure
help-check = Check scripts, manifests and declarations without running anything
help-check-paths = Scripts or folders of scripts; else everything of the site
help-plan = Tell what a procedure would do; change nothing
help-run = Run a procedure and follow it
help-runs = List the newest runs
help-runs-all = All of them
help-runs-children = With the runs that runs have started
help-show = Show a run with its journal
help-show-diff = With the differences of texts
help-follow = Follow a run that another process works on
help-resume = Go on with a run that was interrupted or waits; without RUN, list those
help-approve = Approve the plan that a run waits with
help-reject = Reject the plan that a run waits with
help-answer = Answer the question of a run, or say what became of a call in doubt
help-answer-answer = yes or no, a choice, or NAME=VALUE for each field of the form
help-answer-applied = The call in doubt took effect, and would have replied this (JSON)
help-answer-not-applied = The call in doubt took no effect
help-cancel = End a run
help-undo = Undo a run: show the plan of it, ask, do it
help-grants = List what procedures may do
help-grant = Grant a procedure what its manifest needs
help-grant-resource = The resource, for needs of a parameter or of any resource
help-revoke = Take grants back
help-revoke-id = The procedure, or the pattern that was granted
help-revoke-capability = Only those of this capability
help-secret = Secrets of the site
help-secret-set = Set a secret; its value is read from standard input or typed
help-secret-list = List the names
help-secret-remove = Remove a secret with all its versions
help-plugin = Plugins of the site
help-plugin-install = Install a plugin
help-plugin-install-file = The plugin, a WebAssembly component
help-plugin-list = List the plugins that are installed
help-plugin-remove = Remove a plugin
help-plugin-info = Tell the procedures of a plugin
help-plugin-info-plugin = An installed plugin's name, or a file
help-capabilities = The functions that procedures can call
help-capabilities-name = Only this capability, or this function: files, files.read
help-capabilities-rhai = As a definition file for editors of Rhai scripts
help-capabilities-schema = As JSON schemas of arguments and replies
help-audit = The record's integrity
help-audit-verify = Check the journal, or an exported one: every entry, blob and signature
help-audit-verify-export = An exported journal
help-audit-verify-head = A head that was exported before: finds a tail that was cut off
help-audit-export = Export journals with their signatures
help-audit-export-run = The run; else all
help-audit-export-output = The file to write; else standard output
help-user = People of the site
help-user-add = Add a person and print their personal token, once
help-user-add-role = viewer, operator, approver or admin
help-user-add-account = Their OS account, if it is not their name
help-user-list = List the people
help-user-token = Give a person a new token; the old one is void
help-user-remove = Remove a person
help-schedules = List what is started when, and what became of it last
help-schedules-next = How many of the next moments to tell
help-serve = Fire schedules, and go on with runs that waited or were interrupted, until it is told to end
help-explain = Explain an error code
help-explain-code = The code, such as P0106

## Words

column-run = Run
column-state = State
column-procedure = Procedure
column-by = By
column-started = Started
column-took = Took
column-id = Procedure
column-title = Title
column-form = Form
column-parameters = Parameters
column-undoes = Undoes
column-capability = Capability
column-resource = Resource
column-effect = Effect
column-secret = Secret
column-versions = Versions
column-name = Name
column-role = Role
column-account = Account
column-token = Token
column-plugin = Plugin
column-installed = Installed
column-digest = Digest
column-schedule = Schedule
column-when = When
column-zone = Time zone
column-last = Last
column-next = Next

state-running = running
state-waiting = waiting
state-interrupted = interrupted
state-in-doubt = in doubt
state-diverged = diverged
state-succeeded = succeeded
state-failed = failed
state-cancelled = cancelled

effect-read = read
effect-write = write
effect-destructive = destructive

form-script = script
form-plugin = plugin
overrides = replaces another
flag-supervised = supervised
flag-destructive = destructive
required = required
granted = granted
not-granted = not granted

probe-applied = it took effect
probe-running = it still goes on
probe-partial = it took effect in part
probe-not-applied = it took no effect
probe-unknown = it cannot be told

## Sites

init-done = The site { $dir } is ready. Go there and try:
nothing-done = Nothing was done.

## Procedures

procedures-none = There is no procedure here. Scripts belong into { $dir }.
describe-section = Section { $section } of the manual
describe-source = From: { $form } { $path }
describe-overrides = Replaces: { $path }
describe-supervised = Supervised: a second person approves each run.
describe-destructive = Destructive: something is lost on purpose.
describe-parameters = Parameters
describe-needs = Needs
describe-needs-nothing = { "  " }nothing
describe-steps = Steps

## Plans

plan-verification = Afterwards, not in a plan: { $step }
plan-nothing = Nothing would change.
plan-complete = { $count ->
    [one] One change, foreseen
   *[other] { $count } changes, all foreseen
}. Plan { $digest }
plan-partial = { $count ->
    [0] No change
    [one] One change
   *[other] { $count } changes
} up to here; what follows cannot be known yet: { $why } Plan { $digest }
plan-fails = { $count ->
    [0] It would fail:
    [one] After one change it would fail:
   *[other] After { $count } changes it would fail:
}
step-verify = Check: { $step }

## Runs

run-started = Run { $run }
run-resumed = Going on with the run { $run }
run-done = Done in { $took }.
run-failed = The run { $run } failed. All of it: procedo show { $run }
run-failed-undo = To take back what it did: procedo undo { $run }
run-interrupted = The run { $run } is interrupted. Go on with: procedo resume { $run }
runs-none = Nothing was run here yet.
runs-interrupted = Interrupted runs go on with “procedo resume RUN”.
schedules-none = Nothing is scheduled here. Schedules stand in procedo.toml as [[schedule]], or procedures set them.
schedules-never = never yet
schedules-not-served = No process serves this site now, so nothing is started: “procedo serve” does.
schedules-fault = Warning: procedo.toml has a schedule that cannot be used ({ $code }): { $reason } “procedo serve” does not begin until it is right.
serve-started = Serving “{ $site }” with { $schedules ->
    [one] one schedule
   *[other] { $schedules } schedules
 } in the time zone { $zone }. Ctrl-C ends it.
serve-fired = { $subject }: run { $run } of { $procedure } for { $slot }
serve-made-up = { $subject }: run { $run } of { $procedure } makes up for what was missed up to { $slot }
serve-not-fired = { $subject }: { $procedure } could not be started for { $slot }. { $error }
serve-missed = { $schedule }: { $slot } was missed, and is over
serve-skipped = { $schedule }: { $slot } is skipped, for the run { $run } has not ended
serve-held = { $schedule }: { $slot } waits for the end of the run { $run }
serve-refused = A schedule that a procedure set cannot be used. { $error }
serve-resumed = Going on with the run { $run }
serve-succeeded = The run { $run } is done
serve-failed = The run { $run } failed. { $error }
serve-cancelled = The run { $run } was cancelled: { $reason }
serve-interrupted = The run { $run } is interrupted, and is gone on with when the site is served again
serve-waiting = The run { $run } rests. { $why }
serve-run-trouble = The run { $run } could not be gone on with. { $error }
serve-trouble = { $error }
serve-reloaded = procedo.toml was changed, and counts as it is now
serve-not-reloaded = procedo.toml was changed and is refused; what it said before counts. { $error }
serve-stopping = Told to end: the runs come to rest
serve-stopped = Ended
resume-none = No run waits for anybody to go on with it.
resume-which = These runs can be gone on with:
follow-rests = The run { $run } rests now: { $state }.
live-probed = { $operation } was in doubt: { $found }.
live-child = Started { $procedure } as { $run }
child-failed = The run { $run } of { $procedure } failed: { $reason }
yes-does-not-count = The --yes of this account does not count as an approval: who approves shows a personal token.
hint-go-on = Go on with: { $command }
hint-yes-no = yes|no

undo-plan = To undo the run { $run }:
undo-question = Undo it?
undo-title = undo of { $run }
undo-reversed = { $count ->
    [0] Nothing of { $run } had to be reversed.
    [one] One call of { $run } was reversed.
   *[other] { $count } calls of { $run } were reversed.
}
undo-kept = Kept: { $target }: { $reason }
undo-irreversible = Not reversible: { $target }: { $reason }

## Waiting

wait-approval = Waits for { $needed ->
    [one] an approval
   *[other] { $needed } approvals
} of the plan { $digest }.
wait-second-person = Waits for { $needed ->
    [one] the approval of a second person
   *[other] { $needed } approvals by others than who started it
}, for the plan { $digest }.
wait-answer = Waits for the answer “{ $key }”:
wait-moment = Waits until { $until }.
wait-window = Waits for the maintenance window “{ $window }”, which opens { $opens }.
wait-lock = Waits for the lock “{ $lock }”, which the run { $holder } holds.
wait-verdict = In doubt whether { $operation } took effect:
wait-child = Waits for the run { $run }.
wait-diverged = Diverged: the journal has { $expected }, now it is { $found }. Put back what it was started with and resume, or cancel it.
lock-held = The lock “{ $lock }” is held by the run { $run } ({ $procedure }, by { $by }, since { $since }). Waiting for its end.
lock-holder-rests = The run { $run } holds the lock and does not go on by itself: it is { $state }.
approve-question = Approve this?
approve-second-person = A second person has to approve this, with their own token.
approve-single-change = This change was not in the approved plan:
verdict-question = Did it take effect?
verdict-applied = Yes, it took effect
verdict-not-applied = No, it took no effect: make it again
verdict-look = Look again
verdict-later = Leave it for later
verdict-reply = What would it have replied?

ask-yes-no = [y/N]
ask-not-understood = That was not understood.
ask-number = Number (1–{ $count }):
ask-number-wanted = “{ $value }” is not a whole number.
ask-required = This is needed.
ask-optional = (optional)
ask-token = Personal token:

## Journals

entry-started = { $by } started { $procedure }
entry-override = – also outside the maintenance window: { $reason }
entry-outcome = done in { $took }
entry-probe = Looked what became of it: { $found }.
entry-resumed = { $by } went on with the run
entry-succeeded = Succeeded
entry-failed = Failed:
entry-cancelled = Cancelled: { $reason }
decided-approve = { $by } approved { $digest }
decided-reject = { $by } rejected it: { $reason }
decided-answer = { $by } answered “{ $key }”: { $answer }
decided-applied = { $by } said that it took effect: { $reply }
decided-not-applied = { $by } said that it took no effect
decided-cancel = { $by } cancelled: { $reason }
decided-override = { $by } overrode the maintenance window: { $reason }
run-confirm = Ask yes or no
run-ask = Ask for a form
run-choose = Ask for a choice
run-now = Look at the clock
run-random = Take { $count } random bytes
run-sleep = Wait { $milliseconds } ms
run-sleep-until = Wait until { $moment }
run-run-child = Run { $procedure }
run-run-children = Run procedures at once
run-language = Look at the language

## Decisions

decided-approved = { $by } approved the run { $run }. Go on with: procedo resume { $run }
decided-rejected = { $by } rejected the plan of the run { $run }. It ends when it is resumed: procedo resume { $run }
decided-answered = The run { $run } has its answer. Go on with: procedo resume { $run }
cancel-done = The run { $run } is cancelled.
cancel-sent = The run { $run } is being worked on; it ends before its next call.

## Sites: people, grants, secrets, plugins, checks, the lab

role-viewer = viewer
role-operator = operator
role-approver = approver
role-admin = admin
users-none = The site lists nobody: whoever can write its folder may do everything.
user-token = The personal token of { $name }; it is shown this once and nowhere kept:
user-token-use = It is given on a terminal when asked, in PROCEDO_TOKEN, or with --token-file FILE.
user-removed = { $name } is removed.
grants-none = Nothing is granted: procedures may do nothing here.
grant-these = To be granted:
grant-nothing = All that { $procedure } needs is granted already.
grant-question = Grant this?
grant-done = { $count ->
    [one] One grant was added to procedo.toml.
   *[other] { $count } grants were added to procedo.toml.
}
revoke-done = { $count ->
    [one] One grant was taken back.
   *[other] { $count } grants were taken back.
}
secret-value = Value of { $name }:
secret-set = { $name } is set: secret:{ $name }@{ $version }
secret-removed = { $name } is removed with all its versions.
secrets-none = The site has no secrets.
plugin-installed = { $name } is installed (digest { $digest }):
plugin-removed = { $name } is removed.
plugins-none = No plugin is installed.
check-done = { $checked ->
    [one] One procedure checked
   *[other] { $checked } procedures checked
}: { $errors ->
    [one] one error
   *[other] { $errors } errors
}, { $warnings ->
    [one] one warning
   *[other] { $warnings } warnings
}.
lab-up = The lab is up: { $url }
lab-already = The lab was up already: { $url }
lab-is-up = The lab is up: { $url }
lab-is-down = The lab is down.
lab-stopped = The lab is stopped.
lab-web-is-down = The lab's web server is down.
lab-server = Server { $server }: running { $running }; stopped { $stopped }
lab-server-off = Server { $server }: switched off; running { $running }
audit-unsigned = Unsigned since entry { $since }: { $count ->
    [one] one entry
   *[other] { $count } entries
} of the run { $run }. An edit there would not be seen yet.
audit-checked = Checked: { $runs } { $runs ->
    [one] run
   *[other] runs
}, { $entries } { $entries ->
    [one] entry
   *[other] entries
}, { $heads } signed { $heads ->
    [one] head
   *[other] heads
}, { $blobs } { $blobs ->
    [one] blob
   *[other] blobs
}.
audit-whole = All as it was written.
audit-head = The last head: { $number }, { $digest }. Kept elsewhere, it shows later whether the end was cut off: procedo audit verify --head FILE.
audit-exported = Exported to { $path }.

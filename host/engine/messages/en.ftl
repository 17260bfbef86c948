P0101 = There is no procedure “{ $procedure }” here. “procedo procedures” lists those there are.
P0102 = Parameter “{ $parameter }” of { $procedure }: the value { $value } breaks the rule { $rule }.
P0103 = { $procedure } has no parameter “{ $parameter }”. It has: { $known }.
P0104 = { $procedure } needs the parameter “{ $parameter }”: give it with -p { $parameter }=VALUE.
P0105 = { $procedure } may not call { $operation } on { $resource } with effect { $effect }: its manifest does not name that need.
P0106 = The site does not grant { $procedure } to call { $operation } on { $resource } with effect { $effect }. An admin can grant it: procedo grant { $procedure }.
P0107 = This host has no operation “{ $operation }”.
P0109 = The run made more than { $limit } calls and was ended.
P0110 = “{ $step }” is not a step in the manifest of { $procedure }.
P0111 = The step “{ $step }” cannot end here: the innermost open step is “{ $open }”.
P0113 = The work was cancelled.
P0114 = The arguments are not of the expected form: { $reason }.
P0115 = A reply cannot be turned into the form of the interface: { $reason }.
P0116 = The reply cannot be known: { $reason }
P0117 = The run { $run } has ended already.
P0118 = The run { $run } has not ended: finish or cancel it before it is undone.
P0121 = “{ $value }” is not a moment. Write it as RFC 3339 with an offset, such as 2026-11-22T10:00:00+01:00.
P0122 = { $value } random bytes were asked for; 1 to { $limit } can be had.
P0123 = The parameters have { $size } bytes; { $limit } are allowed. Put large content into a file.
P0124 = { $by } rejected the plan: { $reason }
P0126 = { $value } children were to run at once; { $limit } are allowed.
P0127 = The answer “{ $key }”: { $value } breaks the rule { $rule }.
P0128 = Undo stopped at { $target } after { $reversed } calls were reversed: { $reason }
P0129 = The parameters of { $procedure } must be a JSON object, not { $value }.
P0131 = The schema of the parameters of { $procedure } is not valid: { $reason }.
P0132 = “{ $value }” is not NAME=VALUE.
P0133 = A note cannot be kept, and nobody can be asked, while a call is only looked at.
P0134 = “{ $target }” was changed by somebody else while the run was interrupted.
P0135 = A sleep of { $value } ms was asked for; at most { $limit } ms are allowed.
P0136 = The answer “{ $key }” is a secret: store it with “procedo secret set NAME” and answer secret:NAME@VERSION, or answer when asked.
P0137 = The procedure stopped by itself without a result.
P0138 = The run { $run } was undone already by { $undo }. To have it back, undo that run.
P0139 = A hook on the step “{ $step }” failed (run { $run }): { $reason }
P0140 = { $procedure } would be nested more than { $limit } runs deep.
P0141 = A child run ended unexpectedly. This is a bug in Procedo.
P0142 = Undo was stopped at { $target }, after { $reversed } calls were reversed.
P0143 = The maintenance window “{ $window }” cannot be computed: { $reason }.
P0144 = The system gives no random bytes: { $reason }.
P0145 = The journal of run { $run } cannot be read as a run's journal. “procedo audit verify” tells more.
P0146 = The run { $run } does not wait for { $what ->
    [approval] an approval
    [answer] an answer
    [verdict] a verdict on a call in doubt
   *[other] this: { $what }
}.
P0147 = The question “{ $key }” has not been answered yet.
P0148 = “{ $resource }” stood for { $then } when this run changed something there, and stands for { $now } now. It was said not to go on there.
P0149 = It is not known what became of the call: its machine was out of reach. “procedo resume” looks again.
P0150 = The run { $run } is part of { $parent }, and what it did is undone with it: procedo undo { $parent }
P0501 = There is no secret “{ $name }” of version { $version }.
P0502 = There is no secret “{ $name }”. An admin can set it: procedo secret set { $name }.
P0505 = { $person } started the run { $run }, so a second person has to approve it.
P0512 = This is too short for a secret: { $least } characters are the least. A shorter text would be found everywhere, and could not be kept out of journals and plans.

P1301 = The schedule “{ $schedule }”: “{ $word }” in “{ $when }” is not understood. What can stand there: { $allowed }.
P1302 = The schedule “{ $schedule }”: “{ $when }” is not a cron expression: { $reason }
P1303 = The schedule “{ $schedule }”: “{ $when }” never comes. Check day and month.
P1304 = The schedule “{ $schedule }”: “{ $zone }” is not an IANA time zone, such as Europe/Madrid.
P1305 = “{ $schedule }” is not a schedule's name: up to 100 of a–z, 0–9, - and /.
P1306 = The schedule “{ $schedule }”: “each” needs a parameter's name and 1 to { $limit } different values; it names “{ $parameter }”.
P1307 = The schedule “{ $schedule }”: a jitter of { $value } seconds was asked for; at most { $limit } are allowed.
P1308 = Two schedules in procedo.toml have the name “{ $schedule }”. Give each a name of its own.
P1309 = What the store keeps of a schedule cannot be read: { $reason }
P1310 = The schedule “{ $schedule }” is declared in procedo.toml; a procedure can neither replace nor remove it. Change the file, or choose another name.
P1311 = The schedule “{ $schedule }” was changed by somebody else in the meantime. Look at it with “procedo schedules”, and try again.
P1312 = { $value } moments were asked for; 1 to { $limit } can be had.
P1313 = There is no schedule “{ $schedule }”. “procedo schedules” lists those there are.

secrets-get = Refer to the secret “{ $name }”
schedule-set = Start { $procedure } on the schedule “{ $name }”: { $when }
schedule-remove = Remove the schedule “{ $name }”
schedule-list = List the schedules “{ $names }”
schedule-next = Look when the schedule “{ $name }” is due next
schedule-found-other = The schedule “{ $schedule }” is now another one than this call found or left.

plan-question = The answer to the question “{ $key }” is not known. Give it with --answer { $key }=VALUE.
doubt-identity = “{ $resource }” stood for { $then } when the call was made, and stands for { $now } today.
resource-moved = “{ $resource }” stood for { $then } when this run changed something there, and stands for { $now } now. Shall it go on there?
doubt-probe-failed = It could not be found out: { $reason }
undo-conflict = { $target } was changed since: { $reason } What shall be done?
undo-keep = Keep it as it is now
undo-overwrite = Put back the former state all the same
undo-stop = Stop the undo here
undo-failed-call = The call failed half-way, and it cannot be told how far it got.

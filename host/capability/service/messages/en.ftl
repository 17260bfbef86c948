# Operations, as a journal or a plan tells them.
service-status = Look at the service { $service }
service-start = Start the service { $service }
service-stop = Stop the service { $service }
service-restart = Restart the service { $service }
service-set-password = Set the password of the account { $account } of the service { $service }
service-wait-for = Wait until the service { $service } is { service-wanted-of-call }
service-wanted-of-call = { $state ->
    [running] running
    [stopped] stopped
    [starting] starting
    [stopping] stopping
    [failed] failed
   *[unknown] in an unknown state
}

# States.
service-state = { $state ->
    [running] running
    [stopped] stopped
    [starting] starting
    [stopping] stopping
    [failed] failed
   *[unknown] in an unknown state
}
service-wanted = { $wanted ->
    [running] running
    [stopped] stopped
    [starting] starting
    [stopping] stopping
    [failed] failed
   *[unknown] in an unknown state
}
service-found = { $found ->
    [running] running
    [stopped] stopped
    [starting] starting
    [stopping] stopping
    [failed] failed
   *[unknown] in an unknown state
}
service-waiting = { $service } is { service-state }

# What a call changes.
service-change-start = The service { $service } is started (now { service-state }).
service-change-stop = The service { $service } is stopped (now { service-state }).
service-change-restart = The service { $service } is restarted (now { service-state }).
service-change-password = The account { $account } of the service { $service } gets another password.
service-change-password-for-good = The account { $account } of the service { $service } gets another password. The former one was not named: this cannot be undone.

# What was found.
service-unforeseeable = The service { $service } is { service-found } now; whether it will be { service-wanted } shows only in a run.
service-found-unknown = the service { $service } is in a state that is neither running nor stopped: { $detail }
service-password-unknown = whether the account { $account } of the service { $service } got the password cannot be told without logging in
service-undo-conflict = the service { $service } should be { service-wanted } and is { service-found }
service-no-former = the former password of the account { $account } of the service { $service } was not named

# Errors.
P1101 = The site has no service { $service }. It has: { $known }. Correct the name, or add [resource.service.{ $service }] to procedo.toml.
P1102 = The settings of the service { $service } in procedo.toml are not valid: { $reason }. Correct them.
P1103 = The service { $service } is neither running nor stopped: { $detail }. Nothing was done; bring it into a known state first.
P1104 = The service { $service } has not ended within { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}. Still running: { $processes }. End that, or allow more time by stop-timeout.
P1105 = The service { $service } did not start: { $reason }. Remove the cause and start it again.
P1106 = The service { $service } does not run after { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}; it is { service-state }: { $detail }. Look at its log, or allow more time by start-timeout.
P1107 = The service { $service } was not { service-wanted } within { $timeout ->
    [one] one millisecond
   *[other] { $timeout } milliseconds
}; it is { service-found }: { $detail }.
P1108 = No way to set the password of the service { $service } is declared. Name a password-program in its settings in procedo.toml.
P1109 = { $tool } failed for the service { $service } on { $machine } with { $exit }: { $reason }.
P1110 = { $tool } gave an answer about the service { $service } on { $machine } that cannot be read: { $answer }.
P1111 = The password of the service { $service } cannot be set: { $what ->
    [account] the account’s name is empty, too long, or holds a colon or a control character
    [short] a password is shorter than { $shortest } characters
    [long] a password is longer than { $longest } bytes
   *[control] a password holds a control character
}. Nothing was changed.
P1112 = The service { $service } changed after the restart was planned: it was { service-wanted } and is { service-found } now, or runs as another process. Nothing was done; plan again.
P1113 = The machine { $machine } has no service { $unit }, which { $service } stands for. Install it, or correct its name in procedo.toml.
P1114 = The driver { $driver } of the service { $service } does not fit the system of the machine { $machine }. Correct one of them in procedo.toml.
P1115 = A time-out of { $timeout } milliseconds is too long: at most { $limit } are possible.
P1116 = The machine { $machine } lacks what the service { $service } needs: { $what }.
P1117 = What was recorded about the service { $service } cannot be read: { $reason }.
P1118 = The service { $service } runs under the account { $found }, not { $account }. Nothing was changed; name the right account.

### Messages of the capability `machine`: errors P10xx, its operations, its changes.

machine-command = Run { $name } on { $machine }
machine-environment = Read the environment variable { $name } of { $machine }
machine-clock-offset = Compare the clock of { $machine }
machine-resolve = Resolve { $host } on { $machine }
machine-reachable = See whether { $machine } reaches { $host }
machine-free-space = Look at the free space of { $machine }:{ $path }
machine-system-facts = Look at the system of { $machine }

machine-change-command = On { $machine }, the command { $command } is run.
machine-change-sentence = { $machine }: { $sentence }
machine-unforeseeable = What { $command } prints on { $machine } is known only when it has run.
machine-after-command = What { $machine } answers may depend on an earlier command of this plan: { $earlier }.
machine-probe-none = whether { $command } took effect on { $machine } cannot be seen; the site declares no probe for it
machine-undo-none = the site declares no command that reverses { $command } on { $machine }

P1001 = [resource.machine.{ $machine }] { $setting } = “{ $value }”: { $rule ->
        [driver] the drivers are local, ssh and windows-ssh
        [remote-only] this belongs to a machine that is reached by SSH; leave it out
        [missing] this is required
        [word] write letters, digits and . - _ : % \ @ only, not beginning with -
        [host-key] this is not a public host key; copy the line of the machine's /etc/ssh/ssh_host_ed25519_key.pub
        [secret] write secret:NAME, and store the value with procedo secret set NAME
        [login] give exactly one of key-file (perhaps with passphrase), agent = true, and password
        [folder] this is not a folder's path
        [template] a place for an argument is written {"{"}name{"}"}, a brace itself twice
        [pattern] this is not a regular expression
        [no-pattern] a place in args, input or sentence has no pattern under parameters
        [no-place] no place in args or input takes this parameter
        [no-command] the machine has no command of this name
        [probe-reads] a probe has to be a command with effect = "read"
        [same-parameters] that command does not take the same parameters
        [timeout] write seconds, from 1 to 604800
       *[other] this is not valid
    }.
P1002 = [resource.machine.{ $machine }] cannot be read: { $reason }.
P1003 = The site has no machine “{ $machine }”; add [resource.machine.{ $machine }] to procedo.toml, or use one that is there.
P1004 = { $machine } cannot be reached at { $address }: { $reason }. Check that it runs, and its address, port and network.
P1005 = { $machine } ({ $address }) does not show the host key that the site pins ({ $reason }); nothing was sent to it. If its key was changed on purpose, put the new one into host-key.
P1006 = { $machine } refuses the login of { $user } ({ $address }): { $reason }. Check the key or password, and the account's authorized_keys.
P1007 = The connection to { $machine } broke before the answer was complete ({ $reason }); what became of the command is not known.
P1008 = On { $machine } there is no program or folder “{ $path }” that this account can use; check the path.
P1009 = On { $machine } the work took longer than { $seconds } s and was ended with its children.
P1010 = On { $machine } the work took longer than { $seconds } s, and it could not be ended; look at its processes before you go on.
P1011 = “{ $path }” on { $machine }: { $reason }.
P1012 = “{ $path }” on { $machine } is longer than { $limit } bytes.
P1013 = { $machine } does not support this: { $what }.
P1014 = { $machine } already has the job { $job }, which runs or was not forgotten; it is not started a second time.
P1015 = On { $machine } it could not be started: { $reason }.
P1016 = Nothing can be sent to the job { $job } on { $machine }: { $why ->
        [gone] it does not run any more
        [closed] it was started without an open input
       *[forgotten] its folder was removed
    }.
P1017 = The job { $job } on { $machine } does not end; these of its processes still run: { $processes }. End them there, with the rights it takes.
P1018 = The job { $job } asks something that Procedo does not know: “{ $said }”. It was not answered and waits; answer it yourself or end it.
P1019 = The job { $job } has said nothing for { $seconds } s; its last words: “{ $said }”. Look at it on its machine.
P1020 = { $machine } has no command “{ $command }”; declare [resource.machine.{ $machine }.command.{ $command }] in procedo.toml, or use one that is there.
P1021 = { $command } on { $machine }: the argument { $argument } = “{ $value }” { $rule ->
        [unknown] is none of its parameters
        [pattern] is not as the declared pattern says
        [twice] is given twice
        [missing] is missing
       *[option] begins with “-”, as only options do
    }.
P1022 = { $command } on { $machine } ended with code { $code }, which does not mean success: { $said }
P1023 = The job { $job } runs no longer, and nobody saw how it ended; the machine may have been restarted. Look at what it did before you go on.
P1024 = The secret “{ $name }” for the login is missing, or holds a line end; store it with procedo secret set { $name }.
P1025 = { $machine } answers what cannot be understood: “{ $answer }”.
P1026 = { $bytes } bytes are too much for the input of a job on { $machine }: at most { $limit }.
P1027 = “{ $path }” cannot be started on { $machine }: { $what ->
        [nul] an argument, variable or folder holds a NUL character
        [path] this is not a program's path
        [variable] a variable's name has other characters than letters, digits and _
        [long] the arguments and variables are longer than 96 KiB
        [line] the command line is longer than 32,000 characters
        [open] an open input is for jobs only
       *[tag] a tag consists of 1 to 64 letters, digits and -
    }.
P1028 = { $machine }: { $argument } = “{ $value }” { $rule ->
        [host] is neither a host name nor an address
        [port] must be from 1 to 65535
        [path] must be an absolute path
       *[variable] is not the name of a variable
    }.

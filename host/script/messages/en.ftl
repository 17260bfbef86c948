P0601 = { $place }: The header of the script is not valid: { $reason }.{ $excerpt }
P0602 = { $file }: The script has no header. Write its manifest as TOML into lines that start with //! above the first statement.
P0603 = { $place }: This is not valid Rhai: { $reason }.{ $excerpt }
P0604 = { $place }: The script failed: { $reason }.{ $excerpt }
P0605 = { $place }: { $message }{ $excerpt }
P0606 = { $place }: The script threw { $value }.{ $excerpt }
P0607 = { $place }: There is no function { $name }.{ $excerpt }
P0608 = { $place }: There is no variable { $name }.{ $excerpt }
P0609 = { $place }: There is no member { $name }.{ $excerpt }
P0610 = { $place }: There is no module { $name }.{ $excerpt }
P0611 = { $file } cannot be read: { $reason ->
    [missing] there is no such file
    [link] it is a symbolic link, or below one
    [not-a-file] it is not a regular file
    [too-large] it has more than { $limit } bytes
    [not-text] it is not UTF-8
   *[other] { $reason }
}.
P0612 = { $place }: “{ $path }” cannot be imported: only files beside the script or in folders below it can, and no links.{ $excerpt }
P0613 = { $place }: There is no { $module } to import.{ $excerpt }
P0614 = { $place }: What is imported must be written as a plain text, such as "lib/names".{ $excerpt }
P0615 = { $place }: The script imports more than { $limit } modules.{ $excerpt }
P0616 = { $place }: Modules import each other in a circle: { $circle }.{ $excerpt }
P0617 = fail: “{ $kind }” is not a kind of error. Use denied, invalid, not-found, conflict, too-large, unavailable, timed-out, failed, not-supported or cancelled.
P0618 = Scripts wait by run::sleep(milliseconds), not by sleep: then the wait is recorded and survives a restart.
P0619 = fail: the code { $code } is one of Procedo's own. Choose another, such as no-pages.
P0620 = { $place }: Parts of “this” cannot be assigned. Return the new value, or change a named variable.{ $excerpt }
P0621 = { $place }: The script has computed more than { $limit } operations. An endless loop?{ $excerpt }
P0622 = { $place }: { $what ->
    [text] A text
    [items] An array
   *[members] A map
} became larger than scripts may hold.{ $excerpt }
P0623 = { $place }: Functions call each other too deeply. A recursion without end?{ $excerpt }
P0624 = { $place }: { $what ->
    [variables] The script has too many variables at a time.
   *[modules] The script has too many modules.
}{ $excerpt }
P0625 = { $place }: The script has computed for more than { $seconds } s without a call.{ $excerpt }
P0631 = { $file }: The script's result cannot be told as JSON: { $part } is { $value }.
P0632 = The script cannot be started now: { $reason }. Try again when less is running.
P0641 = There is no function { $name }.
P0642 = { $name } is called with { $count } arguments; it takes { $counts }.
P0643 = There is no { $name }. There are: { $names }.
P0644 = There is no module { $name }.
P0645 = { $function } is called, but the manifest has no need of “{ $capability }”: the call will be denied. Add it to needs in the header.
P0646 = “{ $step }” is not a step of the manifest. It has: { $steps }.
P0647 = The manifest needs “{ $capability }”, which is not a capability. There are: { $names }.
P0648 = The manifest needs “{ $capability }”, but nothing in the script uses it. Remove it, so that no more is granted than needed.
P0649 = The manifest lists the step “{ $step }”, but nothing in the script begins it.

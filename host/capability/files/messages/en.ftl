# Operations, as a journal or a plan tells them.
files-read = Read { $root }:{ $path }
files-write = Write { $root }:{ $path }
files-edit = Edit { $root }:{ $path }
files-stat = Look at { $root }:{ $path }
files-list-folder = List the folder { $root }:{ $path }
files-copy = Copy { $root }:{ $source } to { $target }
files-remove = Remove { $root }:{ $path }
files-make-folder = Make the folder { $root }:{ $path }
files-list-archive = List the archive { $root }:{ $path }
files-read-archive = Read { $entry } in the archive { $root }:{ $path }
files-write-archive = Replace { $entry } in the archive { $root }:{ $path }
files-restore = Put { $root }:{ $path } back to what was recorded

# What a call changes.
files-size = { $bytes ->
    [one] one byte
   *[other] { $bytes } bytes
}
files-weight = { $files ->
    [one] one file
   *[other] { $files } files
}, { files-size }
files-forever = What is lost is too large to be kept: this cannot be undone.
files-change-create = { $root }:{ $path } is created ({ files-size }).
files-change-replace = { $root }:{ $path } gets a new content ({ files-size }).
files-change-replace-for-good = { files-change-replace } { files-forever }
files-change-copy = { $root }:{ $source } is copied to { $path } ({ files-weight }).
files-change-remove = { $root }:{ $path } is removed ({ files-weight }).
files-change-remove-for-good = { files-change-remove } { files-forever }
files-change-remove-folder = The folder { $root }:{ $path } is removed with everything in it ({ files-weight }).
files-change-remove-folder-for-good = { files-change-remove-folder } { files-forever }
files-change-make-folder = The folder { $root }:{ $path } is made.
files-change-archive = In the archive { $root }:{ $path }, the entry { $entry } gets a new content ({ files-size }).
files-change-archive-for-good = { files-change-archive } { files-forever }
files-change-restore = { $root }:{ $path } is put back to what was recorded ({ files-weight }).
files-change-restore-for-good = { files-change-restore } { files-forever }

# What was found where something else was expected.
files-kind-expected = { $expected ->
    [folder] a folder
   *[other] a regular file
}
files-kind-found = { $found ->
    [regular] a regular file
    [folder] a folder
    [link] a symbolic link
   *[other] a device, socket or pipe
}
files-expected = { $expected ->
    [absent] nothing
    [folder] a folder with digest { $expected-digest }…
    [link] a symbolic link with digest { $expected-digest }…
   *[regular] a file with digest { $expected-digest }…
}
files-found = { $found ->
    [absent] nothing
    [folder] a folder with digest { $found-digest }…
    [link] a symbolic link with digest { $found-digest }…
   *[regular] a file with digest { $found-digest }…
}
files-found-neither = { $root }:{ $path } is neither as it was before the call nor as the call leaves it. Expected: { files-expected }; found: { files-found }.
files-changed-since = { $root }:{ $path } was changed since. Expected: { files-expected }; found: { files-found }.
files-not-kept = What was at { $root }:{ $path } is more than the { $limit } bytes that the root keeps for an undo (max-undo-bytes), so it was not kept.

# Errors.
P0301 = There is nothing at { $root }:{ $path }. Check the path; it is meant from the root’s folder.
P0302 = The site has no root “{ $root }”. It has: { $known }. Roots are declared as [resource.files.NAME] in procedo.toml.
P0303 = The folder { $folder } of the root “{ $root }” cannot be opened: { $reason }. Create it, or correct its path in procedo.toml.
P0304 = The settings of the root “{ $root }” in procedo.toml are not valid: { $reason }.
P0305 = Nothing below the root “{ $root }” may be altered: it is declared read-only in procedo.toml.
P0306 = “{ $path }” is not a path below the root “{ $root }”: { $rule ->
    [empty] it is empty
    [absolute] it starts with “/”; write it from the root’s folder
    [dots] it has the part “{ $found }”
    [empty-part] it has an empty part (“//”, or “/” at its end)
    [control] it has the character { $found }, which controls lines or the direction of writing
    [long-name] it has a part of { $found } bytes; 255 are allowed
   *[long-path] it has { $found } bytes; 4095 are allowed
}.
P0307 = { $root }:{ $path } leads out of the root by the link { $link }. Links are followed only as far as they stay below the root.
P0308 = The files of the root “{ $root }” cannot be reached safely: this system’s kernel or sandbox lacks openat2 (Linux 5.6 or newer).
P0309 = { $root }:{ $path } is not what the call needs. Expected: { files-kind-expected }; found: { files-kind-found }.
P0310 = { $root }:{ $path } is a device, socket or pipe; these are listed and never opened, copied or removed.
P0311 = { $root }:{ $path } has { $size } bytes; { $limit } are allowed.
P0312 = { $root }:{ $path } has more than { $limit } entries. Name a folder below it.
P0313 = The folder { $root }:{ $path } has the name “{ $name }”, which is not UTF-8 or has control characters. Rename it first.
P0314 = { $root }:{ $path } was changed since it was read. Expected: { files-expected }; found: { files-found }. Read it again.
P0315 = { $root }:{ $path } is no longer as it was planned; nothing was altered. Expected: { files-expected }; found: { files-found }.
P0316 = { $root }:{ $path } exists with another content than { $source } and is left as it is. Remove or rename it if the copy shall take its place.
P0317 = { $root }:{ $path } cannot be made: there is no folder { $folder }. Make it first.
P0318 = “{ $encoding }” is not the label of an encoding, for { $root }:{ $path }. Use one such as utf-8, windows-1252 or utf-16le.
P0319 = The bytes of { $root }:{ $path } are not valid { $encoding }. Say which encoding the file has.
P0320 = { $root }:{ $path } is written in { $encoding }, which lacks the character “{ $character }” ({ $code-point }) in line { $line }. Choose another encoding, or change the text.
P0321 = { $root }:{ $path } cannot start with a byte order mark: { $encoding } has none. Only UTF-8 and UTF-16 do.
P0322 = The line end to write { $root }:{ $path } with must be lf or crlf.
P0323 = { $root }:{ $path }: “{ $find }” was expected { $expected ->
    [one] once
   *[other] { $expected } times
} and occurs { $found ->
    [one] once
   *[other] { $found } times
}; nothing was written.
P0324 = An edit of { $root }:{ $path } looks for an empty text. Say what to look for.
P0325 = { $root }:{ $path } cannot be edited: in { $encoding } its bytes have more than one spelling, and bytes beside the edited ones would change. Write it whole instead.
P0326 = There is no space left to write { $root }:{ $path }; the old content is as it was. Make room and try again.
P0327 = The system does not allow this with { $root }:{ $path }: { $reason }. Check the rights of the account that Procedo runs under.
P0328 = { $root }:{ $path }: { $reason }
P0329 = { $root }:{ $path } cannot be read as a zip, war or jar archive: { $reason }.
P0330 = The archive { $root }:{ $path } has the entry “{ $entry }”, which is refused: { $rule ->
    [duplicate] the name occurs twice
    [encrypted] it is encrypted
   *[unsafe] the name could lead out of a folder, or has control characters
}.
P0331 = The archive { $root }:{ $path } has no file “{ $entry }”. files.list-archive tells what it has.
P0332 = The state given for { $root }:{ $path } was not recorded by a run of this site.
P0333 = { $root }:{ $path } cannot be given to its owner { $user }:{ $group }: the account that Procedo runs under may not. Nothing was altered.
P0334 = { $root }:{ $path } leads through more than { $limit } links. They may lead in a circle.
P0335 = { $root }:{ $path } was changed by somebody else while it was used. Try again.
P0336 = { $root }:{ $path } cannot be copied to { $target }, which lies in it.
P0337 = Something of { $root }:{ $path } is left beside it as { $left }: { $reason }. Remove it by hand.
P0338 = The archive { $root }:{ $path } uses { $feature }, which cannot be written.
P0339 = The entry “{ $entry }” of the archive { $root }:{ $path } has { $size } bytes or more; { $limit } are allowed.
P0340 = The root “{ $root }” is { $folder }, and from there { $store } can be reached, where the site keeps its journal and its key. Choose a folder in procedo.toml that lies apart from it.
P0341 = The files of the root “{ $root }” cannot be reached safely: the machine “{ $machine }” lacks { $what }. Install coreutils and findutils of GNU there, or take the root out of procedo.toml.
P0345 = The root “{ $root }” is { $folder }, and from there { $rule } can be altered, which decides what procedures are and may do. Choose a folder in procedo.toml that lies apart from it, or declare the root read-only.

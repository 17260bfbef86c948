# Operations, as a journal or a plan tells them.
database-status = Look at the database { $database }
database-query = Query the database { $database }: { $sql }
database-execute = Execute in the database { $database }: { $sql }
database-backup = Back up the database { $database }, level { $level }
database-list-backups = List the backups of the database { $database }
database-verify-backup = Verify the backup { $backup } of the database { $database }
database-remove-backup = Remove the backup { $backup } of the database { $database }
database-restore = Restore the database { $database }
database-go-online = Put the database { $database } on-line
database-checksums = Take the checksums of the database { $database }

# What a call changes.
database-change-backup = The database { $database } is backed up, level { $level }, to { $place } as { $backup } (at most { $bytes } bytes).
database-change-remove-backup = The backup { $backup } of the database { $database } is removed ({ $bytes } bytes).
database-change-restore = The database { $database } goes back to { $backup }, its state of { $state } ({ $bytes } bytes). What it holds now is backed up first, as { $former }.{ $skipped ->
    [none] {""}
   *[other] {" "}Damaged and left out: { $skipped }.
}
database-change-restore-for-good = The database { $database } goes back to { $backup }, its state of { $state } ({ $bytes } bytes). What it holds now is not backed up: this cannot be undone.{ $skipped ->
    [none] {""}
   *[other] {" "}Damaged and left out: { $skipped }.
}
database-change-execute = In the database { $database }: { $sql }
database-change-go-online = The database { $database } serves everybody again.

# How far the work is.
database-progress-copy = { $percent } percent backed up, { $bytes } bytes
database-progress-assemble = { $percent } percent put together, { $bytes } bytes
database-progress-restore = { $percent } percent restored, { $bytes } bytes
database-progress-away = { $machine } is out of reach; what works there goes on. It is tried again for { $seconds } s

# What cannot be foreseen, told or undone.
database-unforeseeable = Before this call, the plan alters the database { $database }; what it then holds is known only afterwards.
database-unforeseeable-backup = The backup { $backup } would be made by the same plan; what restoring it does is known only once it is there.
database-doubt-restore = Whether the database { $database } was restored cannot be told: before the attempt its schema had version { $before }, now it has { $now }; somebody else altered it, too.
database-undo-execute = What a statement altered in the database { $database } is recorded nowhere; restore a backup from before it.
database-undo-removed = The backup { $backup } of the database { $database } was removed.
database-undo-not-kept = The state of the database { $database } before the restore was not backed up.
database-undo-aside = The database { $database } could not be read before the restore; its files are kept as { $aside }.
database-undo-changed = The database { $database } was altered after it was restored; putting the former state back loses that.
database-undo-online = The database { $database } is on-line and may be in use; stop its services to take it off-line.

# Errors.
P1201 = The site names no database “{ $database }”; it names: { $known }. Add [resource.database.{ $database }] to procedo.toml, or use one of these.
P1202 = The settings of the database “{ $database }” are not valid: { $reason }. Correct [resource.database] in procedo.toml.
P1203 = The driver { $driver } of the database “{ $database }” does not offer this: { $what }.
P1204 = The database “{ $database }” is not there: { $file } is no file. Correct its setting `file`, or restore a backup.
P1205 = The database “{ $database }” does not take the statement: { $reason }. Correct it, and see that it has as many values as parameters.
P1206 = This statement may not be made in the database “{ $database }”: { $rule ->
    [several] it is more than one. Make a call for each.
    [beyond] “{ $what }” reaches beyond this database. Outside of quotes a statement names no other database or server (no “:” or “@”), calls nothing that administers the server or reads and writes its files, and makes no routine or external table. Name the other database by a resource of its own, write times in quotes, and do the rest by hand.
   *[not-here] a query only reads; and no statement controls transactions, sets pragmas, opens other files or touches the table procedo_calls. Use `execute` to alter data.
}
P1207 = The query of the database “{ $database }” finds more than a reply may hold ({ $rows } rows or { $bytes } bytes). Ask for less, with LIMIT or fewer columns.
P1208 = Parameter { $number } for the database “{ $database }” cannot be passed: { $value }. Pass null, a text, a number of 64 bits, true, false, or {"{"}"blob": "hexadecimal digits"{"}"}.
P1209 = The database “{ $database }” stays locked by another program. Wait until its transaction ends, or stop it, and try again.
P1210 = The database “{ $database }” ({ $file }) is damaged: { $reason }. Restore a backup of it.
P1211 = There is no backup “{ $backup }” of the database “{ $database }”; there are: { $known }.
P1212 = Level { $level } of the database “{ $database }” needs a backup of a lower level to build upon, and there is none. Make a backup of level 0 first.
P1213 = The backup { $backup } of the database “{ $database }” is damaged: { $path } { $reason ->
    [missing] is missing
    [entry] was altered or cannot be read
    [content] does not hold what was written
    [length] has another length than was written
    [longer] has more than was written
    [foreign] belongs to another backup, or to none
    [version] was written by another version of Procedo
   *[other] cannot be used: { $reason }
}. Nothing was overwritten; use another backup.
P1214 = The backup { $backup } of the database “{ $database }” builds upon { $base }, which { $reason ->
    [missing] is missing
   *[other] is not the one it was made from
}. Bring that back, or use another backup.
P1215 = Something else works on the backups of the database “{ $database }” now. Wait until it is done.
P1216 = { $folder } has { $available } bytes left and { $needed } are needed. Make space, for example by removing old backups.
P1217 = { $path } cannot be read or written: { $reason }. Look at the disk and at the permissions of the account that Procedo uses.
P1218 = The disk is full: { $path } could not be written whole and was given up. Make space and try again.
P1219 = There is no level { $level }: a backup has level 0 (everything), 1 or 2 (what changed). Choose one of these.
P1220 = The destination “{ $destination }” cannot be used for backups of the database “{ $database }”: it is the name of a folder below its backups, of letters, digits, “-”, “_” and “.”, and does not start with “.”.
P1221 = The backup { $backup } of the database “{ $database }” is needed by { $upon }. Remove these first.
P1222 = What the backup { $backup } of the database “{ $database }” holds is no sound database: { $reason }. Nothing was overwritten; use another backup.
P1223 = The backup { $backup } has pages of { $theirs } bytes, and the database “{ $database }” has pages of { $ours }. Make a new backup of level 0; to restore, first leave WAL mode (PRAGMA journal_mode = delete).
P1224 = The statement in the database “{ $database }” was not done after { $seconds } seconds and was ended. Make it smaller or faster.
P1225 = The backups of the database “{ $database }” are no longer as planned (“{ $backup }”, upon { $base }). Nothing was altered; make the plan again.
P1226 = The SQLite in this Procedo lacks the table sqlite_dbpage, without which no backup can be made. Build it in its own folder, so that the compiler settings in .cargo/config.toml apply.
P1227 = The backup { $backup } of the database “{ $database }” is another than expected: its digest is { $found }, not { $expected }.
P1228 = The database “{ $database }” cannot go on-line: { $detail }. Restore a backup of it.

# Informix.
database-progress-informix = { $percent } percent of the archive of the database { $database }
database-ask-tape = Put a blank tape into { $device } for the backup of the database { $database }, and write on its label: { $label }. Is it in the drive?
database-ask-next-tape = The tape in { $device } is full. Take it out; its label says: { $former }. Put in tape { $number } for the database { $database }, and write on its label: { $label }. Is it in the drive?
database-ask-tape-to-read = Put tape { $number } into { $device } to restore the database { $database }; its label says: { $label }. Is it in the drive?
database-undo-informix = Informix does not tell whether the database { $database } was altered after it was restored; putting the former state back loses what was.
database-doubt-informix = Whether the statement was committed in the database { $database } cannot be told: Informix keeps no record of it. See on its machine that no dbaccess is still at work on it (ps -ef), for it may yet commit; then look at its data.
P1230 = What onstat tells of the database “{ $database }” is not understood: exit code { $code }, “{ $said }”. Look at the settings `folder`, `server`, `onconfig` and `sqlhosts`, and try onstat on the machine.
P1231 = In { $file }, of the database “{ $database }”, { $parameter } is “{ $value }”, and { $rule ->
    [path] it must be an absolute path: that of a folder, a file or a tape drive
    [unlimited] an archive in a plain file needs 0, for what follows a full file would overwrite it
    [null] nothing that is written there is kept
   *[missing] it must be set: Procedo reads there whether onbar succeeded
}. Correct it.
P1232 = Another call works on the archives of the database “{ $database }”: { $holder }. Wait until its run is over; if it is over and was cut off, see that no ontape or onbar runs on the machine and remove { $path }.
P1233 = TAPEDEV of the database “{ $database }”, { $device }, { $found ->
    [missing] is not there
    [folder] is a folder
    [file] is a plain file
   *[device] is a device
}, which does not fit method = "{ $method }". Make it, correct TAPEDEV, or correct the setting `method`.
P1234 = TAPEDEV of the database “{ $database }”, { $device }, holds { $bytes } bytes that Procedo did not leave there, and a backup would overwrite them. Move that archive away and leave an empty file in its place.
P1235 = TAPEDEV of the database “{ $database }”, { $device }, cannot be written to by the account that Procedo uses on the machine. Give it that right.
P1236 = Level { $level } of the database “{ $database }” would build upon the archive of level { $lower } that the server remembers ({ $date }), and Procedo has no backup of it. Make a backup of level { $lower } first.
P1237 = { $tool } failed for the database “{ $database }” (exit code { $code }): { $said }. Correct that and try again.
P1238 = { $tool } says that level { $level } of the database “{ $database }” was archived, and the server does not remember it (onstat -g arc). It does not count as a backup; what was written is left where it is. Look at the server's message log.
P1239 = { $tool } asks something about the database “{ $database }” that Procedo does not know: “{ $prompt }”. It was not answered, and { $tool } was ended. Correct what it asks about, or do this step by hand.
P1240 = The database “{ $database }” does not run as a backup needs it: { $words }. Bring it on-line and try again.
P1241 = The database “{ $database }” cannot be restored, because the file of one of its chunks is missing: { $path }. Mount its disk; on a new installation make an empty file there that belongs to informix, with permissions 660.
P1242 = The present state of the database “{ $database }” cannot be backed up first, because the server is not on-line: { $words }. Bring it on-line, or restore with keep-present = false; then its present state is lost.
P1243 = The database “{ $database }” could not be restored ({ $reason }). Its state before was put back from { $former }.
P1244 = The database “{ $database }” could not be restored ({ $reason }), and its state before was not put back ({ $why }). It is off-line and must not be used; correct the cause and restore again, with keep-present = false.
P1245 = The database “{ $database }” did not change its mode within { $seconds } seconds; it is: { $words }. Look at the server's message log.
P1246 = What { $backup } of the database “{ $database }” should hold ({ $expected }) is not what is there ({ $found }). Put the right tape in, and restore again.
P1247 = The tape “{ $label }” was refused for the database “{ $database }”, so that the work was ended. Start it again when the tape is at hand.
P1249 = The backup { $backup } was made by “{ $theirs }”, and the database “{ $database }” now runs “{ $ours }”; an archive can only be restored by the same version. Use another backup, or install that version.
P1250 = What dbaccess replies for the database “{ $database }” is no UTF-8. Set `locale` of [resource.database.{ $database }] to the locale of the database, such as en_us.8859-1.

# PostgreSQL.
database-doubt-execute = Whether transaction { $xid } of the database { $database } was committed cannot be told: { $reason }. Look at its data.
P1260 = The database “{ $database }” ({ $place }) cannot be reached: { $reason }. Start it, or correct host and port in [resource.database.{ $database }].
P1261 = The server refuses the login to the database “{ $database }” ({ $place }): { $reason }. Correct user, password and dbname, or what pg_hba.conf allows.
P1262 = The connection to the database “{ $database }” was lost: { $reason }. What was not committed was not done; look whether the server runs, and try again.
P1263 = The connection to the database “{ $database }” was lost while transaction { $xid } was being committed, and what became of it cannot be told: { $reason }. Ask the server with SELECT pg_xact_status('{ $xid }').
P1264 = This needs the setting `{ $setting }` of the database “{ $database }”. Add it to [resource.database.{ $database }] in procedo.toml.
P1265 = pgBackRest failed for the database “{ $database }” ({ $command }, exit code { $code }): { $reason }. Correct that and try again.
P1266 = The present state of the database “{ $database }” cannot be backed up first, because it is not on-line ({ $mode }). Put it on-line, or restore with keep-present = false; then its present state is lost.
P1267 = The database “{ $database }” cannot go back to { $moment }: { $rule ->
    [form] it is no moment as in 2026-01-31T14:00:00Z
    [future] it is in the future
   *[early] the backup is complete only at { $earliest }; choose an earlier backup or a later moment
}.
P1268 = The cluster of the database “{ $database }” did not { $what ->
    [stop] stop cleanly
   *[start] start
}: { $reason }. Look at its log, and at the settings `start` and `stop`.
P1269 = The database “{ $database }” could not be restored from { $backup }, and is again as it was before: { $reason }.
P1270 = The database “{ $database }” could not be restored, is left stopped and must not be started by hand: { $reason }. Correct that and restore again.
P1271 = The backup { $backup } of the database “{ $database }” needs segments of the log that the archive does not have: { $segments }. Nothing was overwritten; bring them back or use another backup.
P1272 = The database “{ $database }” was stopped, but segments of its log did not reach the archive: { $segments }. Nothing was overwritten and it was started again; look at archive_command.
P1273 = The destination “{ $destination }” cannot be used for backups of the database “{ $database }”: leave it out for pgBackRest, or give dump, or dump:FOLDER with a name of letters, digits, “-”, “_” and “.” that does not start with “.”.
P1274 = The dump of the database “{ $database }” failed ({ $what }, exit code { $code }): { $reason }. Nothing of the database was altered; correct that and try again.
P1275 = The database “{ $database }” ({ $place }) cannot be trusted: { $reason }. Correct `ca-file`, or the server's certificate.
P1276 = pgBackRest answers for the database “{ $database }” in a way that is not understood: { $reason }. Look at the stanza and at pgBackRest's version.
P1278 = The server of the database “{ $database }” takes no connections, and what it says is not understood: { $reason }. Name its folder by the setting `data`, or look at its log.

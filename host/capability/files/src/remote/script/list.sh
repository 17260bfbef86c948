# Tells what a folder holds: in itself, or in all that is below it. The path, how deep and how much at most come as lines.
IFS= read -r path
IFS= read -r depth
IFS= read -r most
enter "$path"
set --
[ "$depth" = all ] || set -- -maxdepth 1
# How `find` ended is told beside its errors: the shell may have had something to say there before.
{ find . -mindepth 1 "$@" -ignore_readdir_race -printf "$record%P\\0" || echo procedo-failed >&2; } | head -z -n "$most"
exit 0

# Starts a program that stays in the foreground, in a session of its own. $1: the pid file; $2: the file for what it prints;
# $3: the folder to start in, or nothing; then the program with its arguments. Prints how long that file was before.
pidfile=$1 log=$2 folder=$3
shift 3
command -v setsid >/dev/null && command -v flock >/dev/null || exit 90
[ -z "$folder" ] || cd "$folder" || exit 91
command -v "$1" >/dev/null || { echo "$1: there is no such program" >&2; exit 91; }
exec 9>>"$log" || exit 92
# Another start, perhaps one that was given up, may be under way.
flock -w 20 9 || exit 93
if read -r pid 2>/dev/null <"$pidfile" && { read -r pid; read -r since boot; } <"$pidfile"; then
    IFS= read -r stat 2>/dev/null <"/proc/$pid/stat" && set -f && {
        field() { case $1 in Z | X) ;; *) shift 19; printf %s "$1" ;; esac; }
        [ "$(field ${stat##*) })" = "$since" ] && [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] && { wc -c <"$log"; exit 0; }
        set +f
    }
fi
length=$(wc -c <"$log")
# The file names the process before it becomes the program: however this is cut off, none runs that the file does not name.
launch='
pidfile=$1 log=$2
shift 2
IFS= read -r stat </proc/self/stat
field() { shift 19; printf %s "$1"; }
set -f
since=$(field ${stat##*) })
set +f
printf "%s\n%s %s\n" "$$" "$since" "$(cat /proc/sys/kernel/random/boot_id)" >"$pidfile.new" &&
    mv -f "$pidfile.new" "$pidfile" || exit 1
echo started
unset PROCEDO_JOB
exec >>"$log" 2>&1
exec "$@"
'
said=$(setsid /bin/sh -c "$launch" procedo-service "$pidfile" "$log" "$@" </dev/null 9>&- &)
[ "$said" = started ] || { echo "$pidfile cannot be written" >&2; exit 92; }
echo "$length"

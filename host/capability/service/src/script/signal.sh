# Sends the signal $1 to the processes that follow, each with its number and its start time (field 22 of /proc/PID/stat), if
# it still is the one that was started then.
signal=$1
shift
started() {
    stat=
    { while IFS= read -r part; do stat="$stat$part "; done <"/proc/$1/stat"; } 2>/dev/null
    [ -n "$stat" ] || return 1
    set -f
    set -- ${stat##*) }
    set +f
    shift 19 && printf %s "$1"
}
failed=0
while [ $# -gt 1 ]; do
    if [ "$(started "$1")" = "$2" ]; then
        kill -s "$signal" "$1" || { [ -z "$(started "$1")" ] || failed=1; }
    fi
    shift 2
done
exit "$failed"

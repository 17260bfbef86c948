# Start time of a living process, in clock ticks since the machine started: field 22 of /proc/PID/stat (proc(5)). The name in
# field 2 may hold anything, so that counting begins after its last parenthesis. A zombie does not live.
started() {
    [ -n "$1" ] && IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
    set -f
    set -- ${stat##*) }
    set +f
    case $1 in Z | X) return 1 ;; esac
    shift 19 && printf %s "$1"
}

# Whether the process noted in a file (PID, start time, identifier of the machine's start) still lives.
lives() {
    pid= since= boot=
    [ -f "$1" ] && read -r pid since boot <"$1"
    [ -n "$since" ] && [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] && [ "$(started "$pid")" = "$since" ]
}

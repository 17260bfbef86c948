# The processes that bear the mark of a program (PROCEDO_JOB in their environment), those of its session, and all that
# descend from them. Prints their numbers.
family() {
    {
        grep -ls "PROCEDO_JOB=$1" /proc/[0-9]*/environ 2>/dev/null
        for process in /proc/[0-9]*; do
            IFS= read -r stat 2>/dev/null <"$process/stat" || continue
            case $stat in *')'*) echo "${process#/proc/} ${stat##*) }" ;; esac
        done
    } | awk -v session="$2" -v self="$$" '
        /^\// { split($0, part, "/"); member[part[3]] = 1; next }
        { state[$1] = $2; parent[$1] = $3; if (session != "" && $5 == session) member[$1] = 1 }
        END {
            do {
                more = 0
                for (p in parent) if (!(p in member) && (parent[p] in member) && parent[p] != session) { member[p] = 1; more = 1 }
            } while (more)
            for (p in member) if ((p in state) && state[p] != "Z" && state[p] != "X" && p != session && p != self) print p
        }'
}

# Ends them: politely at first, insisting after some seconds. Prints those that are left.
end_family() {
    asked=' '
    turn=0
    while :; do
        left=$(family "$1" "$2" | tr '\n' ' ')
        [ -n "$left" ] || return 0
        [ "$turn" -lt $(($3 * 5 + 50)) ] || break
        for process in $left; do
            if [ "$turn" -ge $(($3 * 5)) ]; then
                kill -s KILL "$process" 2>/dev/null
            else
                case $asked in
                *" $process "*) ;;
                *)
                    kill -s TERM "$process" 2>/dev/null
                    asked="$asked$process "
                    ;;
                esac
            fi
        done
        turn=$((turn + 1))
        sleep 0.2 2>/dev/null || sleep 1
    done
    echo "$left"
}

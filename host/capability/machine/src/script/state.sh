# Tells what became of a job: a word and a number.
state() {
    turn=0
    while :; do
        [ -d "$folder" ] || { echo forgotten 0; return; }
        [ -f "$folder/code" ] && { echo "ended $(cat "$folder/code")"; return; }
        lives "$folder/pid" && { echo "running $pid"; return; }
        # The program is gone. Its keeper is about to write how it ended, or has done so just now, or is gone as well.
        if ! lives "$folder/keeper"; then
            [ -f "$folder/code" ] && continue
            echo lost 0
            return
        fi
        [ -f "$folder/pid" ] || { echo "running $pid"; return; }
        turn=$((turn + 1))
        [ "$turn" -lt 50 ] || { echo "running $pid"; return; }
        sleep 0.1 2>/dev/null || sleep 1
    done
}

# Ends a job with its children, if its program still runs.
case $(state) in
ended* | forgotten*) ended 0 ;;
esac
session=
lives "$folder/keeper" && session=$pid
left=$(end_family "$name" "$session" "$grace")
[ -z "$left" ] || { echo "$left"; ended left; }
turn=0
while lives "$folder/keeper" && [ "$turn" -lt 50 ]; do
    turn=$((turn + 1))
    sleep 0.1 2>/dev/null || sleep 1
done
ended 0

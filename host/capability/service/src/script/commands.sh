# Tells the commands of the processes $@, each after its number.
for pid; do
    command=$(tr '\000\n' '  ' <"/proc/$pid/cmdline" 2>/dev/null | head -c 200)
    [ -z "$command" ] || printf '%s %s\n' "$pid" "$command"
done

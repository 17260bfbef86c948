# Tells what runs on this machine and, with $1, what a pid file says: a word and its value on each line.
echo "boot $(cat /proc/sys/kernel/random/boot_id)"
while read -r word value; do
    [ "$word" = btime ] && echo "btime $value"
done </proc/stat
echo "ticks $(getconf CLK_TCK 2>/dev/null || echo 100)"
if [ -n "$1" ] && [ -e "$1" ]; then
    [ -f "$1" ] && [ -r "$1" ] || { echo "$1 cannot be read" >&2; exit 1; }
    echo "file $(stat -L -c %Y "$1")"
    head -c 200 "$1" | tr -d '\000' | while IFS= read -r line || [ -n "$line" ]; do
        printf 'line %s\n' "$line"
    done
fi
for process in /proc/[0-9]*; do
    stat=
    # A name may hold line ends.
    { while IFS= read -r part; do stat="$stat$part "; done <"$process/stat"; } 2>/dev/null
    [ -z "$stat" ] || printf 'process %s\n' "$stat"
done

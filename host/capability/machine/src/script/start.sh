# Starts a job, unless there is one of this key. $jobs: the folder of all jobs; $key, $name: what this one is called; $keeper:
# the keeper's script. The program comes as the next line of the input.
IFS= read -r program
umask 077
command -v setsid >/dev/null && command -v mkfifo >/dev/null && [ -r /proc/self/stat ] || ended unfit
mkdir -p "$jobs" 2>/dev/null
# What ended a month ago is asked for by nobody any more.
find "$jobs" -mindepth 2 -maxdepth 2 -name code -mtime +30 2>/dev/null | while IFS= read -r code; do
    old=${code%/code}
    [ "$(cat "${old%.*}" 2>/dev/null)" = "${old##*.}" ] && rm -f "${old%.*}"
    rm -rf "$old"
done
folder=$jobs/$key.$name
{ mkdir "$folder" && true >"$folder/out" && true >"$folder/ticket" && printf '%s\n' "$name" >"$folder/name"; } || ended failed
[ -z "$open" ] || mkfifo "$folder/in" || ended failed
# A link either appears with its content or does not: who makes it owns the key.
if ! ln "$folder/name" "$jobs/$key" 2>/dev/null; then
    rm -rf "$folder"
    [ -e "$jobs/$key" ] && ended exists
    ended failed
fi
said=$(printf '%s\n' "$program" | setsid /bin/sh -c "$keeper" procedo-keeper "$folder" "$name" 2>/dev/null &)
[ "$said" = started ] || ended failed
echo "$name"
ended 0

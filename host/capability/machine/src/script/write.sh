# Writes the rest of the input to a file: beside it, synced, then renamed over it.
umask 077
[ -d "$path" ] && { echo 'it is a folder'; ended failed; }
[ -e "$path" ] && path=$(readlink -f "$path")
new=$path.$mark
if [ -e "$path" ]; then
    # The copy has the owner and permissions that the new content shall have.
    cp -p "$path" "$new" 2>&1
else
    true >"$new"
fi || { rm -f "$new"; ended failed; }
{
    cat >"$new" && [ "$(wc -c <"$new")" -eq "$size" ] &&
        { [ -z "$mode" ] || chmod "$mode" "$new"; } && sync "$new" && mv -f "$new" "$path"
} 2>&1 || { rm -f "$new"; ended failed; }
ended 0

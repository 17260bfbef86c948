# Reads files: for each the folder, the name, and from where on how much come as lines. What was read is followed by what
# the file is then.
last=//
while IFS= read -r folder && IFS= read -r name && read -r from count; do
    [ "$folder" = "$last" ] || enter "$folder"
    last=$folder
    dd if="./$name" bs=1M skip="$from" count="$count" status=none \
        iflag=skip_bytes,count_bytes,fullblock,nofollow,nonblock,noctty || exit 1
    printf '\0:'
    find "./$name" -maxdepth 0 -printf "$record" || exit 1
done
exit 0

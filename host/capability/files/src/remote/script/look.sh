# Tells what each part of a path is, down to the first that is not a folder. The paths come as lines; what belongs to one of
# them ends with an empty part.
look() {
    enter_root
    left=$1
    [ -n "$left" ] || find . -maxdepth 0 -printf "$record" || exit 1
    while [ -n "$left" ]; do
        part=${left%%/*}
        case $left in */*) left=${left#*/} ;; *) left= ;; esac
        exists "./$part" || return 0
        find "./$part" -maxdepth 0 -printf "$record" || exit 1
        [ -n "$left" ] && is_folder "./$part" || return 0
        descend "$part"
    done
}
while IFS= read -r path; do
    look "$path"
    printf '\0'
done
exit 0

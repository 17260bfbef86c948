# Goes into folders below the root, part by part, and never through a link: wherever it arrives, the system's own word on
# where that is has to agree. What is then named from there by one part cannot lie outside. $1: where the root really is;
# $2: its device and inode.
root=$1
identity=$2
record='%y %m %U %G %s %D:%i:%s:%T@:%C@ %l\0'

# Whether something is there, be it a link that leads nowhere.
exists() {
    [ -e "$1" ] || [ -L "$1" ]
}

is_folder() {
    [ -d "$1" ] && [ ! -L "$1" ]
}

enter_root() {
    cd -P "$root" 2>/dev/null && [ "$(pwd -P)" = "$root" ] &&
        [ "$(find . -maxdepth 0 -printf '%D:%i')" = "$identity" ] || exit 10
    at=$root
}

# One part further down.
descend() {
    [ ! -L "./$1" ] || exit 12
    [ -d "./$1" ] || { [ -e "./$1" ] && exit 13; exit 14; }
    # What keeps from entering is told by `find`, in words that are the same everywhere.
    cd -P "./$1" 2>/dev/null || { find "./$1/." -maxdepth 0 -printf '' || exit 1; exit 12; }
    at=${at%/}/$1
    [ "$(pwd -P)" = "$at" ] || exit 12
}

enter() {
    enter_root
    left=$1
    while [ -n "$left" ]; do
        part=${left%%/*}
        case $left in */*) left=${left#*/} ;; *) left= ;; esac
        descend "$part"
    done
}

# Puts something into a folder, or removes it. The folder and what to do come as lines, contents between them.
#
# All is built in a folder of its own beside its place ($3), which only this account may enter: nobody else can put a link
# into it. It is left by one rename, after everything has arrived and is durable.
staging=$3
IFS= read -r folder
enter "$folder"

# What failed is told by the tool; where, by this line.
fail() {
    printf 'procedo-at:%s\n' "$inner" >&2
    exit 1
}

# What cannot be made durable afterwards is not begun.
inner=
[ -r . ] || { echo './: Permission denied' >&2; fail; }

# Into the folder of its own.
stage() {
    [ ! -L "./$staging" ] && cd -P "./$staging" && [ "$(pwd -P)" = "${at%/}/$staging" ] && [ -O . ] || exit 12
}

# An entry of a folder that may not be read is made durable with all of its file system.
durable() {
    sync "$1" 2>/dev/null || sync -f . || fail
}

# What tells a thing from any other and from its own earlier and later states.
stamp() {
    if exists "$1"; then find "$1" -maxdepth 0 -printf '%D:%i:%s:%T@:%C@'; else printf -; fi
}

# From the folder of its own, which is removed.
leave() {
    rm -rf ./new ./old ./swap || exit 19
    cd -P .. && rmdir "./$staging" || exit 19
}

# All has arrived: without this line the connection was cut.
complete() {
    IFS= read -r end && [ "$end" = complete ] || exit 17
}

while read -r what a b; do
    inner=
    case $what in
    begin)
        (umask 077 && mkdir "./$staging") || fail
        stage
        # Also where the folder's rights are inherited.
        chmod go= . || fail
        ;;
    again) stage ;;
    folder)
        IFS= read -r inner
        mkdir "./new$inner" || fail
        ;;
    link)
        IFS= read -r inner
        IFS= read -r target
        target=$(printf '%bx' "$target")
        ln -sT -- "${target%x}" "./new$inner" || fail
        ;;
    file)
        IFS= read -r inner
        # Nobody else reads it before it has the rights it shall have.
        usual=$(umask)
        [ "$b" = usual ] || umask 077
        dd of="./new$inner" bs=1M count="$a" status=none iflag=fullblock,count_bytes oflag=nofollow conv=excl,fsync || fail
        umask "$usual"
        complete
        ;;
    more)
        IFS= read -r inner
        dd of="./new$inner" bs=1M count="$a" status=none iflag=fullblock,count_bytes oflag=nofollow,append \
            conv=notrunc,nocreat,fsync || fail
        complete
        ;;
    rights)
        IFS= read -r inner
        if [ "$b" != - ] && [ "$(find "./new$inner" -maxdepth 0 -printf '%U:%G')" != "$b" ]; then
            chown -h "$b" "./new$inner" || { printf 'procedo-owner:%s\n' "$b" >&2; fail; }
        fi
        [ "$a" = - ] || chmod "$a" "./new$inner" || fail
        durable "./new$inner"
        ;;
    place)
        IFS= read -r name
        complete
        [ "$(stamp "../$name")" = "$a" ] || { leave; exit 15; }
        durable .
        if [ "$a" = - ]; then
            mv -nT ./new "../$name" || fail
            if exists ./new; then leave; exit 15; fi
        elif is_folder ./new || is_folder "../$name"; then
            # In two steps: what is in between, `clear` puts back.
            mkdir ./swap && durable . && mv -T "../$name" ./old || fail
            mv -nT ./new "../$name" || { mv -nT ./old "../$name"; fail; }
            if exists ./new; then mv -nT ./old "../$name"; leave; exit 15; fi
        else
            mv -fT ./new "../$name" || fail
        fi
        durable ..
        leave
        durable .
        ;;
    remove)
        IFS= read -r name
        complete
        [ "$(stamp "../$name")" = "$a" ] || { leave; exit 15; }
        # Durable before anything in it goes: a crash leaves the folder whole or gone.
        mv -T "../$name" ./old || fail
        durable . && durable ..
        leave
        durable .
        ;;
    unlink)
        IFS= read -r name
        complete
        [ "$(stamp "./$name")" = "$a" ] || exit 15
        rm -f "./$name" || fail
        durable .
        ;;
    clear)
        IFS= read -r name
        complete
        if is_folder "./$staging"; then
            cd -P "./$staging" && [ "$(pwd -P)" = "${at%/}/$staging" ] || exit 12
            if [ -d ./swap ] && exists ./old && ! exists "../$name"; then
                mv -nT ./old "../$name" || fail
                durable ..
            fi
            find . -mindepth 1 -maxdepth 1 -exec rm -rf {} + && cd -P .. && rmdir "./$staging" || exit 19
        else
            rm -f "./$staging" || exit 19
        fi
        durable .
        ;;
    esac
done
exit 0

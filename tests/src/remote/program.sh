#!/bin/sh
# The programs of the server, as the site's commands and services call them: WHAT FOLDER …, with passwords on the standard
# input only. What holds a password is a file as libpq reads it, in a folder of its own.
what=$1 home=$2
shift 2
psql=@BIN@/psql socket=@SOCKET@ keys=@KEYS@

fail() {
    echo "$1" >&2
    exit 1
}

happened() {
    echo "$1" >>"$home/events"
}

# Whether it was told to refuse something; a line that begins with “once” counts once.
refuses() {
    if grep -qx "once $1" "$home/refuses"; then
        grep -vx "once $1" "$home/refuses" >"$home/refuses.new"
        mv "$home/refuses.new" "$home/refuses"
        return 0
    fi
    grep -qx "$1" "$home/refuses"
}

# The line of a password file for an account and its password.
line() {
    printf '*:*:*:%s:%s\n' "$1" "$(printf '%s\n' "$2" | sed 's/[\\:]/\\&/g')"
}

# Puts the password of an account into a file.
keep() {
    umask 077
    line "$2" "$3" >"$keys/$1.new" && mv "$keys/$1.new" "$keys/$1"
}

# Whether a file holds this password.
holds() {
    [ -e "$keys/$1" ] || fail "there is no $1"
    if [ "$(line "$2" "$3")" = "$(cat "$keys/$1")" ]; then echo same; else echo other; fi
}

# Becomes a client that logs in with what a file holds.
log_in() {
    PGPASSFILE=$keys/$1 exec "$psql" -X -q -w -h "$socket" -d postgres -U "$2"
}

lives() {
    [ -r "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

account= password= former=
case $what in
service)
    name=$1 account=$2
    [ ! -e "$home/run/off" ] || fail 'the server is switched off'
    ! refuses "start $name" || fail "$name does not start: it was told so"
    ending=
    trap 'refuses "stop $name" || ending=yes' TERM
    happened "started $name"
    if [ "$name" = contact-center ]; then
        (log_in startup "$(cut -d : -f 4 "$keys/startup")" </dev/null) || fail 'the database refuses the start-up password'
    fi
    rm -f "$home/run/$name.in"
    mkfifo "$home/run/$name.in" && exec 3<>"$home/run/$name.in" && rm "$home/run/$name.in" || exit 1
    # As long as it runs it has a connection to the database, or at least a child.
    if [ -n "$account" ]; then log_in "$name" "$account" <&3 & else cat <&3 & fi
    child=$!
    while [ -z "$ending" ] && kill -0 "$child" 2>/dev/null; do wait "$child"; done
    [ -n "$ending" ] || fail "$name has lost its database"
    sleep 0.2
    kill "$child"
    wait "$child"
    happened "stopped $name"
    ;;
set-service-password)
    ! refuses "service $1" || fail "the password of the service $1 was not set: access is denied"
    IFS= read -r both
    keep "$1" "${both%%:*}" "${both#*:}" && happened "set service $1"
    ;;
check-service-password)
    # As the server calls it, or as the site does.
    IFS= read -r account && IFS= read -r password && holds "${1#main-}" "$account" "$password"
    ;;
set-startup-password)
    ! refuses startup || fail 'the start-up configuration was not changed: access is denied'
    IFS= read -r account && IFS= read -r password && keep startup "$account" "$password" && happened 'set startup'
    ;;
check-startup-password)
    IFS= read -r account && IFS= read -r password && holds startup "$account" "$password"
    ;;
check-new-password)
    IFS= read -r account && IFS= read -r password && IFS= read -r former || exit 1
    [ "$(printf %s "$password" | LC_ALL=C.UTF-8 wc -m)" -le 16 ] || { echo long; exit; }
    case $password in '' | *[[:space:]]*) echo blank; exit ;; esac
    [ "$password" != "$former" ] || { echo same; exit; }
    if printf '%s\n' "$former" | setsid --wait "$psql" -X -q -W -h "$socket" -d postgres -U "$account" -c 'SELECT 1' >/dev/null 2>&1
    then echo fits; else echo not-present; fi
    ;;
shutdown)
    # It only writes down what a server would do, and what would have run into it.
    for file in "$home"/run/*.pid; do
        read -r pid <"$file"
        ! lives "$pid" || happened "killed $(basename "$file" .pid)"
    done
    [ -e "$home/run/off" ] || { touch "$home/run/off" && happened off; }
    ;;
restart)
    happened restarting
    ;;
power-on)
    [ ! -e "$home/run/off" ] || { rm "$home/run/off" && happened on; }
    ;;
power)
    if [ -e "$home/run/off" ]; then echo off; else echo on; fi
    ;;
*) fail "there is no program $what" ;;
esac

# Keeps a job: holds its standard input open, and writes down how it ends. $1: the folder; $2: the mark.
folder=$1
name=$2
IFS= read -r program
exec </dev/null
trap "" HUP
boot=$(cat /proc/sys/kernel/random/boot_id)
note() {
    printf "%s\n" "$2" >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1"
}
since() {
    set -f
    set -- ${stat##*) }
    shift 19
    since=$1
}
IFS= read -r stat </proc/self/stat
since
note keeper "$$ $since $boot"
# Whoever moves the ticket decides whether the job runs: this keeper, or somebody who gave it up.
mv "$folder/ticket" "$folder/claimed" 2>/dev/null || exit 1
[ -p "$folder/in" ] && exec 3<>"$folder/in"
(
    # The program itself becomes this process, so that it can be found however it goes on.
    IFS= read -r stat </proc/self/stat
    since
    note pid "${stat%% *} $since $boot"
    echo started
    exec >>"$folder/out" 2>&1
    PROCEDO_JOB=$name
    export PROCEDO_JOB
    eval "$(printf %b "$program")"
) &
exec >/dev/null 2>&1
program=
wait "$!"
note code "$?"

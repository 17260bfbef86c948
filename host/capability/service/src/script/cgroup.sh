# Tells the numbers of the processes of a control group and of those below it: cgroups(7), version 2 and version 1.
for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    [ ! -d "$root$1" ] || find "$root$1" -name cgroup.procs -exec cat {} + 2>/dev/null
done
exit 0

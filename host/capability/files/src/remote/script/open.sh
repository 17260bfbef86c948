# Opens a root: tells where it really is, which folder it is, and which machine this is. $1: its folder.
cd -P "$1" || exit 10
for tool in dd find head mv chmod chown ln rm rmdir mkdir sync; do
    command -v "$tool" >/dev/null || { echo "$tool" >&2; exit 16; }
done
find . -maxdepth 0 -printf '%D:%i\0' || { echo 'find -printf' >&2; exit 16; }
dd if=/dev/null of=/dev/null count=0 status=none iflag=skip_bytes,count_bytes,fullblock,nofollow,nonblock,noctty ||
    { echo 'dd iflag=nofollow' >&2; exit 16; }
sync . || { echo 'sync FILE' >&2; exit 16; }
pwd -P
printf '\0'
cat /etc/machine-id 2>/dev/null
exit 0

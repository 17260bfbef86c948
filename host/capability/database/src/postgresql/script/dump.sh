# Dumps a database into a file, reads that as a whole, and gives it its name. $1: the folder; $2: the name; $3, $4: pg_dump and
# pg_restore.
set -e
umask 077
mkdir -p "$1"
file=$1/$2
trap 'rm -f "$file.part"' EXIT
echo "procedo-began $(date -u +%Y-%m-%dT%H:%M:%SZ)"
"$3" --format=custom --file="$file.part"
"$4" --file=/dev/null "$file.part"
sync "$file.part"
digest=$(sha256sum <"$file.part")
size=$(stat -c %s "$file.part")
mv "$file.part" "$file.dump"
sync "$1"
echo "procedo-dumped ${digest%% *} $size"

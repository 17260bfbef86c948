# Has dbaccess unload rows into a pipe. $1: dbaccess; $2: the database; $3: “rows” for the rows themselves, at most $4 bytes of
# them, or “digest” for one digest of them all, whatever their order. Standard input: the statements, with @FILE@ where the
# file's name belongs. What dbaccess says goes to standard error.
unset DBLANG DBDELIMITER GL_DATE DBTIME GL_DATETIME DBMONEY
umask 077
folder=$(mktemp -d) || exit 125
trap 'rm -rf "$folder"' EXIT
# Large objects would be unloaded into files of their own, here.
cd "$folder" || exit 125
mkfifo rows || exit 125
if [ "$3" = digest ]; then
    # A line end within a value stands behind a backslash: such lines are one row. What each of them did whole leaves a mark;
    # a digest of less, as where no space was left to sort in, is none.
    {
        LC_ALL=C awk '{ row = row $0 } match($0, /\\*$/) && RLENGTH % 2 { row = row "n"; next } { print row; row = "" }
            END { if (row != "") print row }' <rows && : >joined
    } | {
        LC_ALL=C sort -T "$folder" && : >sorted
    } | sha256sum && [ -e joined ] && [ -e sorted ] &
else
    head -c "$4" <rows &
fi
reader=$!
# Opened until dbaccess has ended: the reader waits for an end, and comes to it also if nothing is unloaded.
exec 3>rows
sed "s|@FILE@|$folder/rows|" | "$1" "$2" - 3>&- >&2
code=$?
exec 3>&-
wait "$reader" || [ "$code" -ne 0 ] || code=125
exit "$code"

# Finds a job. One whose keeper never took its ticket is given up, and will not run.
gone() {
    rm -f "$jobs/$key"
    rm -rf "$jobs/$key".*
    ended none
}
[ -e "$jobs/$key" ] || gone
read -r name <"$jobs/$key"
folder=$jobs/$key.$name
[ -e "$folder/claimed" ] || { mv "$folder/ticket" "$folder/given-up" 2>/dev/null && gone; }
[ -e "$folder/claimed" ] || gone
echo "$name"
ended 0

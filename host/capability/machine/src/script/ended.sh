# Ends the script: its mark, with a word, on both outputs.
ended() {
    printf '\n%s %s\n' "$mark" "$1"
    printf '\n%s %s\n' "$mark" "$1" >&2
    exit 0
}

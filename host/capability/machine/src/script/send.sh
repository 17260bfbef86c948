# Sends the rest of the input to a job. $tag: at most once.
case $(state) in running*) ;; *) ended gone ;; esac
[ -p "$folder/in" ] || ended closed
[ -z "$tag" ] || mkdir "$folder/sent.$tag" 2>/dev/null || ended sent
# Opened for reading, too, so that opening it does not wait for a program that ends just now.
exec 4<>"$folder/in"
cat >&4
ended 0

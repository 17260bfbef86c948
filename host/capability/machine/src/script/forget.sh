# Removes a job that does not run any more.
case $(state) in running*) ended running ;; esac
rm -f "$jobs/$key"
rm -rf "$folder"
ended 0

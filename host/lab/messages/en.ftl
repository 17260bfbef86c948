### Errors of the lab, P09xx.

P0901 = { $path } is not empty; give a new folder for the lab.
P0902 = { $path } is no lab; make one with “procedo init { $path } --lab”.
P0903 = The lab's web server did not start: { $reason }.
P0904 = The lab's web server (process { $pid }) does not stop; end it yourself.
P0905 = The lab in { $path } is served by another process already; “procedo lab status” tells where.
P0906 = The lab in { $path } is served by a process that is not { $pid }, which was noted; nothing was stopped. Find the process that holds .procedo-lab/lock and end it yourself.
P0907 = { $path } cannot be used: { $reason }.
P0908 = { $path } has no [resource.http.web] with an origin such as "http://127.0.0.1:8480"; the lab serves on this machine only.
P0909 = The servers of the lab: { $reason }.
P0910 = { $value } is no part of the lab; its parts are { $known }.

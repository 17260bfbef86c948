# Removes a job that does not run any more.
if ((State).is -eq 'running') { Ended 'running' }
if ([IO.File]::Exists($owner) -and [IO.File]::ReadAllText($owner) -eq (One 'name')) { [IO.File]::Delete($owner) }
if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) }
Ended '0'

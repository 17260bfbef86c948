# The folder to start in, and the program there.
$place = One 'folder'
if ($place -eq '') { $place = $env:USERPROFILE }
if (-not [IO.Directory]::Exists($place)) { Ended 'folder' }
$whole = Found (One 'path') $place
if ($null -eq $whole) { Ended 'missing' }

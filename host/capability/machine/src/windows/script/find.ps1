# Finds a job. One whose keeper never took its ticket is given up, and will not run.
if (-not [IO.File]::Exists($owner)) { Ended 'none' }
$name = [IO.File]::ReadAllText($owner)
$folder = $owner + '.' + $name
if (-not [IO.File]::Exists("$folder\claimed")) {
    $mine = -not [IO.Directory]::Exists($folder)
    try { [IO.File]::Move("$folder\ticket", "$folder\given-up"); $mine = $true } catch { }
    if ($mine -or [IO.File]::Exists("$folder\given-up")) {
        [IO.File]::Delete($owner)
        if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) }
        Ended 'none'
    }
    if (-not [IO.File]::Exists("$folder\claimed")) { throw "$folder" }
}
Ended '0' @{ name = $name }

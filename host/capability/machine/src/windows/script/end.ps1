# Ends a job with its children, if its program still runs.
if (@('ended', 'forgotten', 'lost') -contains (State).is) { Ended '0' @{ left = @() } }
$known = @{}
if (Lives 'pid') {
    $born = (Get-CimInstance Win32_Process -Filter "ProcessId=$(Noted 'pid')").CreationDate
    if ($born) { $known["$(Noted 'pid')"] = $born }
}
$left = @(EndFamily $known ([double](One 'grace')))
if ($left.Count -gt 0) { Ended '0' @{ left = $left } }
for ($turn = 0; (Lives 'keeper') -and $turn -lt 100; $turn++) { Start-Sleep -Milliseconds 100 }
if (Lives 'keeper') { Ended '0' @{ left = @(Noted 'keeper') } }
Ended '0' @{ left = @() }

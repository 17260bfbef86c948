# Ends an exchange that nobody waits for any more, with all that it started; its command line tells which it is.
$command = One 'command'
$known = @{}
foreach ($one in @(Get-CimInstance Win32_Process)) {
    if ($one.CommandLine -and $one.CreationDate -and $one.CommandLine.Contains($command)) { $known["$($one.ProcessId)"] = $one.CreationDate }
}
if ($known.Count -eq 0) { Ended 'none' }
Ended '0' @{ left = @(EndFamily $known 2) }

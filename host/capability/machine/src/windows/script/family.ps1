# The processes that descend from known ones, by parent and time of birth, since numbers are used again. Returns those that live.
function Family($known) {
    $all = @(Get-CimInstance Win32_Process)
    do {
        $more = $false
        foreach ($one in $all) {
            if ($known.ContainsKey("$($one.ProcessId)")) { continue }
            $parent = $known["$($one.ParentProcessId)"]
            if ($null -ne $parent -and $null -ne $one.CreationDate -and $one.CreationDate -ge $parent) {
                $known["$($one.ProcessId)"] = $one.CreationDate
                $more = $true
            }
        }
    } while ($more)
    foreach ($one in $all) { if ($one.CreationDate -and $known["$($one.ProcessId)"] -eq $one.CreationDate) { $one } }
}
# Ends them: asks those with a window to close at first, insists after some seconds. Returns the numbers of those that are left.
function EndFamily($known, $grace) {
    $until = [DateTime]::UtcNow.AddSeconds($grace)
    $asked = @{}
    while ($true) {
        $left = @(Family $known)
        if ($left.Count -eq 0) { return }
        if ([DateTime]::UtcNow -ge $until.AddSeconds(10)) {
            foreach ($one in $left) { [int]$one.ProcessId }
            return
        }
        foreach ($one in $left) {
            try {
                if ([DateTime]::UtcNow -ge $until) {
                    [void](Invoke-CimMethod -InputObject $one -MethodName Terminate)
                } elseif (-not $asked.ContainsKey("$($one.ProcessId)")) {
                    $asked["$($one.ProcessId)"] = $true
                    & "$env:SystemRoot\System32\taskkill.exe" /PID $one.ProcessId 2>&1 | Out-Null
                }
            } catch { continue }
        }
        Start-Sleep -Milliseconds 200
    }
}

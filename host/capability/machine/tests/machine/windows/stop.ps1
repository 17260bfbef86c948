param($Lines, $Folder)
# The values that a script is given: a name and base64 a line. A name that comes again makes a list.
$Asked = @{}
function Take($lines, $from) {
    for ($i = $from; $i -lt $lines.Count; $i++) {
        $part = $lines[$i].Split(' ')
        if (-not $Asked.ContainsKey($part[0])) { $Asked[$part[0]] = New-Object Collections.ArrayList }
        [void]$Asked[$part[0]].Add([Convert]::FromBase64String($part[1]))
    }
}
function All($name) { foreach ($bytes in $Asked[$name]) { [Text.Encoding]::UTF8.GetString($bytes) } }
function One($name) { [Text.Encoding]::UTF8.GetString($Asked[$name][0]) }
# The answer: lines that begin with the mark, so that whatever else is printed does not spoil them.
Take $Lines 1
$Mark = One 'mark'
$Stdout = [Console]::OpenStandardOutput()
$Stderr = [Console]::OpenStandardError()
function Say($stream, $text) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush()
}
function Bulk($word, [byte[]]$bytes) { Say $Stdout ("`n" + $Mark + ':' + $word + ' ' + [Convert]::ToBase64String($bytes) + "`n") }
function Ended($word, $told) {
    if ($null -ne $told) { Say $Stdout ("`n" + $Mark + ':json ' + (ConvertTo-Json -Compress -Depth 4 -InputObject $told) + "`n") }
    Say $Stdout ("`n" + $Mark + ' ' + $word + "`n")
    Say $Stderr ("`n" + $Mark + ' ' + $word + "`n")
    exit 0
}
trap { Ended 'failed' @{ said = [string]$_.Exception.GetBaseException().Message } }
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
# Ends an exchange that nobody waits for any more, with all that it started; its command line tells which it is.
$command = One 'command'
$known = @{}
foreach ($one in @(Get-CimInstance Win32_Process)) {
    if ($one.CommandLine -and $one.CreationDate -and $one.CommandLine.Contains($command)) { $known["$($one.ProcessId)"] = $one.CreationDate }
}
if ($known.Count -eq 0) { Ended 'none' }
Ended '0' @{ left = @(EndFamily $known 2) }

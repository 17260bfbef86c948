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
# A program: where it lies, and how it is started without a shell. Batch files would need one, and are not looked for.
function Found($path, $folder) {
    $names = @($path)
    if ($path -notmatch '\.(exe|com)$') { $names = @("$path.exe", "$path.com") }
    $places = @($folder)
    if ($path -notmatch '[\\/:]') { $places = @($env:PATH.Split(';')) }
    foreach ($place in $places) {
        $place = $place.Trim().Trim('"')
        if ($place -eq '') { continue }
        foreach ($name in $names) {
            try {
                $whole = [IO.Path]::Combine($place, $name)
                if ([IO.File]::Exists($whole)) { return [IO.Path]::GetFullPath($whole) }
            } catch { continue }
        }
    }
}
function Prepared($whole, $folder) {
    # A byte order mark would else be the first thing that the program reads.
    try { [Console]::InputEncoding = New-Object Text.UTF8Encoding $false } catch { }
    $info = New-Object Diagnostics.ProcessStartInfo
    $info.FileName = $whole
    $info.Arguments = One 'arguments'
    $info.WorkingDirectory = $folder
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $names = @(All 'variable')
    $values = @(All 'value')
    for ($i = 0; $i -lt $names.Count; $i++) { $info.EnvironmentVariables[$names[$i]] = $values[$i] }
    $info
}
# Starts to read an output where nothing is being read, and returns how many bytes have come since; -1 at its end.
function Came($pipe) {
    if ($pipe.ended) { return -1 }
    if ($null -eq $pipe.task) { $pipe.task = $pipe.stream.ReadAsync($pipe.buffer, 0, $pipe.buffer.Length) }
    if (-not $pipe.task.IsCompleted) { return 0 }
    $count = 0
    if (-not $pipe.task.IsFaulted) { $count = $pipe.task.Result }
    $pipe.task = $null
    if ($count -eq 0) { $pipe.ended = $true; return -1 }
    $count
}
function Pipe($stream) { @{ stream = $stream; buffer = (New-Object byte[] 65536); task = $null; ended = $false; kept = (New-Object IO.MemoryStream) } }
# The folder to start in, and the program there.
$place = One 'folder'
if ($place -eq '') { $place = $env:USERPROFILE }
if (-not [IO.Directory]::Exists($place)) { Ended 'folder' }
$whole = Found (One 'path') $place
if ($null -eq $whole) { Ended 'missing' }
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
# Runs a program and tells how it ended and what it printed.
$process = [Diagnostics.Process]::Start((Prepared $whole $place))
$until = [DateTime]::UtcNow.AddSeconds([double](One 'seconds'))
$limit = [int](One 'limit')
$in = $process.StandardInput.BaseStream
$fed = $in.WriteAsync($Asked['input'][0], 0, $Asked['input'][0].Length)
$pipes = @((Pipe $process.StandardOutput.BaseStream), (Pipe $process.StandardError.BaseStream))
$truncated = $false
$quiet = 0
$over = $null
while ($true) {
    if ($null -ne $fed -and $fed.IsCompleted) {
        # A program that does not want its input closes it: that is no failure.
        try { $in.Close() } catch { }
        $fed = $null
    }
    $moved = $false
    foreach ($pipe in $pipes) {
        $count = Came $pipe
        if ($count -le 0) { continue }
        $moved = $true
        $room = [Math]::Min($count, $limit - [int]$pipe.kept.Length)
        if ($room -lt $count) { $truncated = $true }
        $pipe.kept.Write($pipe.buffer, 0, $room)
    }
    $now = [DateTime]::UtcNow
    if ($process.HasExited) {
        # What it left running may hold the outputs open: half a second of silence is their end, too.
        if ($null -eq $over) { $over = $now.AddSeconds(5) }
        if ($pipes[0].ended -and $pipes[1].ended) { break }
        if ($quiet -ge 25 -or $now -ge $over) { break }
    } elseif ($now -ge $until) {
        $born = (Get-CimInstance Win32_Process -Filter "ProcessId=$($process.Id)").CreationDate
        $known = @{}
        if ($born) { $known["$($process.Id)"] = $born }
        $left = @(EndFamily $known 2)
        if (-not $born) { $left = @($process.Id) }
        Ended 'late' @{ left = $left }
    }
    if ($moved) { $quiet = 0 } else { $quiet++; Start-Sleep -Milliseconds 20 }
}
Bulk 'out' $pipes[0].kept.ToArray()
Bulk 'err' $pipes[1].kept.ToArray()
Ended '0' @{ code = $process.ExitCode; truncated = $truncated }

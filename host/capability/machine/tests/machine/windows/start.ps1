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
# Where the jobs live, and what became of one.
$jobs = [IO.Path]::Combine($env:USERPROFILE, (One 'jobs'))
$owner = [IO.Path]::Combine($jobs, (One 'key'))
$folder = ''
if ($Asked.ContainsKey('name')) { $folder = $owner + '.' + (One 'name') }
# Whether the process noted in a file (number, time of birth) still lives.
function Lives($file) {
    if (-not [IO.File]::Exists("$folder\$file")) { return $false }
    $part = [IO.File]::ReadAllText("$folder\$file").Split(' ')
    try {
        $process = [Diagnostics.Process]::GetProcessById([int]$part[0])
        return (-not $process.HasExited) -and ("$($process.StartTime.ToFileTimeUtc())" -eq $part[1])
    } catch { return $false }
}
function Noted($file) { [int][IO.File]::ReadAllText("$folder\$file").Split(' ')[0] }
function State {
    for ($turn = 0; $true; $turn++) {
        if (-not [IO.Directory]::Exists($folder)) { return @{ is = 'forgotten'; number = 0 } }
        if ([IO.File]::Exists("$folder\code")) { return @{ is = 'ended'; number = (Noted 'code') } }
        if (Lives 'pid') { return @{ is = 'running'; number = (Noted 'pid') } }
        # The program is gone. Its keeper is about to write how it ended, or has done so just now, or is gone as well.
        if (-not (Lives 'keeper')) {
            if ([IO.File]::Exists("$folder\code")) { continue }
            return @{ is = 'lost'; number = 0 }
        }
        if ($turn -ge 50) { return @{ is = 'running'; number = (Noted 'keeper') } }
        Start-Sleep -Milliseconds 100
    }
}
# Gives the keeper lines, and returns the one it answers with.
function Tell($lines) {
    $pipe = New-Object IO.Pipes.NamedPipeClientStream('.', ('procedo-' + (One 'name')), 'InOut')
    try {
        $pipe.Connect(30000)
        $writer = New-Object IO.StreamWriter($pipe, (New-Object Text.UTF8Encoding $false))
        foreach ($line in $lines) { $writer.Write($line + "`n") }
        $writer.Write(".`n")
        $writer.Flush()
        (New-Object IO.StreamReader($pipe)).ReadLine()
    } finally { $pipe.Dispose() }
}
# Starts a job, unless there is one of this key. The keeper belongs to no login, since those end with all that they started.
[void][IO.Directory]::CreateDirectory($jobs)
# What ended a month ago is asked for by nobody any more.
foreach ($old in @([IO.Directory]::GetDirectories($jobs))) {
    $code = [IO.Path]::Combine($old, 'code')
    if ([IO.File]::Exists($code) -and [IO.File]::GetLastWriteTimeUtc($code) -lt [DateTime]::UtcNow.AddDays(-30)) {
        $end = $old.LastIndexOf('.')
        $key = $old.Substring(0, $end)
        if ([IO.File]::Exists($key) -and [IO.File]::ReadAllText($key) -eq $old.Substring($end + 1)) { [IO.File]::Delete($key) }
        [IO.Directory]::Delete($old, $true)
    }
}
$security = New-Object Security.AccessControl.DirectorySecurity
$security.SetAccessRuleProtection($true, $false)
foreach ($who in @([Security.Principal.WindowsIdentity]::GetCurrent().User.Value, 'S-1-5-18', 'S-1-5-32-544')) {
    $sid = New-Object Security.Principal.SecurityIdentifier($who)
    $security.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule($sid, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow')))
}
[void][IO.Directory]::CreateDirectory($folder, $security)
[IO.File]::WriteAllText("$folder\out", '')
[IO.File]::WriteAllText("$folder\ticket", '')
if ((One 'open') -eq 'yes') { [IO.File]::WriteAllText("$folder\open", '') }
[IO.File]::WriteAllText("$folder\name", (One 'name'))
[IO.File]::WriteAllText("$folder\keeper.ps1", (One 'keeper'))
# Moving fails where something is already: who succeeds owns the key.
try { [IO.File]::Move("$folder\name", $owner) }
catch {
    [IO.Directory]::Delete($folder, $true)
    if ([IO.File]::Exists($owner)) { Ended 'exists' }
    throw
}
$said = 'failed'
try {
    $line = '& ([ScriptBlock]::Create([IO.File]::ReadAllText($f + ''\keeper.ps1''))) @() $f'
    $line = '$f = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(''' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($folder)) + ''')); ' + $line
    $line = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($line))
    $line = 'powershell.exe -NoLogo -NoProfile -NonInteractive -EncodedCommand ' + $line
    $made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = $line; CurrentDirectory = $env:USERPROFILE }
    if ($made.ReturnValue -ne 0) { throw "Win32_Process.Create = $($made.ReturnValue)" }
    $lines = @('path ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($whole)))
    $lines += 'folder ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($place))
    # What WMI starts has not the environment of the login, so that it gets this one, and then what was asked for.
    foreach ($one in [Environment]::GetEnvironmentVariables().GetEnumerator()) {
        $lines += 'variable ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([string]$one.Key))
        $lines += 'value ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([string]$one.Value))
    }
    foreach ($name in @('arguments', 'variable', 'value', 'input', 'open')) {
        foreach ($bytes in $Asked[$name]) { $lines += $name + ' ' + [Convert]::ToBase64String($bytes) }
    }
    $said = [string](Tell $lines)
} catch { $said = [string]$_.Exception.GetBaseException().Message }
if ($said -eq 'started') { Ended '0' }
# Whoever moves the ticket decides whether the job runs. After a refusal it has been moved by the keeper, who started nothing.
$mine = $said.StartsWith('refused ')
try { [IO.File]::Move("$folder\ticket", "$folder\given-up"); $mine = $true } catch { }
if ($mine) {
    [IO.File]::Delete($owner)
    try { [IO.Directory]::Delete($folder, $true) } catch { }
}
Ended 'failed' @{ said = $said }

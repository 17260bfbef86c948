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
# Keeps a job: holds its standard input open, writes down what it prints and how it ends. $Folder: the job's own.
$ErrorActionPreference = 'Stop'
$Name = $Folder.Substring($Folder.LastIndexOf('.') + 1)
function Note($file, $text) {
    [IO.File]::WriteAllText("$Folder\$file.new", $text)
    [IO.File]::Move("$Folder\$file.new", "$Folder\$file")
}
function Born($process) { "$($process.Id) $($process.StartTime.ToFileTimeUtc())" }
$security = New-Object IO.Pipes.PipeSecurity
$me = [Security.Principal.WindowsIdentity]::GetCurrent().User
$security.AddAccessRule((New-Object IO.Pipes.PipeAccessRule($me, 'FullControl', 'Allow')))
$door = New-Object IO.Pipes.NamedPipeServerStream("procedo-$Name", 'InOut', 1, 'Byte', 'Asynchronous', 65536, 65536, $security)
function Heard {
    $reader = New-Object IO.StreamReader($door)
    while ($null -ne ($line = $reader.ReadLine())) {
        if ($line -eq '.') { return }
        $line
    }
    # It was cut off: nothing of it counts.
    throw 'incomplete'
}
function Reply($text) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($text + "`n")
    $door.Write($bytes, 0, $bytes.Length)
    $door.WaitForPipeDrain()
}
$call = $door.BeginWaitForConnection($null, $null)
if (-not $call.AsyncWaitHandle.WaitOne(60000)) { exit 1 }
$door.EndWaitForConnection($call)
Take @(Heard) 0
Note 'keeper' (Born ([Diagnostics.Process]::GetCurrentProcess()))
# Whoever moves the ticket decides whether the job runs: this keeper, or somebody who gave it up.
try { [IO.File]::Move("$Folder\ticket", "$Folder\claimed") } catch { exit 1 }
try { $process = [Diagnostics.Process]::Start((Prepared (One 'path') (One 'folder'))) }
catch {
    Reply ('refused ' + $_.Exception.GetBaseException().Message.Replace("`r", ' ').Replace("`n", ' '))
    exit 1
}
Note 'pid' (Born $process)
$out = New-Object IO.FileStream("$Folder\out", 'Append', 'Write', 'ReadWrite, Delete')
$in = $process.StandardInput.BaseStream
$open = (One 'open') -eq 'yes'
$fed = $in.WriteAsync($Asked['input'][0], 0, $Asked['input'][0].Length)
$Asked.Clear()
# Who started it may be gone by now; the job goes on.
try { Reply 'started'; $door.Disconnect() } catch { $door.Disconnect() }
$call = $door.BeginWaitForConnection($null, $null)
$pipes = @((Pipe $process.StandardOutput.BaseStream), (Pipe $process.StandardError.BaseStream))
$quiet = 0
$over = $null
while ($true) {
    if (-not $open -and $null -ne $fed -and $fed.IsCompleted) {
        try { $in.Close() } catch { }
        $fed = $null
    }
    $moved = $false
    foreach ($pipe in $pipes) {
        $count = Came $pipe
        if ($count -le 0) { continue }
        $moved = $true
        $out.Write($pipe.buffer, 0, $count)
        $out.Flush()
    }
    if ($call.IsCompleted) {
        try {
            $door.EndWaitForConnection($call)
            $bytes = [Convert]::FromBase64String(@(Heard)[0].Split(' ')[1])
            if ($process.HasExited) { Reply 'gone' }
            elseif (-not $open) { Reply 'closed' }
            else {
                $in.Write($bytes, 0, $bytes.Length)
                $in.Flush()
                Reply 'sent'
            }
        } catch { }
        $door.Disconnect()
        $call = $door.BeginWaitForConnection($null, $null)
    }
    $now = [DateTime]::UtcNow
    if ($process.HasExited) {
        if ($null -eq $over) { $over = $now.AddSeconds(5) }
        if ($pipes[0].ended -and $pipes[1].ended) { break }
        if ($quiet -ge 25 -or $now -ge $over) { break }
    }
    if ($moved) { $quiet = 0 } else { $quiet++; Start-Sleep -Milliseconds 20 }
}
$out.Close()
Note 'code' "$($process.ExitCode)"

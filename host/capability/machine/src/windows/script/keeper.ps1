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

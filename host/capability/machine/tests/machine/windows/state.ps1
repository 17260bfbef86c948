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
# Tells what became of a job.
Ended '0' (State)

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
# Writes a file whole: beside it, to the disk, then in its place, with the access rules that the old one had.
$path = One 'path'
if ([IO.Directory]::Exists($path)) { Ended 'folder' }
$new = $path + '.' + $Mark
$bytes = $Asked['content'][0]
try {
    $security = New-Object Security.AccessControl.FileSecurity
    # Nothing is inherited: a new file is for the account, the system and the administrators.
    $security.SetAccessRuleProtection($true, $false)
    foreach ($who in @([Security.Principal.WindowsIdentity]::GetCurrent().User.Value, 'S-1-5-18', 'S-1-5-32-544')) {
        $sid = New-Object Security.Principal.SecurityIdentifier($who)
        $security.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule($sid, 'FullControl', 'Allow')))
    }
    $file = New-Object IO.FileStream($new, 'CreateNew', 'FullControl', 'None', 65536, 'WriteThrough', $security)
    try {
        $file.Write($bytes, 0, $bytes.Length)
        $file.Flush($true)
    } finally { $file.Close() }
    if ([IO.File]::Exists($path)) {
        [IO.File]::Replace($new, $path, [NullString]::Value)
    } else {
        [IO.File]::Move($new, $path)
    }
} catch {
    $said = [string]$_.Exception.GetBaseException().Message
    try { [IO.File]::Delete($new) } catch { }
    Ended 'failed' @{ said = $said }
}
Ended '0'

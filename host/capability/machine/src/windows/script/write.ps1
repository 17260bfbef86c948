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

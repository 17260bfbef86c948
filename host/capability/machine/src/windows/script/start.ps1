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

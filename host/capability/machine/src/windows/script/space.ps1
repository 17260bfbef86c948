# Tells the space of the drive that holds a path. A link or a volume mounted in a folder may lead to another drive.
$path = [IO.Path]::GetFullPath((One 'path'))
if (-not ([IO.File]::Exists($path) -or [IO.Directory]::Exists($path))) { Ended 'none' }
$root = [IO.Path]::GetPathRoot($path)
$at = $path
while ($at -and $at.TrimEnd('\') -ne $root.TrimEnd('\')) {
    if ([IO.File]::GetAttributes($at) -band [IO.FileAttributes]::ReparsePoint) { Ended 'link' }
    $at = [IO.Path]::GetDirectoryName($at)
}
$drive = New-Object IO.DriveInfo($root)
Ended '0' @{ total = $drive.TotalSize; available = $drive.AvailableFreeSpace }

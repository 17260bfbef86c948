# Tells what is at a path. Where a link would have to be followed, it says so.
$path = One 'path'
try { $attributes = [IO.File]::GetAttributes($path) }
catch {
    $why = $_.Exception.GetBaseException()
    if ($why -is [IO.FileNotFoundException] -or $why -is [IO.DirectoryNotFoundException]) { Ended 'none' }
    throw
}
$item = Get-Item -LiteralPath $path -Force
if ($item.LinkType -eq 'SymbolicLink' -or $item.LinkType -eq 'Junction') { Ended 'link' }
$folder = [bool]($attributes -band [IO.FileAttributes]::Directory)
$size = 0
if (-not $folder) { $size = $item.Length }
$since = New-Object DateTime(1970, 1, 1, 0, 0, 0, 'Utc')
Ended '0' @{ folder = $folder; size = $size; modified = [long][Math]::Floor(($item.LastWriteTimeUtc - $since).TotalSeconds) }

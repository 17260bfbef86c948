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

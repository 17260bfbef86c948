# Runs a program and tells how it ended and what it printed.
$process = [Diagnostics.Process]::Start((Prepared $whole $place))
$until = [DateTime]::UtcNow.AddSeconds([double](One 'seconds'))
$limit = [int](One 'limit')
$in = $process.StandardInput.BaseStream
$fed = $in.WriteAsync($Asked['input'][0], 0, $Asked['input'][0].Length)
$pipes = @((Pipe $process.StandardOutput.BaseStream), (Pipe $process.StandardError.BaseStream))
$truncated = $false
$quiet = 0
$over = $null
while ($true) {
    if ($null -ne $fed -and $fed.IsCompleted) {
        # A program that does not want its input closes it: that is no failure.
        try { $in.Close() } catch { }
        $fed = $null
    }
    $moved = $false
    foreach ($pipe in $pipes) {
        $count = Came $pipe
        if ($count -le 0) { continue }
        $moved = $true
        $room = [Math]::Min($count, $limit - [int]$pipe.kept.Length)
        if ($room -lt $count) { $truncated = $true }
        $pipe.kept.Write($pipe.buffer, 0, $room)
    }
    $now = [DateTime]::UtcNow
    if ($process.HasExited) {
        # What it left running may hold the outputs open: half a second of silence is their end, too.
        if ($null -eq $over) { $over = $now.AddSeconds(5) }
        if ($pipes[0].ended -and $pipes[1].ended) { break }
        if ($quiet -ge 25 -or $now -ge $over) { break }
    } elseif ($now -ge $until) {
        $born = (Get-CimInstance Win32_Process -Filter "ProcessId=$($process.Id)").CreationDate
        $known = @{}
        if ($born) { $known["$($process.Id)"] = $born }
        $left = @(EndFamily $known 2)
        if (-not $born) { $left = @($process.Id) }
        Ended 'late' @{ left = $left }
    }
    if ($moved) { $quiet = 0 } else { $quiet++; Start-Sleep -Milliseconds 20 }
}
Bulk 'out' $pipes[0].kept.ToArray()
Bulk 'err' $pipes[1].kept.ToArray()
Ended '0' @{ code = $process.ExitCode; truncated = $truncated }

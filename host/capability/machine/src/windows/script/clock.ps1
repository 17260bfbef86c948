# Tells the time in units of 100 ns since 1970.
$since = New-Object DateTime(1970, 1, 1, 0, 0, 0, 'Utc')
Ended '0' @{ ticks = "$([DateTime]::UtcNow.Ticks - $since.Ticks)" }

# Resolves a name into addresses, and each address into names. 11001 and 11004: not found, no data (Winsock).
$found = @()
try { $addresses = @([Net.Dns]::GetHostAddresses((One 'host'))) }
catch {
    $why = $_.Exception.GetBaseException()
    if ($why -is [Net.Sockets.SocketException] -and @(11001, 11004) -contains $why.ErrorCode) { Ended '0' @{ found = @() } }
    throw
}
foreach ($address in $addresses) {
    $names = @()
    try {
        $entry = [Net.Dns]::GetHostEntry($address)
        $names = @(@($entry.HostName) + @($entry.Aliases) | Where-Object { $_ -and $_ -ne "$address" })
    } catch {
        $why = $_.Exception.GetBaseException()
        if (-not ($why -is [Net.Sockets.SocketException] -and @(11001, 11004) -contains $why.ErrorCode)) { throw }
    }
    $found += @{ address = "$address"; names = $names }
}
Ended '0' @{ found = @($found) }

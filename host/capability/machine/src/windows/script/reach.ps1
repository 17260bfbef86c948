# Tries to reach a host: by TCP where a port is given, else by an ICMP echo.
$name = One 'host'
$port = [int](One 'port')
$time = 1000 * [int](One 'seconds')
if ($port -gt 0) {
    try {
        $addresses = @([Net.Dns]::GetHostAddresses($name))
        $client = New-Object Net.Sockets.TcpClient($addresses[0].AddressFamily)
        $task = $client.ConnectAsync($addresses[0], $port)
        if (-not $task.Wait($time)) { Ended '0' @{ reached = $false; detail = 'timeout' } }
    } catch { Ended '0' @{ reached = $false; detail = [string]$_.Exception.GetBaseException().Message } }
    $client.Close()
    Ended '0' @{ reached = $true; detail = '' }
}
try { $reply = (New-Object Net.NetworkInformation.Ping).Send($name, $time) }
catch { Ended '0' @{ reached = $false; detail = [string]$_.Exception.GetBaseException().Message } }
if ("$($reply.Status)" -eq 'Success') { Ended '0' @{ reached = $true; detail = '' } }
Ended '0' @{ reached = $false; detail = "$($reply.Status)" }

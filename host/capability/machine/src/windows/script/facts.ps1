# Tells about the system.
$system = Get-CimInstance Win32_OperatingSystem
Ended '0' @{
    hostname = [Net.Dns]::GetHostName()
    kernel = [string]$system.Version
    architecture = [string]$env:PROCESSOR_ARCHITECTURE
    distribution = [string]$system.Caption
    uptime = [long][Math]::Floor(($system.LocalDateTime - $system.LastBootUpTime).TotalSeconds)
    boot = $system.LastBootUpTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

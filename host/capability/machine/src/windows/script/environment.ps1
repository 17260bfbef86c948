# Reads a variable of the environment that programs get.
$value = [Environment]::GetEnvironmentVariable((One 'name'))
if ($null -eq $value) { Ended 'none' }
Bulk 'out' ([Text.Encoding]::UTF8.GetBytes($value))
Ended '0'

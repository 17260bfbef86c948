# MARK
$lines = @($input)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($lines[0])))) $lines

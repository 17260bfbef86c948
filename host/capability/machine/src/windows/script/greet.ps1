# Says that the login is over, and ends with its input.
[Console]::Out.WriteLine('MARK')
$input | Out-Null

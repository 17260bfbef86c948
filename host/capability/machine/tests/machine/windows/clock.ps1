param($Lines, $Folder)
# The values that a script is given: a name and base64 a line. A name that comes again makes a list.
$Asked = @{}
function Take($lines, $from) {
    for ($i = $from; $i -lt $lines.Count; $i++) {
        $part = $lines[$i].Split(' ')
        if (-not $Asked.ContainsKey($part[0])) { $Asked[$part[0]] = New-Object Collections.ArrayList }
        [void]$Asked[$part[0]].Add([Convert]::FromBase64String($part[1]))
    }
}
function All($name) { foreach ($bytes in $Asked[$name]) { [Text.Encoding]::UTF8.GetString($bytes) } }
function One($name) { [Text.Encoding]::UTF8.GetString($Asked[$name][0]) }
# The answer: lines that begin with the mark, so that whatever else is printed does not spoil them.
Take $Lines 1
$Mark = One 'mark'
$Stdout = [Console]::OpenStandardOutput()
$Stderr = [Console]::OpenStandardError()
function Say($stream, $text) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush()
}
function Bulk($word, [byte[]]$bytes) { Say $Stdout ("`n" + $Mark + ':' + $word + ' ' + [Convert]::ToBase64String($bytes) + "`n") }
function Ended($word, $told) {
    if ($null -ne $told) { Say $Stdout ("`n" + $Mark + ':json ' + (ConvertTo-Json -Compress -Depth 4 -InputObject $told) + "`n") }
    Say $Stdout ("`n" + $Mark + ' ' + $word + "`n")
    Say $Stderr ("`n" + $Mark + ' ' + $word + "`n")
    exit 0
}
trap { Ended 'failed' @{ said = [string]$_.Exception.GetBaseException().Message } }
# Tells the time in units of 100 ns since 1970.
$since = New-Object DateTime(1970, 1, 1, 0, 0, 0, 'Utc')
Ended '0' @{ ticks = "$([DateTime]::UtcNow.Ticks - $since.Ticks)" }

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

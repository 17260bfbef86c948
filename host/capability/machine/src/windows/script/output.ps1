# Reads what a job has printed since.
$file = New-Object IO.FileStream("$folder\out", 'Open', 'Read', 'ReadWrite, Delete')
[void]$file.Seek([long](One 'offset'), 'Begin')
$buffer = New-Object byte[] 65536
$kept = New-Object IO.MemoryStream
$room = [int](One 'limit')
while ($room -gt 0 -and ($count = $file.Read($buffer, 0, [Math]::Min($room, $buffer.Length))) -gt 0) {
    $kept.Write($buffer, 0, $count)
    $room -= $count
}
$file.Close()
Bulk 'out' $kept.ToArray()
Ended '0'

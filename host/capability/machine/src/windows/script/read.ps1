# Reads a file.
$path = One 'path'
$limit = [int](One 'limit')
$file = New-Object IO.FileStream($path, 'Open', 'Read', 'ReadWrite, Delete')
if ($file.Length -gt $limit) { Ended 'long' }
$buffer = New-Object byte[] 65536
$kept = New-Object IO.MemoryStream
while (($count = $file.Read($buffer, 0, $buffer.Length)) -gt 0) {
    $kept.Write($buffer, 0, $count)
    if ($kept.Length -gt $limit) { Ended 'long' }
}
$file.Close()
Bulk 'out' $kept.ToArray()
Ended '0'

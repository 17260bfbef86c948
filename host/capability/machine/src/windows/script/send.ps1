# Sends something to a job, with a tag at most once: a new file of that name can be made by one only, and stays.
if ((State).is -ne 'running') { Ended 'gone' }
if (-not [IO.File]::Exists("$folder\open")) { Ended 'closed' }
if ((One 'tag') -ne '') {
    $sent = $folder + '\sent.' + (One 'tag')
    try { (New-Object IO.FileStream($sent, 'CreateNew')).Close() }
    catch {
        if ([IO.File]::Exists($sent)) { Ended 'sent' }
        throw
    }
}
$said = [string](Tell @('send ' + [Convert]::ToBase64String($Asked['input'][0])))
if ($said -eq 'sent') { Ended '0' }
if (@('gone', 'closed') -contains $said) { Ended $said }
Ended 'failed' @{ said = $said }

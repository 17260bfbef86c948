# Tells whether something was sent with a tag.
if ([IO.File]::Exists($folder + '\sent.' + (One 'tag'))) { Ended 'yes' }
Ended 'no'

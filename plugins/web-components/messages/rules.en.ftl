W0104 = The parameter { $parameter } has the value “{ $value }”, which is not allowed: { $rule ->
    [character] the character “{ $character }” ({ $code }) at position { $position } may not stand there. Leave it out.
    [length] it has { $length } characters, at most { $limit } are allowed. Shorten it.
    [range] it must be a whole number from { $from } to { $to }.
    [listed] it must be one of these: { $allowed }.
    [device] Windows keeps this name for a device. Choose another.
    [ending] it must end in .htm or .html.
   *[empty] it is empty.
    }
W0108 = The page { $path } cannot be read as HTML: { $reason }. Correct the page.

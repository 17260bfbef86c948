### Messages of the capability `http`: errors P04xx, its operation, its changes.

http-send = Send an HTTP request

http-change-put-new = PUT { $url }: puts { $size ->
        [one] one byte
       *[other] { $size } bytes
    } where there is nothing
http-change-put-over = PUT { $url }: replaces { $before ->
        [one] one byte
       *[other] { $before } bytes
    } by { $size ->
        [one] one byte
       *[other] { $size } bytes
    }
http-change-put-same = PUT { $url }: puts what is already there
http-change-put = PUT { $url }: puts { $size ->
        [one] one byte
       *[other] { $size } bytes
    }; what is there now cannot be seen
http-change-delete = DELETE { $url }: deletes what is there
http-change-delete-none = DELETE { $url }: there is nothing to delete
http-change-send = { $method } { $url }: sends { $size ->
        [0] no body
        [one] one byte
       *[other] { $size } bytes
    }

http-unforeseeable = What the server will answer to { $method } { $url } is not known before it is sent.
http-after-write = What { $url } will answer may depend on an earlier request of this plan: { $earlier }.
http-probe-none = whether { $method } { $url } was carried out cannot be seen; the site declares neither an idempotency header nor a probe for this origin
http-probe-status = the probe { $url } answers { $status }, which says neither that the request was carried out nor that it was not
http-probe-other = { $url } is neither as it was before the { $method } nor as it would be afterwards
http-undo-post = what { $method } { $url } did on the server cannot be reversed by another request
http-undo-unseen = what { $url } was before the { $method } could not be read, or is not a text that could be sent back
http-undo-conflict = { $url } is no longer as the { $method } left it: somebody changed it since

P0401 = [resource.http.{ $resource }] { $setting } = “{ $value }”: { $rule ->
        [origin-url] this is not an origin; write http:// or https://, the host and, if needed, the port
        [origin-scheme] only http and https are offered
        [origin-more] an origin is scheme, host and port; leave out path, query and user
        [addresses] this is neither an IP address nor a block such as 10.1.0.0/16
        [header] this is not a header that may be set; choose a name such as Idempotency-Key
        [probe] this is not a path; it starts with / or {"{"}path{"}"} and may hold {"{"}key{"}"}
        [probe-key] {"{"}key{"}"} means nothing to a server that does not get the key; set idempotency-header as well
        [ca] there is no such file in the folder trust of the site
        [redirects] there is no [resource.http.{ $value }]
       *[other] this is not valid
    }.
P0402 = [resource.http.{ $resource }] cannot be read: { $reason }. Known settings: origin, addresses, idempotency-header, probe, ca, system-trust, redirects.
P0403 = Origin “{ $origin }”: the method “{ $method }” is not offered; it must be GET, HEAD, OPTIONS, PUT, POST, PATCH or DELETE, in capitals.
P0404 = The path “{ $path }” { $rule ->
        [start] must start with “/”
        [long] is longer than 8192 bytes
       *[character] holds a blank, a control character, “#” or “\”; percent-encode it
    }.
P0405 = { $rule ->
        [count] The request has more than 64 headers; send fewer.
        [auth] The header “{ $header }” cannot be combined with “auth”; give one of them.
        [user] “auth” breaks a rule: the user's name holds a colon, or one of both a control character.
        [reserved] The header “{ $header }” is set by the host itself and cannot be given.
        [name] “{ $header }” is not the name of a header: letters, digits and hyphens are.
       *[value] The value of the header “{ $header }” holds a character that is not printable ASCII; encode it.
    }
P0406 = “{ $limit }” is { $value }; it must be { $least } to { $most }.
P0407 = A { $method } request to “{ $origin }” carries no body; leave it out, or use PUT, POST or PATCH.
P0408 = The site has no origin “{ $origin }”; add [resource.http.{ $origin }] to procedo.toml or use one that is there.
P0410 = The host “{ $host }” of { $origin } has no address ({ $reason }); check the name and the resolver.
P0411 = { $origin } is not contacted: its host “{ $host }” stands for { $address }, which the site does not allow. If that is right, add it to “addresses” of this origin.
P0412 = No connection to { $url }: { $reason ->
        [refused] nothing listens there
        [unreachable] there is no route to it
        [closed] the connection was closed before the request was sent
       *[other] { $detail }
    }. Nothing was sent; check that the server runs and that address and port are right.
P0413 = The certificate of { $url } is not accepted: { $reason ->
        [issuer] the site trusts no authority that signed it; put the authority's certificate into the folder trust
        [expired] it has expired; it must be renewed
        [early] it is not valid yet; check the clocks
        [name] it is for another host; check the origin
       *[other] { $detail }
    }. Nothing was sent.
P0414 = No connection to { $url } in time. Nothing was sent; check that the server runs, or give more time.
P0415 = { $method } { $url } got no whole answer in time. { $aftermath ->
        [read] Give more time, or look at the server.
       *[perhaps-done] The server may have carried it out all the same; look there before sending it again.
    }
P0416 = The answer to { $method } { $url } { $reason ->
        [cut] broke off
        [malformed] is not valid HTTP
        [fault] made Procedo stumble; please report it
       *[other] could not be read ({ $reason })
    }. { $aftermath ->
        [read] Look at the server.
       *[perhaps-done] The server may have carried the request out all the same; look there before sending it again.
    }
P0417 = The head of the answer to { $method } { $url } has too many headers, or is larger than { $limit } bytes.
P0418 = The body of the answer to { $method } { $url } is larger than { $limit } bytes; give a larger “max-bytes” (at most 16777216), or ask for less.
P0419 = { $url } answers with { $size } bytes that are not text in { $charset } (type: { $content-type }). A binary body is not supported.
P0420 = { $from } redirects to “{ $to }”, which is not followed: { $rule ->
        [origin] that is no origin of which the site says that “{ $origin }” may redirect there; add its name to “redirects” of “{ $origin }” if it is right
        [write] a request that alters something is not handed on to another origin
        [scheme] only http and https are
        [user] the address holds a user
       *[url] that is not an address
    }.
P0421 = { $url } redirects more than { $limit ->
        [one] once
       *[other] { $limit } times
    }, the last time from { $last }; is it a loop?
P0423 = { $method } { $url } is not sent: what is there is no longer what it was when this was planned. Plan again.
P0424 = The trust file “{ $file }” cannot be used: { $reason }. It must hold certificates in the PEM format.
P0425 = The answer to { $method } { $url } is encoded as “{ $coding }”, which is not supported; do not ask for it by Accept-Encoding.
P0426 = What this call recorded about the state before it cannot be read ({ $reason }); check the store with “procedo audit verify”.

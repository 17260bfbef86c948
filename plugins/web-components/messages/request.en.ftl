title = Check a callback request
summary = Checks a web callback request against the limits of the contact center before it is sent, and names the error code of each violation.
param-customer-name = The customer's name.
param-description = What the callback is about.
param-contact-data = The additional fields by name.
param-priority = The priority, 1 to 100.
param-phone = The number to call.
param-start = From when on to call, as RFC 3339 (2026-11-22T10:00:00+01:00).
param-end = Until when to call, as RFC 3339.
param-mandatory = The fields that must be filled in.
param-excluded-numbers = The excluded numbers; one that ends in * stands for all that start so.
violation = { $field } would be refused with code { $code }: { $rule ->
    [length] it has { $value } characters, at most { $limit } are allowed.
    [priority] “{ $value }” is not a whole number from 1 to 100.
    [phone] “{ $value }” is not a telephone number of 3 to 20 digits.
    [excluded] “{ $value }” is an excluded number.
    [moment] “{ $value }” is not a date with time and offset like 2026-11-22T10:00:00+01:00.
    [order] the start is not before the end ({ $value }).
    [expired] { $value } has passed.
    [ahead] { $value } is more than { $limit } days ahead.
   *[mandatory] it must be filled in.
    }
W0401 = The time “{ $moment }” of the run cannot be read: { $reason }. This is a fault of the host; report it.

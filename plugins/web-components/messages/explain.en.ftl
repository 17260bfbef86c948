title = Explain a web callback error
summary = Says what an error code of the web callback means, and what to do.
param-code = The code that the web callback returned, such as 17031.
W0301 = { $code } is not an error code of the web callback. There are: { $known }. Errors of the Callback Server itself are explained in System Monitor.

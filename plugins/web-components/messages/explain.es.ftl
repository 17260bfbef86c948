title = Explicar un error de devolución de llamada a través de la web
summary = Indica qué significa un código de error de la devolución de llamada a través de la web y qué hacer.
param-code = El código que ha devuelto la devolución de llamada a través de la web, por ejemplo 17031.
W0301 = { $code } no es un código de error de devolución de llamada a través de la web. Los hay: { $known }. Los errores propios del servidor de devolución de llamada se describen en System Monitor.

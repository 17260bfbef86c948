### Errores del laboratorio, P09xx.

P0901 = { $path } no está vacía; indique una carpeta nueva para el laboratorio.
P0902 = { $path } no es un laboratorio; cree uno con «procedo init { $path } --lab».
P0903 = El servidor web del laboratorio no ha arrancado: { $reason }.
P0904 = El servidor web del laboratorio (proceso { $pid }) no se detiene; finalícelo usted mismo.
P0905 = Otro proceso sirve ya el laboratorio de { $path }; «procedo lab status» indica dónde.
P0906 = El laboratorio de { $path } lo sirve un proceso que no es el { $pid } anotado; no se ha detenido nada. Busque el proceso que tiene bloqueado .procedo-lab/lock y finalícelo usted mismo.
P0907 = No se puede usar { $path }: { $reason }.
P0908 = { $path } no tiene ningún [resource.http.web] con un origen como "http://127.0.0.1:8480"; el laboratorio solo sirve en esta máquina.
P0909 = Los servidores del laboratorio: { $reason }.
P0910 = { $value } no es ninguna parte del laboratorio; sus partes son { $known }.

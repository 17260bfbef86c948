### Fehler des Labors, P09xx.

P0901 = { $path } ist nicht leer; geben Sie einen neuen Ordner für das Labor an.
P0902 = { $path } ist kein Labor; legen Sie eines mit „procedo init { $path } --lab“ an.
P0903 = Der Webserver des Labors ist nicht gestartet: { $reason }.
P0904 = Der Webserver des Labors (Prozess { $pid }) hält nicht an; beenden Sie ihn selbst.
P0905 = Das Labor in { $path } wird schon von einem anderen Prozess bedient; „procedo lab status“ sagt, wo.
P0906 = Das Labor in { $path } wird von einem anderen Prozess bedient als dem vermerkten { $pid }; es wurde nichts angehalten. Suchen Sie den Prozess, der .procedo-lab/lock hält, und beenden Sie ihn selbst.
P0907 = { $path } ist nicht verwendbar: { $reason }.
P0908 = { $path } hat kein [resource.http.web] mit einem Ursprung wie "http://127.0.0.1:8480"; das Labor ist nur auf diesem Rechner erreichbar.
P0909 = Die Server des Labors: { $reason }.
P0910 = { $value } ist kein Teil des Labors; seine Teile sind { $known }.

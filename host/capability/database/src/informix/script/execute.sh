# Has dbaccess execute the statements on standard input. $1: dbaccess; $2: the database.
unset DBLANG DBDELIMITER GL_DATE DBTIME GL_DATETIME DBMONEY
exec "$1" "$2" -

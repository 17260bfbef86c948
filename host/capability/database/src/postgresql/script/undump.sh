# Puts a dump in the place of all that a database holds, in one transaction. $1: the file; $2, $3: pg_restore and psql.
{
    cat <<'SQL'
BEGIN;
SET client_min_messages = warning;
DO $procedo$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
    -- As a new database of PostgreSQL 15 has it; the dump says where it was otherwise.
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END
$procedo$;
SQL
    # It begins the transaction once more, which is only a warning, and ends it when it is through.
    "$2" --single-transaction --exit-on-error --file=- "$1" ||
        echo 'DO $procedo$ BEGIN RAISE EXCEPTION $$the dump cannot be read whole$$; END $procedo$;'
} | "$3" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=- >/dev/null

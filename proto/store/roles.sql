-- roles.sql - what only a superuser may make: three logins, the database, the vector type.
--
-- Run with psql, connected to the database "postgres", again and again without harm:
-- infra/up/servers and tests/support/servers do so before cc-ctl migrate.
--   cc_owner  owns the tables and migrates; row-level security is forced on it, too
--   cc_app    what gateway, worker and ingest log in as
--   cc_sweep  sees which rows wait and whose they are, not what is in them
-- Set the variable "vector" to 0 (psql -v vector=0) to leave the extension out.
\set ON_ERROR_STOP on
\if :{?vector}
\else
\set vector 1
\endif
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', r)
  FROM unnest(ARRAY['cc_owner', 'cc_app', 'cc_sweep']) r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
SELECT 'CREATE DATABASE chatconnect OWNER cc_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'chatconnect') \gexec
REVOKE ALL ON DATABASE chatconnect FROM PUBLIC;
GRANT CONNECT ON DATABASE chatconnect TO cc_app, cc_sweep;
\connect chatconnect
ALTER SCHEMA public OWNER TO cc_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT 'CREATE EXTENSION IF NOT EXISTS vector'
 WHERE :vector = 1 AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') \gexec

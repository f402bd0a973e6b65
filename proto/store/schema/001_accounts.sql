-- Accounts: tenants, their bots, their API keys; and what every later table is protected with.

-- Each table that belongs to a tenant goes through this, in the migration that makes it: nobody,
-- the owner included, sees or writes a row of another tenant than the transaction has named.
-- After a transaction the setting is '' and not NULL, hence nullif.
CREATE FUNCTION cc_protect(the_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', the_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', the_table);
    EXECUTE format('CREATE POLICY tenant ON %s
                    USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))
                    WITH CHECK (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))',
                   the_table);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', the_table);
END $$;
REVOKE ALL ON FUNCTION cc_protect(regclass) FROM PUBLIC;

CREATE TABLE tenants (
    tenant_id text PRIMARY KEY,
    name text NOT NULL,
    tier text NOT NULL CHECK (tier IN ('free', 'paid')),
    knowledge bigint NOT NULL DEFAULT 0, -- changes whenever a document is published or deleted
    created_at timestamptz NOT NULL DEFAULT now()
);
SELECT cc_protect('tenants');
GRANT SELECT, INSERT, UPDATE ON tenants TO cc_app;

CREATE TABLE bots (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    name text NOT NULL,
    system text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    temperature float8 NOT NULL,
    max_tokens bigint NOT NULL,
    top_k bigint NOT NULL,
    threshold float8 NOT NULL,
    origins text NOT NULL CHECK (json_typeof(origins::json) = 'array'),
    server_use boolean NOT NULL,
    widget text NOT NULL CHECK (json_typeof(widget::json) = 'object'),
    refusal text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY, -- the tenant's oldest is its default
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX bots_by_age ON bots (tenant_id, seq);
SELECT cc_protect('bots');
GRANT SELECT, INSERT, UPDATE, DELETE ON bots TO cc_app;

CREATE TABLE api_keys (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    bot_id text, -- NULL: good for all bots of the tenant
    secret boolean NOT NULL,
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    hint text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, sha256),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX api_keys_by_hash ON api_keys (sha256);
SELECT cc_protect('api_keys');
-- Who presents a key's hash sees that key's row, and so learns which tenant it is of.
CREATE POLICY presented ON api_keys FOR SELECT TO cc_app
    USING (sha256 = nullif(current_setting('app.key_hash', true), ''));
GRANT SELECT, INSERT, UPDATE ON api_keys TO cc_app;

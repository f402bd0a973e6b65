-- People and their roles, keys with rights, sealed credentials, visitors, money, and who changed what.

-- ---- who changed what ----
-- Written by a trigger in the transaction of the change itself, so that neither can be there without
-- the other.  Who acts is said by the process (proto/base/actor.h); what processes do by themselves
-- is not recorded.  Rows are never changed; they go with their tenant.
CREATE TABLE audit_log (
    tenant_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,   -- a user's or a key's id, or "operator"
    address text NOT NULL, -- of the client; '' if none
    trace text NOT NULL,
    action text NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
    noun text NOT NULL,    -- the table
    row_id text NOT NULL,  -- SHA-256 of a session's own name, which may say who its visitor is
    changed text[] NOT NULL, -- columns, for an update
    before_hash text,      -- SHA-256 of the row as JSON
    after_hash text,
    PRIMARY KEY (tenant_id, id)
);
SELECT cc_protect('audit_log');
CREATE POLICY erased_whole ON audit_log AS RESTRICTIVE FOR DELETE TO cc_app
    USING (tenant_id = nullif(current_setting('app.erase', true), ''));
CREATE INDEX audit_log_of_noun ON audit_log (tenant_id, noun, id);
CREATE INDEX audit_log_of_actor ON audit_log (tenant_id, actor, id);
GRANT SELECT, INSERT, DELETE ON audit_log TO cc_app;

CREATE FUNCTION cc_audited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := current_setting('app.actor');
    here text := coalesce(current_setting('app.tenant_id', true), '');
    houses text[];
    house text;
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    that jsonb := coalesce(new_row, old_row);
    differ text[] := '{}';
    -- follows from what is changed elsewhere
    told_by_others CONSTANT text[] := '{knowledge,embedding,outside,reindex_until,reindex_owner}';
    -- what is marked to be taken away is deleted then, for who asked; not once more when it is
    did text := CASE WHEN TG_OP = 'UPDATE'
                      AND (new_row ->> 'status' = 'deleting' AND old_row ->> 'status' <> 'deleting'
                           OR new_row ->> 'deleted_at' IS NOT NULL
                              AND old_row ->> 'deleted_at' IS NULL)
                     THEN 'delete' ELSE lower(TG_OP) END;
BEGIN
    IF old_row ->> 'status' = 'deleting' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(array_agg(n.key ORDER BY n.key), '{}') INTO differ
            FROM jsonb_each(new_row) n WHERE n.value IS DISTINCT FROM old_row -> n.key
             AND n.key <> ALL (told_by_others);
        IF differ = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    -- A person's account is nobody's row: told to where it is made, and to where the person works.
    houses := CASE WHEN that ? 'tenant_id' THEN ARRAY[that ->> 'tenant_id']
        ELSE ARRAY(SELECT m.tenant_id FROM members m WHERE m.user_id = that ->> 'id'
                   UNION SELECT here WHERE here <> '') END;
    -- One may change what is his own in another tenant than the transaction's.
    FOREACH house IN ARRAY houses LOOP
        PERFORM set_config('app.tenant_id', house, true);
        INSERT INTO audit_log (tenant_id, actor, address, trace, action, noun, row_id, changed,
                               before_hash, after_hash)
            VALUES (house, split_part(who, E'\n', 1), split_part(who, E'\n', 2),
                    split_part(who, E'\n', 3), did, TG_TABLE_NAME,
                    CASE WHEN TG_TABLE_NAME <> 'sessions'
                              OR that ->> TG_ARGV[0] ~ '^ses_[0-9a-f]{32}$'
                        THEN coalesce(that ->> TG_ARGV[0], '')
                        ELSE encode(sha256(convert_to(that ->> TG_ARGV[0], 'UTF8')), 'hex') END,
                    differ, encode(sha256(convert_to(old_row::text, 'UTF8')), 'hex'),
                    encode(sha256(convert_to(new_row::text, 'UTF8')), 'hex'));
    END LOOP;
    PERFORM set_config('app.tenant_id', here, true);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION cc_audited() FROM PUBLIC;

-- Each table that people change goes through this, in the migration that makes it; id_column names
-- the row in the log.
CREATE FUNCTION cc_audit(the_table regclass, id_column text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW
                    WHEN (current_setting(''app.actor'', true) <> '''')
                    EXECUTE FUNCTION cc_audited(%L)', the_table, id_column);
END $$;
REVOKE ALL ON FUNCTION cc_audit(regclass, text) FROM PUBLIC;

-- ---- people ----
-- A person has one account and a role in each tenant.  The row is seen by who presents its address
-- or id, and by the tenants that the person is a member of.
CREATE TABLE users (
    id text PRIMARY KEY,
    email text NOT NULL,            -- as it was given
    email_key text NOT NULL UNIQUE, -- lower-cased: what a login looks for
    name text NOT NULL,
    password text NOT NULL,         -- argon2id as libsodium writes it
    password_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
REVOKE ALL ON users FROM PUBLIC;
SELECT cc_audit('users', 'id');
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO cc_app;

CREATE TABLE members (
    tenant_id text NOT NULL REFERENCES tenants,
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'agent', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX members_of_user ON members (user_id, tenant_id);
CREATE INDEX members_owners ON members (tenant_id, user_id) WHERE role = 'owner';
SELECT cc_protect('members');
SELECT cc_audit('members', 'user_id');
CREATE POLICY myself ON members FOR SELECT TO cc_app
    USING (user_id = nullif(current_setting('app.user_id', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON members TO cc_app;

-- Who presents an id sees the tenants that this person may choose from.  Not EXISTS, here and below:
-- of that PostgreSQL would read all members at once, for however few rows.
CREATE POLICY myself ON tenants FOR SELECT TO cc_app USING ((
    SELECT true FROM members m WHERE m.tenant_id = tenants.tenant_id
       AND m.user_id = nullif(current_setting('app.user_id', true), '')));

CREATE POLICY presented ON users TO cc_app
    USING (email_key = nullif(current_setting('app.user_email', true), '')
           OR id = nullif(current_setting('app.user_id', true), ''))
    WITH CHECK (id = nullif(current_setting('app.user_id', true), ''));
CREATE POLICY colleagues ON users FOR SELECT TO cc_app USING ((
    SELECT true FROM members m WHERE m.user_id = users.id
       AND m.tenant_id = nullif(current_setting('app.tenant_id', true), '')));

-- One row per login, until it ends.  The refresh token names the row and its counter, and is
-- signed: an older counter than the row's means that somebody uses a copy.
CREATE TABLE logins (
    tenant_id text NOT NULL,
    id text NOT NULL,
    user_id text NOT NULL,
    counter bigint NOT NULL DEFAULT 1,
    agent text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    reason text NOT NULL DEFAULT '', -- why it was: logout, password, reuse, removed
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES members (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX logins_of_user ON logins (tenant_id, user_id, id);
SELECT cc_protect('logins');
CREATE POLICY myself ON logins TO cc_app
    USING (user_id = nullif(current_setting('app.user_id', true), ''))
    WITH CHECK (user_id = nullif(current_setting('app.user_id', true), ''));
-- Its beginning and its end; neither refreshes nor that a row is forgotten when it has long been over.
CREATE TRIGGER audited AFTER INSERT OR UPDATE OF revoked_at ON logins FOR EACH ROW
    WHEN (current_setting('app.actor', true) <> '') EXECUTE FUNCTION cc_audited('id');
CREATE TRIGGER audited_end AFTER DELETE ON logins FOR EACH ROW
    WHEN (current_setting('app.actor', true) <> '' AND OLD.revoked_at IS NULL
          AND OLD.expires_at > now())
    EXECUTE FUNCTION cc_audited('id');
GRANT SELECT, INSERT, UPDATE, DELETE ON logins TO cc_app;

CREATE TABLE invitations (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'editor', 'agent', 'viewer')),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_once ON invitations (tenant_id, email_key) WHERE accepted_at IS NULL;
CREATE INDEX invitations_by ON invitations (tenant_id, invited_by) WHERE accepted_at IS NULL;
SELECT cc_protect('invitations');
SELECT cc_audit('invitations', 'id');
GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO cc_app;

-- ---- tenants, bots, keys ----
ALTER TABLE tenants
    ADD limits text NOT NULL DEFAULT '{}' CHECK (json_typeof(limits::json) = 'object'),   -- the owner's own
    ADD ceiling text NOT NULL DEFAULT '{}' CHECK (json_typeof(ceiling::json) = 'object'), -- the operator's
    ADD llm text NOT NULL DEFAULT '{}' CHECK (json_typeof(llm::json) = 'object'), -- default model
    ADD closed_at timestamptz; -- being erased: nobody gets in any more
SELECT cc_audit('tenants', 'tenant_id');
GRANT DELETE ON tenants TO cc_app;
GRANT SELECT (closed_at) ON tenants TO cc_sweep;

ALTER TABLE bots
    ADD limits text NOT NULL DEFAULT '{}' CHECK (json_typeof(limits::json) = 'object'),
    ADD identity text NOT NULL DEFAULT 'optional' CHECK (identity IN ('off', 'optional', 'required')),
    ADD identity_version bigint NOT NULL DEFAULT 1, -- of the secret that visitors are signed with
    ADD version bigint NOT NULL DEFAULT 1,          -- the one that is published
    ADD draft text CHECK (json_typeof(draft::json) = 'object'), -- members to be published; NULL: none
    ADD updated_at timestamptz NOT NULL DEFAULT now(),
    ADD deleted_at timestamptz; -- kept for its conversations; nobody finds it
DROP INDEX bots_by_age;
-- seq > 0 is so of all, and said by who looks for the oldest alone: else PostgreSQL might look a bot of
-- some id up here, among all of the tenant.
CREATE INDEX bots_by_age ON bots (tenant_id, seq) WHERE deleted_at IS NULL AND seq > 0;
CREATE UNIQUE INDEX bots_alive ON bots (tenant_id, id) WHERE deleted_at IS NULL;
SELECT cc_audit('bots', 'id');

-- What a bot was, each time it was published.
CREATE TABLE bot_versions (
    tenant_id text NOT NULL,
    bot_id text NOT NULL,
    version bigint NOT NULL,
    config text NOT NULL CHECK (json_typeof(config::json) = 'object'),
    note text NOT NULL DEFAULT '',
    actor text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, bot_id, version),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
SELECT cc_protect('bot_versions');
GRANT SELECT, INSERT, DELETE ON bot_versions TO cc_app;

-- Whoever raises bots.version has its row kept, in the words that a client would send; the last 200
-- of a bot stay.
CREATE FUNCTION cc_bot_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bot_versions (tenant_id, bot_id, version, note, actor, config)
        VALUES (NEW.tenant_id, NEW.id, NEW.version,
                coalesce(current_setting('app.note', true), ''),
                split_part(coalesce(current_setting('app.actor', true), ''), E'\n', 1),
                json_build_object(
                    'name', NEW.name, 'provider', NEW.provider, 'model', NEW.model,
                    'prompt', NEW.system,
                    'temperature', CASE WHEN NEW.temperature >= 0 THEN NEW.temperature END,
                    'maxTokens', NEW.max_tokens, 'topK', NEW.top_k, 'threshold', NEW.threshold,
                    'refusal', NEW.refusal, 'retrieval', NEW.retrieval::json,
                    'chunking', NEW.chunking::json, 'widget', NEW.widget::json,
                    'allowedOrigins', NEW.origins::json, 'serverUse', NEW.server_use,
                    'identity', NEW.identity, 'limits', NEW.limits::json)::text);
    DELETE FROM bot_versions WHERE tenant_id = NEW.tenant_id AND bot_id = NEW.id
        AND version <= NEW.version - 200;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION cc_bot_kept() FROM PUBLIC;
CREATE TRIGGER kept AFTER INSERT OR UPDATE OF version ON bots FOR EACH ROW
    EXECUTE FUNCTION cc_bot_kept();

-- Those that are there already.
ALTER TABLE bots NO FORCE ROW LEVEL SECURITY;
ALTER TABLE bot_versions NO FORCE ROW LEVEL SECURITY;
UPDATE bots SET version = 1;
ALTER TABLE bots FORCE ROW LEVEL SECURITY;
ALTER TABLE bot_versions FORCE ROW LEVEL SECURITY;

-- A bot that is deleted gets nothing new; to whoever asks it is as one that is not there.  (Sessions
-- are made with each question: the statement itself looks, see answer.c.)
CREATE FUNCTION cc_bot_lives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM bots WHERE tenant_id = NEW.tenant_id AND id = NEW.bot_id
               AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the bot is deleted' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION cc_bot_lives() FROM PUBLIC;
CREATE TRIGGER bot_lives BEFORE INSERT ON pins FOR EACH ROW EXECUTE FUNCTION cc_bot_lives();
CREATE TRIGGER bot_lives BEFORE INSERT ON api_keys FOR EACH ROW WHEN (NEW.bot_id IS NOT NULL)
    EXECUTE FUNCTION cc_bot_lives();
CREATE TRIGGER bot_lives BEFORE INSERT ON documents FOR EACH ROW WHEN (NEW.bot_id IS NOT NULL)
    EXECUTE FUNCTION cc_bot_lives();
CREATE TRIGGER bot_lives BEFORE INSERT ON sources FOR EACH ROW WHEN (NEW.bot_id IS NOT NULL)
    EXECUTE FUNCTION cc_bot_lives();

-- What goes with a bot is marked in the transaction that deletes it, and taken away by a sweep.
CREATE INDEX documents_deleting ON documents (updated_at) WHERE status = 'deleting';
ALTER TABLE sources DROP CONSTRAINT sources_status_check,
    ADD CHECK (status IN ('pending', 'running', 'ready', 'failed', 'deleting'));
CREATE INDEX sources_deleting ON sources (updated_at) WHERE status = 'deleting';
GRANT SELECT (updated_at) ON sources TO cc_sweep;

ALTER TABLE api_keys
    ADD name text NOT NULL DEFAULT '',
    ADD scopes text[] NOT NULL DEFAULT '{chat,read,converse,edit}' -- a secret key's rights
        CHECK (scopes <@ '{chat,read,converse,edit,manage,own}'),
    ADD rate bigint,        -- requests a minute; NULL: only the tenant's
    ADD created_by text NOT NULL DEFAULT '',
    ADD replaced_by text;   -- the key that it was rotated to
SELECT cc_audit('api_keys', 'id');
GRANT DELETE ON api_keys TO cc_app;

-- What people change of earlier tables.
SELECT cc_audit('documents', 'id');
SELECT cc_audit('chunk_edits', 'document_id');
SELECT cc_audit('sources', 'id');
SELECT cc_audit('pins', 'id');

-- ---- secrets ----
-- operator's key -> tenant's key -> secret (proto/seal/seal.h).  Public halves lie here so that
-- gateways can seal; the operator's secret half is in a file that only workers and cc-ctl read.
CREATE TABLE operator_keys (
    kid text PRIMARY KEY,
    public bytea NOT NULL CHECK (length(public) = 32),
    current boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX operator_keys_current ON operator_keys (current) WHERE current;
REVOKE ALL ON operator_keys FROM PUBLIC;
GRANT SELECT ON operator_keys TO cc_app;

CREATE TABLE tenant_keys (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    public bytea NOT NULL CHECK (length(public) = 32),
    sealed bytea NOT NULL,        -- the secret half, under the operator's key
    operator_kid text NOT NULL REFERENCES operator_keys,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT cc_protect('tenant_keys');
SELECT cc_audit('tenant_keys', 'id');
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_keys TO cc_app;

CREATE TABLE providers (
    tenant_id text NOT NULL REFERENCES tenants,
    name text NOT NULL CHECK (name IN ('openai', 'anthropic', 'ollama')),
    base_url text NOT NULL DEFAULT '', -- '': the installation's
    model text NOT NULL DEFAULT '',    -- '': the installation's
    sealed bytea,                      -- the API key; NULL: none
    tenant_kid text NOT NULL DEFAULT '',
    hint text NOT NULL DEFAULT '',     -- its last characters
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
SELECT cc_protect('providers');
SELECT cc_audit('providers', 'name');
GRANT SELECT, INSERT, UPDATE, DELETE ON providers TO cc_app;

-- ---- visitors and conversations ----
CREATE TABLE visitors (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,       -- made of the tenant and `external`
    external text NOT NULL, -- the owner's id of the person
    name text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT cc_protect('visitors');
SELECT cc_audit('visitors', 'id');
GRANT SELECT, INSERT, UPDATE, DELETE ON visitors TO cc_app;

ALTER TABLE sessions
    ADD visitor_id text NOT NULL DEFAULT '', -- '': nobody has said who it is
    ADD flagged boolean NOT NULL DEFAULT false,
    ADD note text NOT NULL DEFAULT '',
    ADD labels text[] NOT NULL DEFAULT '{}',
    ADD status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    ADD assignee text NOT NULL DEFAULT '';
-- In the order of lists of conversations, and what these are narrowed by most.  The condition is so of
-- all and said by lists alone: else PostgreSQL would look one session up here, among all of the tenant,
-- with plans that it made while the table was empty.
CREATE INDEX sessions_by_start ON sessions (tenant_id, created_at, id)
    WHERE created_at > '-infinity';
CREATE INDEX sessions_of_bot ON sessions (tenant_id, bot_id, created_at, id)
    WHERE created_at > '-infinity';
CREATE INDEX sessions_of_visitor ON sessions (tenant_id, visitor_id, created_at, id)
    WHERE visitor_id <> '';
CREATE INDEX sessions_flagged ON sessions (tenant_id, created_at, id) WHERE flagged;
-- Visitors make them, people change them: an insert is spared the question who it was.
CREATE TRIGGER audited AFTER UPDATE OR DELETE ON sessions FOR EACH ROW
    WHEN (current_setting('app.actor', true) <> '') EXECUTE FUNCTION cc_audited('id');
-- Sums over a range of time.  The condition keeps the index from those who look for one answer by
-- its id: without statistics it looks as good to the planner as the right one.
ALTER TABLE answers ADD unanswered boolean NOT NULL DEFAULT false; -- done, and nothing was found for it
CREATE INDEX answers_by_time ON answers (tenant_id, asked_at) WHERE asked_at > '-infinity';
CREATE INDEX feedback_by_time ON feedback (tenant_id, at);

-- Who erases a session looks for its answers.  Not the tenant first: else it might look one answer up
-- here, among all of the tenant.
CREATE INDEX answers_of_session ON answers (session_id, tenant_id);

-- What was erased, without saying of whom: the receipt outlives what it is about.
CREATE TABLE erasures (
    tenant_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('conversation', 'visitor', 'tenant')),
    subject text NOT NULL,  -- SHA-256 of the id
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done')),
    removed text NOT NULL DEFAULT '{}' CHECK (json_typeof(removed::json) = 'object'), -- kind -> count
    -- until it is done: what Redis may still hold something of
    sessions text[] NOT NULL DEFAULT '{}', -- SHA-256 of the names
    answers text[] NOT NULL DEFAULT '{}',
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    done_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX erasures_open ON erasures (asked_at) WHERE state <> 'done';
CREATE INDEX erasures_of ON erasures (tenant_id, subject); -- each claim of a question looks
SELECT cc_protect('erasures');
GRANT SELECT, INSERT, UPDATE ON erasures TO cc_app;
CREATE POLICY sweep ON erasures FOR SELECT TO cc_sweep USING (true);
GRANT SELECT (tenant_id, id, kind, state, asked_at, lease_until) ON erasures TO cc_sweep;

-- ---- money ----
-- In millionths of the installation's currency.
ALTER TABLE answers ADD cost bigint NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD cost bigint NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD cost bigint NOT NULL DEFAULT 0;
-- Charges go with their tenant alone.
CREATE POLICY erased_whole ON usage_ledger AS RESTRICTIVE FOR DELETE TO cc_app
    USING (tenant_id = nullif(current_setting('app.erase', true), ''));
CREATE POLICY erased_whole ON usage_daily AS RESTRICTIVE FOR DELETE TO cc_app
    USING (tenant_id = nullif(current_setting('app.erase', true), ''));
GRANT DELETE ON usage_ledger, usage_daily TO cc_app;
GRANT DELETE ON feedback TO cc_app;

-- What an answer under way may cost at most (proto/store/spend.h).  The transaction that stores the
-- answer takes its row away and adds to usage_daily, so that both together never count too little; a
-- row whose answer nobody finished counts until it expires.
CREATE TABLE spend_holds (
    tenant_id text NOT NULL REFERENCES tenants,
    answer_id text NOT NULL,
    bot_id text NOT NULL,
    attempt bigint NOT NULL, -- whose model is at work; 0: reserved for one
    model text NOT NULL,     -- '': not chosen yet
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, answer_id)
);
SELECT cc_protect('spend_holds');
GRANT SELECT, INSERT, UPDATE, DELETE ON spend_holds TO cc_app;

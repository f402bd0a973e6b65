-- What the widget brings: forms, files of visitors, wishes for a person, loaders that pages pin.

-- ---- conversations ----
ALTER TABLE sessions
    ADD form text NOT NULL DEFAULT '{}' CHECK (json_typeof(form::json) = 'object'), -- said before the first question
    ADD handoff text NOT NULL DEFAULT '' CHECK (handoff IN ('', 'waiting', 'joined', 'ended')),
    ADD handoff_at timestamptz,
    ADD handoff_email text NOT NULL DEFAULT '', -- where the visitor wants to be answered
    ADD handoff_note text NOT NULL DEFAULT '';  -- and what he said with it
CREATE INDEX sessions_handoff ON sessions (tenant_id, created_at, id) WHERE handoff = 'waiting';

-- ---- files of visitors ----
-- Context of one conversation; goes with it.  What was read of a file are passages in its order: the
-- same place in texts, terms and pages is the same passage.
CREATE TABLE session_files (
    tenant_id text NOT NULL,
    id text NOT NULL,
    session_id text NOT NULL,
    filename text NOT NULL,
    type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ready', 'failed')),
    code text NOT NULL DEFAULT '', -- why it failed
    bytes bytea,                   -- until it is read
    texts text[] NOT NULL DEFAULT '{}',
    terms text[] NOT NULL DEFAULT '{}', -- their words as a search counts them (proto/vec/rank.h)
    pages int[] NOT NULL DEFAULT '{}',  -- 0: none
    cut boolean NOT NULL DEFAULT false, -- there was more than we keep
    attempt int NOT NULL DEFAULT 0,     -- the fence of who reads it
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
    CHECK (cardinality(texts) = cardinality(terms) AND cardinality(texts) = cardinality(pages))
);
CREATE INDEX session_files_of ON session_files (tenant_id, session_id, created_at);
SELECT cc_protect('session_files');
GRANT SELECT, INSERT, UPDATE, DELETE ON session_files TO cc_app;

-- ---- loaders ----
-- A page that pins widget.js by its hash gets these very bytes for ever, whatever is installed since.
-- They are the same for everybody.
CREATE TABLE loaders (
    version text PRIMARY KEY, -- the first eight digits of SHA-256
    bytes bytea NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON loaders FROM PUBLIC;
GRANT SELECT, INSERT ON loaders TO cc_app;

-- ---- a bot's id as its credential ----
-- It stands for the bot's oldest public key.  Who presents it sees its row here, and so learns which
-- tenant it is of.  Not a second policy of bots: PostgreSQL would weigh the two for every statement on
-- bots, and sort what it reads in order now.
CREATE TABLE bot_ids (
    tenant_id text NOT NULL,
    id text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX bot_ids_by_id ON bot_ids (id);
ALTER TABLE bots NO FORCE ROW LEVEL SECURITY;
INSERT INTO bot_ids (tenant_id, id) SELECT tenant_id, id FROM bots;
ALTER TABLE bots FORCE ROW LEVEL SECURITY;
SELECT cc_protect('bot_ids');
CREATE POLICY presented ON bot_ids FOR SELECT TO cc_app
    USING (id = nullif(current_setting('app.bot_id', true), ''));
GRANT SELECT, INSERT, DELETE ON bot_ids TO cc_app;

CREATE FUNCTION cc_bot_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bot_ids (tenant_id, id) VALUES (NEW.tenant_id, NEW.id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION cc_bot_named() FROM PUBLIC;
CREATE TRIGGER named AFTER INSERT ON bots FOR EACH ROW EXECUTE FUNCTION cc_bot_named();

-- Its default key.
CREATE INDEX api_keys_of_bot ON api_keys (bot_id, id) WHERE NOT secret AND revoked_at IS NULL;
CREATE INDEX api_keys_for_all ON api_keys (tenant_id, id)
    WHERE bot_id IS NULL AND NOT secret AND revoked_at IS NULL;

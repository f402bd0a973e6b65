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
-- It stands for the bot's oldest public key.  Who presents it sees that bot's row, and so learns which
-- tenant it is of.
CREATE INDEX bots_by_id ON bots (id);
CREATE POLICY presented ON bots FOR SELECT TO cc_app
    USING (id = nullif(current_setting('app.bot_id', true), ''));
CREATE INDEX api_keys_default ON api_keys (tenant_id, bot_id, created_at, id)
    WHERE NOT secret AND revoked_at IS NULL;

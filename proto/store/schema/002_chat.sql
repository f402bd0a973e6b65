-- Conversations, answers, and what they cost.

CREATE TABLE sessions (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    bot_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    cleared_at timestamptz NOT NULL DEFAULT '-infinity', -- answers begun before are not shown
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
SELECT cc_protect('sessions');
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO cc_app;

-- The states and who changes them: proto/store/answer.h.
CREATE TABLE answers (
    tenant_id text NOT NULL,
    id text NOT NULL,
    bot_id text NOT NULL,
    session_id text NOT NULL,
    client_message text, -- the visitor's own id of the question; NULL if it had none
    state text NOT NULL CHECK (state IN
        ('running', 'done', 'cancelled', 'failed', 'expired', 'dead')),
    attempt bigint NOT NULL, -- the fence
    lease_until timestamptz NOT NULL,
    owner text NOT NULL,
    tier text NOT NULL,
    asked_at timestamptz NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    message_id text,
    code text NOT NULL DEFAULT '',
    finish text NOT NULL DEFAULT '',
    provider text NOT NULL DEFAULT '',
    model text NOT NULL DEFAULT '',
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cached_tokens bigint NOT NULL DEFAULT 0,
    from_cache boolean NOT NULL DEFAULT false,
    first_ms bigint NOT NULL DEFAULT 0,
    total_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
-- One question has one answer, even if Redis has forgotten that it was asked; a failed one may be
-- asked again.
CREATE UNIQUE INDEX answers_once ON answers (tenant_id, session_id, client_message)
    WHERE state IN ('running', 'done', 'cancelled');
-- Holds only the few that are open.  Without it a fresh table's statistics lead the fenced updates
-- through answers_once, past every answer the tenant ever had.
CREATE INDEX answers_open ON answers (tenant_id, lease_until) WHERE state = 'running';
SELECT cc_protect('answers');
GRANT SELECT, INSERT, UPDATE, DELETE ON answers TO cc_app;

CREATE TABLE messages (
    tenant_id text NOT NULL,
    id text NOT NULL,
    session_id text NOT NULL,
    answer_id text NOT NULL,
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    text text NOT NULL,
    sources text NOT NULL CHECK (json_typeof(sources::json) = 'array'),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, answer_id, role), -- the second belt: one question, one answer
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_of_session ON messages (tenant_id, session_id, seq);
SELECT cc_protect('messages');
GRANT SELECT, INSERT, DELETE ON messages TO cc_app;

-- One row per charge, never changed; it outlives the conversation.
CREATE TABLE usage_ledger (
    tenant_id text NOT NULL REFERENCES tenants,
    answer_id text NOT NULL,
    bot_id text NOT NULL,
    state text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    from_cache boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, answer_id)
);
CREATE INDEX usage_ledger_by_time ON usage_ledger (tenant_id, at);
SELECT cc_protect('usage_ledger');
GRANT SELECT, INSERT ON usage_ledger TO cc_app;

CREATE TABLE usage_daily (
    tenant_id text NOT NULL REFERENCES tenants,
    day date NOT NULL, -- in UTC
    bot_id text NOT NULL,
    model text NOT NULL,
    answers bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, bot_id, model)
);
SELECT cc_protect('usage_daily');
GRANT SELECT, INSERT, UPDATE ON usage_daily TO cc_app;

CREATE TABLE feedback (
    tenant_id text NOT NULL,
    answer_id text NOT NULL,
    rating text NOT NULL CHECK (rating IN ('up', 'down')),
    comment text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, answer_id),
    FOREIGN KEY (tenant_id, answer_id) REFERENCES answers (tenant_id, id) ON DELETE CASCADE
);
SELECT cc_protect('feedback');
GRANT SELECT, INSERT, UPDATE ON feedback TO cc_app;

-- Documents that change: re-uploaded, edited by hand, fetched from the web; answers that are pinned;
-- an embedding that is exchanged while questions come in.

-- ---- documents ----
ALTER TABLE documents
    ADD description text NOT NULL DEFAULT '',
    ADD tags text[] NOT NULL DEFAULT '{}',
    ADD metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    ADD chunking text NOT NULL DEFAULT '' CHECK (chunking = '' OR json_typeof(chunking::json) = 'object'),
    ADD enabled boolean NOT NULL DEFAULT true, -- false: kept, but not searched
    ADD source_id text,                        -- NULL: handed in
    ADD error_code text NOT NULL DEFAULT '',   -- public name of the failure in `error`
    ADD error_page bigint NOT NULL DEFAULT 0,  -- page or row at which the parser failed; 0: none
    ADD pages bigint NOT NULL DEFAULT 0,
    ADD titled boolean NOT NULL DEFAULT false, -- the owner gave the title: the file's own does not count
    ADD asked_at timestamptz NOT NULL DEFAULT now(), -- when this taking-in was asked for
    ADD edits bigint NOT NULL DEFAULT 0,       -- grows with each change by hand
    ADD edits_laid bigint NOT NULL DEFAULT 0;  -- what it was when the one at work began to cut
CREATE INDEX documents_by_hash ON documents (tenant_id, sha256);
CREATE INDEX documents_by_source ON documents (tenant_id, source_id) WHERE source_id IS NOT NULL;
CREATE INDEX documents_by_status ON documents (tenant_id, status, id);
GRANT UPDATE ON document_files TO cc_app;
GRANT SELECT (asked_at) ON documents TO cc_sweep;

-- ---- passages ----
ALTER TABLE chunks
    ADD row_number bigint NOT NULL DEFAULT 0, -- of a table's row where it begins, from 1; 0: no rows
    ADD enabled boolean NOT NULL DEFAULT true,
    ADD edit_id bigint,                        -- made or changed by hand: its row in chunk_edits
    ADD text_sha256 text NOT NULL DEFAULT '';  -- of the text alone, before any edit
CREATE INDEX chunks_off ON chunks (tenant_id, id) WHERE NOT enabled; -- the few that no search finds

-- What the owner did to passages, laid over each new taking-in: a change or a switch-off of the
-- passage whose text has this hash, or a passage of his own (hash '').
CREATE TABLE chunk_edits (
    tenant_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    document_id text NOT NULL,
    text_sha256 text NOT NULL,
    text text NOT NULL,     -- '': unchanged
    section text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX chunk_edits_once ON chunk_edits (tenant_id, document_id, text_sha256)
    WHERE text_sha256 <> '';
CREATE INDEX chunk_edits_of ON chunk_edits (tenant_id, document_id, id);
SELECT cc_protect('chunk_edits');
GRANT SELECT, INSERT, UPDATE, DELETE ON chunk_edits TO cc_app;

-- A taking-in that has read the edits before this one must not be published: chunk_publish.c looks.
CREATE FUNCTION cc_count_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE documents SET edits = edits + 1
        WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id)
          AND id = coalesce(NEW.document_id, OLD.document_id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION cc_count_edit() FROM PUBLIC;
CREATE TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON chunk_edits
    FOR EACH ROW EXECUTE FUNCTION cc_count_edit();

-- What changed from one published generation to the next.
CREATE TABLE document_changes (
    tenant_id text NOT NULL,
    document_id text NOT NULL,
    generation bigint NOT NULL,
    added bigint NOT NULL,
    removed bigint NOT NULL,
    kept bigint NOT NULL,
    embedded bigint NOT NULL, -- passages that had to be embedded
    detail text NOT NULL CHECK (json_typeof(detail::json) = 'object'), -- {added: [{index, text}], removed: [...]}
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, document_id, generation),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE
);
SELECT cc_protect('document_changes');
GRANT SELECT, INSERT, UPDATE, DELETE ON document_changes TO cc_app;

-- ---- bots ----
ALTER TABLE bots
    ADD retrieval text NOT NULL DEFAULT '{}' CHECK (json_typeof(retrieval::json) = 'object'),
    ADD chunking text NOT NULL DEFAULT '{}' CHECK (json_typeof(chunking::json) = 'object');

-- ---- embeddings ----
-- The embedding that a tenant's questions are asked with; '': none yet.  While another one is being
-- made of the same passages both are stored, and the name changes when the last passage has it.
ALTER TABLE tenants ADD embedding text NOT NULL DEFAULT '',
    ADD outside boolean NOT NULL DEFAULT false, -- its vectors lie in an outer store
    -- whoever exchanges it holds the tenant until then; '-infinity': there is nothing to be done
    ADD reindex_until timestamptz NOT NULL DEFAULT '-infinity',
    ADD reindex_owner text NOT NULL DEFAULT '';
CREATE POLICY sweep ON tenants FOR SELECT TO cc_sweep USING (true);
GRANT SELECT (tenant_id, embedding, outside, reindex_until) ON tenants TO cc_sweep;

-- What was stored before is asked with what it was stored with.
ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE chunk_vectors NO FORCE ROW LEVEL SECURITY;
UPDATE tenants t SET embedding = coalesce((SELECT model FROM chunk_vectors v
    WHERE v.tenant_id = t.tenant_id LIMIT 1), '');
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE chunk_vectors FORCE ROW LEVEL SECURITY;

-- Grows when passages that are there get vectors that questions ask for: kept ones are read anew.
ALTER TABLE documents ADD refreshed bigint NOT NULL DEFAULT 0;

-- Embeddings whose vectors of the passage lie in an outer store; those of another text do not count.
ALTER TABLE chunks ADD outside text[] NOT NULL DEFAULT '{}';
CREATE FUNCTION cc_nowhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.outside := '{}';
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION cc_nowhere() FROM PUBLIC;
CREATE TRIGGER nowhere BEFORE UPDATE OF text, section ON chunks FOR EACH ROW
    WHEN (OLD.text <> NEW.text OR OLD.section <> NEW.section) EXECUTE FUNCTION cc_nowhere();
ALTER TABLE chunk_vectors DROP CONSTRAINT chunk_vectors_pkey;
ALTER TABLE chunk_vectors ADD PRIMARY KEY (tenant_id, generation, chunk, model, part);

-- Generations and embeddings that an outer vector store may still hold points of.
CREATE TABLE vector_garbage (
    tenant_id text NOT NULL,
    generation bigint NOT NULL,
    model text NOT NULL DEFAULT '', -- '': of all
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, generation, model)
);
SELECT cc_protect('vector_garbage');
GRANT SELECT, INSERT, UPDATE, DELETE ON vector_garbage TO cc_app;
CREATE POLICY sweep ON vector_garbage FOR SELECT TO cc_sweep USING (true);
GRANT SELECT (tenant_id, generation, model, at) ON vector_garbage TO cc_sweep;

-- ---- sources on the web ----
CREATE TABLE sources (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    bot_id text, -- NULL: for all bots of the tenant
    kind text NOT NULL CHECK (kind IN ('page', 'sitemap', 'crawl')),
    url text NOT NULL,
    title text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    include text[] NOT NULL DEFAULT '{}', -- patterns of paths; * is any text
    exclude text[] NOT NULL DEFAULT '{}',
    depth bigint NOT NULL,     -- links followed from the first page
    max_pages bigint NOT NULL,
    every_s bigint NOT NULL,   -- between two visits; 0: only when asked
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'ready', 'failed')),
    error text NOT NULL DEFAULT '',
    next_at timestamptz NOT NULL DEFAULT now(), -- 'infinity': only when asked
    run bigint NOT NULL DEFAULT 0,              -- the fence: grows with each claim
    tries bigint NOT NULL DEFAULT 0,
    visit bigint NOT NULL DEFAULT 0,            -- grows with each visit, which may take several claims
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    owner text NOT NULL DEFAULT '',
    visited_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id)
);
CREATE INDEX sources_due ON sources (next_at);
CREATE INDEX sources_at_work ON sources (lease_until) WHERE status = 'running';
SELECT cc_protect('sources');
GRANT SELECT, INSERT, UPDATE, DELETE ON sources TO cc_app;
CREATE POLICY sweep ON sources FOR SELECT TO cc_sweep USING (true);
GRANT SELECT (tenant_id, id, status, next_at, lease_until) ON sources TO cc_sweep;
ALTER TABLE documents ADD FOREIGN KEY (tenant_id, source_id) REFERENCES sources (tenant_id, id);

-- The pages of a source: what is still to be fetched in this visit, and what was learned before.
CREATE TABLE source_pages (
    tenant_id text NOT NULL,
    source_id text NOT NULL,
    url text NOT NULL, -- normalised
    depth bigint NOT NULL,
    visit bigint NOT NULL, -- in which it was last found
    state text NOT NULL CHECK (state IN ('waiting', 'fetched', 'unchanged', 'refused', 'failed', 'gone')),
    document_id text,
    etag text NOT NULL DEFAULT '',
    modified text NOT NULL DEFAULT '', -- Last-Modified as sent
    error text NOT NULL DEFAULT '',
    http_status bigint NOT NULL DEFAULT 0,
    fetched_at timestamptz,
    PRIMARY KEY (tenant_id, source_id, url),
    FOREIGN KEY (tenant_id, source_id) REFERENCES sources (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX source_pages_waiting ON source_pages (tenant_id, source_id, depth, url) WHERE state = 'waiting';
SELECT cc_protect('source_pages');
GRANT SELECT, INSERT, UPDATE, DELETE ON source_pages TO cc_app;

-- ---- pinned answers ----
CREATE TABLE pins (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    bot_id text NOT NULL,
    answer text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    hits bigint NOT NULL DEFAULT 0,
    hit_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX pins_of_bot ON pins (tenant_id, bot_id, id);
SELECT cc_protect('pins');
GRANT SELECT, INSERT, UPDATE, DELETE ON pins TO cc_app;

-- Its wordings: found by the words as normalised, or by a vector (float32, little-endian).
CREATE TABLE pin_questions (
    tenant_id text NOT NULL,
    pin_id text NOT NULL,
    bot_id text NOT NULL,
    normal text NOT NULL,
    question text NOT NULL,
    model text NOT NULL DEFAULT '', -- '': no vector yet
    v bytea NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, bot_id, normal),
    FOREIGN KEY (tenant_id, pin_id) REFERENCES pins (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX pin_questions_of ON pin_questions (tenant_id, pin_id);
SELECT cc_protect('pin_questions');
GRANT SELECT, INSERT, UPDATE, DELETE ON pin_questions TO cc_app;

-- Documents, their passages, and the two ways to find those: by words and by vectors.

-- A generation is one taking-in of one document.  The numbers are unique over all documents, so
-- that passages need to know nothing else of their document to be found or hidden.
CREATE SEQUENCE generations;
GRANT USAGE ON SEQUENCE generations TO cc_app;

-- The statuses and who changes them: proto/store/document.h.
CREATE TABLE documents (
    tenant_id text NOT NULL REFERENCES tenants,
    id text NOT NULL,
    bot_id text, -- NULL: for all bots of the tenant
    filename text NOT NULL,
    title text NOT NULL,
    url text NOT NULL,
    sha256 text NOT NULL,
    type text NOT NULL,
    size bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'uploading', 'parsing', 'chunking', 'embedding', 'storing', 'ready', 'failed',
         'no_text', 'encrypted', 'dead', 'deleting')),
    step text NOT NULL DEFAULT '',
    error text NOT NULL DEFAULT '',
    progress bigint NOT NULL DEFAULT 0,
    chunks_total bigint NOT NULL DEFAULT 0,
    chunks_done bigint NOT NULL DEFAULT 0,
    generation bigint NOT NULL DEFAULT nextval('generations'), -- being worked on, or the last one
    attempt bigint NOT NULL DEFAULT 0, -- the fence: grows with each claim
    tries bigint NOT NULL DEFAULT 0,   -- claims that were not handed back; capped
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    owner text NOT NULL DEFAULT '',
    active bigint, -- the generation that searches see
    active_chunks bigint NOT NULL DEFAULT 0,
    active_words bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id)
);
CREATE INDEX documents_open ON documents (updated_at)
    WHERE status IN ('pending', 'parsing', 'chunking', 'embedding', 'storing');
SELECT cc_protect('documents');
GRANT SELECT, INSERT, UPDATE, DELETE ON documents TO cc_app;
CREATE POLICY sweep ON documents FOR SELECT TO cc_sweep USING (true);
GRANT SELECT (tenant_id, id, generation, status, lease_until, updated_at) ON documents TO cc_sweep;

-- Apart from the row, which is updated often; not compressed, as most formats are already.
CREATE TABLE document_files (
    tenant_id text NOT NULL,
    document_id text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant_id, document_id),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE document_files ALTER COLUMN bytes SET STORAGE EXTERNAL;
SELECT cc_protect('document_files');
GRANT SELECT, INSERT, DELETE ON document_files TO cc_app;

CREATE TABLE chunks (
    tenant_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    document_id text NOT NULL,
    generation bigint NOT NULL,
    idx bigint NOT NULL,
    text text NOT NULL,
    section text NOT NULL,
    page bigint NOT NULL,
    tokens bigint NOT NULL,
    words bigint NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, generation, idx),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
);
CREATE INDEX chunks_of_document ON chunks (tenant_id, document_id, generation);
CREATE INDEX chunks_by_hash ON chunks (tenant_id, sha256);
SELECT cc_protect('chunks');
GRANT SELECT, INSERT, UPDATE, DELETE ON chunks TO cc_app;

-- A word's row holds all that BM25 asks of it, so that a search reads the one index alone.
-- No foreign key: a check for each of some hundred words of each chunk would cost more than the
-- rest of the taking-in; chunk_write.c is the only one that writes here.
CREATE TABLE postings (
    tenant_id text NOT NULL,
    term text NOT NULL CHECK (length(term) <= 64),
    generation bigint NOT NULL,
    chunk bigint NOT NULL,
    tf int NOT NULL,
    words int NOT NULL -- of the chunk
);
CREATE INDEX postings_by_term ON postings (tenant_id, term) INCLUDE (generation, chunk, tf, words);
CREATE INDEX postings_by_chunk ON postings (tenant_id, generation, chunk);
SELECT cc_protect('postings');
GRANT SELECT, INSERT, DELETE ON postings TO cc_app;

-- pgvector's type where a superuser has made the extension, else the same numbers as bytes (float32,
-- little-endian) that proto/store scans itself.  There is deliberately no index on the numbers: one
-- over all tenants under a tenant filter finds 3 in 100 of what it should.
-- Up to 8 kB a vector stays in its row: fetching each from its own place costs more than the sum.
DO $$
BEGIN
    EXECUTE format('CREATE TABLE chunk_vectors (
        tenant_id text NOT NULL,
        generation bigint NOT NULL,
        chunk bigint NOT NULL,
        part bigint NOT NULL,
        model text NOT NULL,
        dimension bigint NOT NULL,
        v %s NOT NULL,
        PRIMARY KEY (tenant_id, generation, chunk, part)
    ) WITH (toast_tuple_target = 8160)',
    CASE WHEN EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') THEN 'vector'
         ELSE 'bytea' END);
END $$;
ALTER TABLE chunk_vectors ALTER COLUMN v SET STORAGE EXTERNAL;
SELECT cc_protect('chunk_vectors');
GRANT SELECT, INSERT, DELETE ON chunk_vectors TO cc_app;

/*
 * settings.h - X(NAME, KIND, DEFAULT, SENTENCE), one row per environment variable CC_NAME.
 * KIND: STR, INT, BOOL, or SECRET (a string that --config masks).
 */
#ifndef CC_BASE_SETTINGS_H
#define CC_BASE_SETTINGS_H

#define CC_SETTINGS(X)                                                                             \
    X(LOG_LEVEL, STR, "info", "debug, info, warn or error.")                                       \
    X(INSTANCE, STR, "", "Name of this process among all; empty: host and process id.")            \
    X(PG, STR, "host=/run/chatconnect user=cc_app dbname=chatconnect",                             \
      "libpq connection string of the application role.")                                          \
    X(PG_SWEEP, STR, "host=/run/chatconnect user=cc_sweep dbname=chatconnect",                     \
      "The same for the role that may see which rows wait, but not what is in them.")              \
    X(PG_OWNER, STR, "", "The same for the role that migrates; only cc-ctl uses it.")              \
    X(PG_POOL, INT, "8", "PostgreSQL connections per process.")                                    \
    X(REDIS_QUEUE, STR, "redis://127.0.0.1:6379",                                                  \
      "Redis for work streams: redis://ADDRESS:PORT or unix:PATH; append-only, noeviction.")       \
    X(REDIS_LIVE, STR, "redis://127.0.0.1:6380",                                                   \
      "Redis for answer buffers, pub/sub, rate limits and caches.")                                \
    X(GATEWAY_BIND, STR, "127.0.0.1", "Address the gateway listens on.")                           \
    X(GATEWAY_PORT, INT, "8080", "Port the gateway listens on.")                                   \
    X(GATEWAY_WORKERS, INT, "1", "Kore workers of one gateway process.")                           \
    X(GATEWAY_CONNECTIONS, INT, "10000", "Connections per gateway worker.")                        \
    X(PUBLIC_URL, STR, "", "What visitors call us, such as https://chat.example.com.")             \
    X(STATIC_DIR, STR, "widget/dist", "Folder of the widget's built files.")                       \
    X(TRUST_PROXY, BOOL, "0", "Believe X-Forwarded-For and X-Request-Id of the peer.")             \
    X(METRICS_PORT, INT, "0", "Loopback port of a worker's own metrics page; 0: none.")            \
    X(METRICS_CLIENT_ID, BOOL, "1", "Label metrics with client_id.")                               \
    X(RATE_FREE, INT, "100", "Requests a minute of a tenant of the free tier.")                    \
    X(RATE_PAID, INT, "1000", "Requests a minute of a tenant of the paid tier.")                   \
    X(RATE_VISITOR, INT, "30", "Chat requests a minute of one session.")                           \
    X(RATE_ADDRESS, INT, "60", "Chat requests a minute of one client address.")                    \
    X(INFLIGHT_TENANT, INT, "200", "Open answers of one tenant; beyond: 429.")                     \
    X(INFLIGHT_TOTAL, INT, "10000", "Length of the chat queue; beyond: 503.")                      \
    X(SOCKETS_TENANT, INT, "2000", "Chat sockets of one tenant at one process; beyond: 429.")      \
    X(ANSWER_SECONDS, INT, "120", "Time from question to the last token.")                         \
    X(REPLAY_SECONDS, INT, "600", "How long an answer's events are kept for replay.")              \
    X(GRACE_MS, INT, "15000", "An answer nobody looks at is cancelled after this.")                \
    X(LEASE_MS, INT, "30000", "A job is another worker's when its owner was silent so long.")      \
    X(RECLAIM_MS, INT, "500", "How often a process looks for jobs of dead ones.")                  \
    X(ATTEMPTS, INT, "3", "Attempts at a job before it is dead.")                                  \
    X(WORKER_SLOTS, INT, "256", "Answers that one worker process holds at once.")                  \
    X(DRAIN_MS, INT, "20000", "A stopping worker hands answers back that take longer than this.")  \
    X(FLUSH_MS, INT, "20", "Tokens of an answer are passed on at most this often.")                \
    X(MODEL_FREE, STR, "", "provider:model for the free tier; empty: by the keys below.")          \
    X(MODEL_PAID, STR, "", "provider:model for the paid tier; empty: by the keys below.")          \
    X(OPENAI_URL, STR, "https://api.openai.com/v1", "Base URL of an OpenAI-compatible service.")   \
    X(OPENAI_KEY, SECRET, "", "Its key.")                                                          \
    X(OPENAI_MODEL, STR, "gpt-4o-mini", "Its model where none is named.")                          \
    X(ANTHROPIC_URL, STR, "https://api.anthropic.com", "Base URL of the Messages API.")            \
    X(ANTHROPIC_KEY, SECRET, "", "Its key.")                                                       \
    X(ANTHROPIC_MODEL, STR, "claude-sonnet-5-5", "Its model where none is named.")                 \
    X(OLLAMA_URL, STR, "http://127.0.0.1:11434", "Base URL of Ollama.")                            \
    X(LLM_CONNECT_MS, INT, "5000", "Time to connect to a model service.")                          \
    X(LLM_FIRST_MS, INT, "60000", "Longest wait for its first token.")                             \
    X(LLM_IDLE_MS, INT, "30000", "Longest silence between two tokens.")                            \
    X(LLM_TRIES, INT, "3", "Tries at a model service before the first token.")                     \
    X(CACHE_ANSWER_S, INT, "300", "How long the same question gets the same answer; 0: never.")    \
    X(CACHE_EMBED_S, INT, "3600", "How long an embedding is kept; 0: never.")                      \
    X(EMBED, STR, "auto",                                                                          \
      "auto, use, hash, or provider:model such as openai:text-embedding-3-small.")                 \
    X(EMBED_MODEL_DIR, STR, "var/models/use", "Folder of the Universal Sentence Encoder.")         \
    X(SEARCH_LANGUAGE, STR, "auto",                                                                \
      "Language whose word endings a search by words ignores; auto: each text's own; empty: "      \
      "none. "                                                                                     \
      "Kept in the index.")                                                                        \
    X(SEARCH_MEMORY, INT, "67108864",                                                              \
      "Bytes of vectors that a process keeps of the tenants asked last; 0: none.")                 \
    X(TOKENS_DIR, STR, "var/models/tokens", "Folder of the .tiktoken rank files.")                 \
    X(PDFTOTEXT, STR, "/usr/bin/pdftotext", "The PDF reader run in the jail.")                     \
    X(INGEST_SLOTS, INT, "4", "Documents that one ingest process works on at once.")               \
    X(SWEEP_MS, INT, "30000", "How often lost documents are looked for.")                          \
    X(UPLOAD_MAX, INT, "10485760", "Bytes of one uploaded file.")                                  \
    X(VISITOR_FILE_MAX, INT, "5242880",                                                            \
      "Bytes of one file that a visitor gives to a conversation.")                                 \
    X(VISITOR_FILES, INT, "5", "Files of one conversation, up to 20; 0: none.")                    \
    X(PARSE_MS, INT, "60000", "Time that reading one document may take.")                          \
    X(INGEST_NICE, INT, "10", "How much an ingest process steps back for others, 0 to 19.")        \
    X(OCR, STR, "",                                                                                \
      "Program that writes the text of the PDF or image on its standard input; empty: none.")      \
    X(OCR_MS, INT, "120000", "Time it may take.")                                                  \
    X(RERANK_URL, STR, "", "Service that sorts passages anew (POST /rerank, Cohere's format).")    \
    X(RERANK_KEY, SECRET, "", "Its key.")                                                          \
    X(RERANK_MODEL, STR, "", "Its model.")                                                         \
    X(RERANK_MS, INT, "2000", "Time it may take; without it the order stays as it was.")           \
    X(QDRANT_URL, STR, "", "Base URL of Qdrant; empty: vectors lie in PostgreSQL.")                \
    X(QDRANT_KEY, SECRET, "", "Its key.")                                                          \
    X(QDRANT_COLLECTION, STR, "chatconnect", "Prefix of its collections, one per embedding.")      \
    X(WEB_AGENT, STR, "ChatConnect", "Name that robots.txt may call us by.")                       \
    X(WEB_ALLOW, STR, "",                                                                          \
      "HOST:PORT of own web sites that sources may read though their address is not public, "      \
      "with commas between.")                                                                      \
    X(WEB_PAUSE_MS, INT, "500", "Between two pages of one site; robots.txt may ask for more.")     \
    X(WEB_PAGE_MAX, INT, "5242880", "Bytes of one fetched page.")                                  \
    X(WEB_PAGES_MAX, INT, "2000", "Pages of one source at most.")                                  \
    X(INTERNAL_SECRET, SECRET, "", "Opens the internal routes; empty: they are closed.")           \
    X(TOKEN_KEYS, SECRET, "",                                                                      \
      "Keys that logins are signed with, KID:64 hex digits with commas between; the first signs, " \
      "all verify.  Empty: nobody can log in.")                                                    \
    X(IDENTITY_KEY, SECRET, "",                                                                    \
      "64 hex digits that the bots' secrets for signed visitors are made from; changing it "       \
      "changes them all.  Empty: visitors cannot be signed.")                                      \
    X(SEAL_KEYRING, STR, "",                                                                       \
      "File with the operator's secret keys (cc-ctl seal); workers open tenants' credentials "     \
      "with it.  Gateways must not be able to read it.")                                           \
    X(REGISTER, BOOL, "1", "Anybody may register a tenant; else cc-ctl makes them.")               \
    X(LOGIN_TRIES, INT, "10", "Logins a minute of one address, and of one e-mail.")                \
    X(MAIL_URL, STR, "",                                                                           \
      "Where mails (invitations, resets) are posted as JSON by workers; empty: none are sent.")    \
    X(MAIL_SECRET, SECRET, "", "Sent with it as Authorization: Bearer.")                           \
    X(PROVIDER_ALLOW, STR, "",                                                                     \
      "HOST:PORT of model services that tenants may name though their address is not public, "     \
      "with commas between.")                                                                      \
    X(CURRENCY, STR, "EUR", "What prices and caps are counted in.")                                \
    X(PRICES, STR, "gpt-4o-mini=0.14/0.07/0.56,claude-sonnet-5-5=2.80/0.28/14.00",                 \
      "Price of a million tokens per model: MODEL=INPUT/CACHED/OUTPUT with commas between; "       \
      "* stands for all others, which cost nothing without it.")

#endif

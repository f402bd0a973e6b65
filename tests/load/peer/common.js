'use strict';
// What gateway, worker and the direct variant share: settings, keys, rate limit, chat log, model stream.
const Redis = require('ioredis');
const pg = require('pg');

const settings = {
  redis: { path: process.env.PEER_REDIS },
  model: process.env.PEER_MODEL,
  port: Number(process.env.PEER_PORT),
};
const newRedis = (more = {}) =>
  new Redis({ ...settings.redis, enableAutoPipelining: true, maxRetriesPerRequest: null, ...more });
const pool = new pg.Pool({ host: process.env.PEER_PG_HOST, user: 'postgres', database: 'peer', max: 8 });

// key -> client, for 30 s; one query per key at a time
const cache = new Map();
const asking = new Map();
function client(key) {
  const hit = cache.get(key);
  if (hit && hit.until > Date.now()) return hit.row;
  let query = asking.get(key);
  if (!query) {
    query = pool
      .query({ name: 'key', text: 'SELECT id, model, rate FROM clients WHERE api_key = $1', values: [key] })
      .then((r) => {
        const row = r.rows[0] || null;
        cache.set(key, { row, until: Date.now() + (row ? 30000 : 5000) });
        return row;
      })
      .finally(() => asking.delete(key));
    asking.set(key, query);
  }
  return query;
}

const COUNT = "local n=redis.call('INCR',KEYS[1]) if n==1 then redis.call('EXPIRE',KEYS[1],60) end return n";
function limiter(redis) {
  redis.defineCommand('count', { numberOfKeys: 1, lua: COUNT });
  return (c) => redis.count(`rl:${c.id}:${Math.floor(Date.now() / 60000)}`);
}

// the chat log is written in batches, every 50 ms
let rows = [];
const log = (row) => rows.push(row);
setInterval(() => {
  if (rows.length === 0) return;
  const batch = rows;
  rows = [];
  pool
    .query({
      name: 'log',
      text: 'INSERT INTO chat_logs (client_id, question, answer, tokens, ms) SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::int[])',
      values: ['client', 'question', 'answer', 'tokens', 'ms'].map((k) => batch.map((r) => r[k])),
    })
    .catch((e) => console.error('log', e.message));
}, 50).unref();

// OpenAI's stream: onTokens([text, …]) once per network piece
async function readModel(body, onTokens) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    rest += decoder.decode(piece, { stream: true });
    const tokens = [];
    let end;
    while ((end = rest.indexOf('\n\n')) >= 0) {
      const event = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!event.startsWith('data: ') || event === 'data: [DONE]') continue;
      const text = JSON.parse(event.slice(6)).choices[0]?.delta?.content;
      if (text) tokens.push(text);
    }
    if (tokens.length > 0) onTokens(tokens);
  }
}

const question = (model, message) =>
  JSON.stringify({
    model,
    stream: true,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: message },
    ],
  });
const frame = (event, data) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const schema = {
  body: {
    type: 'object',
    required: ['message'],
    properties: { message: { type: 'string', minLength: 1, maxLength: 2000 } },
  },
};
const SSE = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

module.exports = { settings, newRedis, client, limiter, log, readModel, question, frame, schema, SSE };

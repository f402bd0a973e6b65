'use strict';
// No queue: Fastify calls the model itself and streams the answer
const undici = require('undici');
const { settings, newRedis, client, limiter, log, readModel, question, frame, schema, SSE } = require('./common');

const app = require('fastify')({ bodyLimit: 65536, keepAliveTimeout: 65000 });
const count = limiter(newRedis());
const agent = new undici.Agent({ connections: 8000, pipelining: 1, keepAliveTimeout: 30000 });

app.post('/api/widget/chat/stream', { schema }, async (req, rep) => {
  const at = Date.now();
  const c = await client(req.headers['x-api-key'] || '');
  if (!c) return rep.code(401).send({ error: 'unknown key' });
  if ((await count(c)) > c.rate) return rep.code(429).header('retry-after', 60).send({ error: 'rate limited' });
  rep.hijack();
  rep.raw.writeHead(200, SSE);
  const parts = [];
  const r = await undici.request(settings.model + '/chat/completions', {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: question(c.model, req.body.message),
  });
  await readModel(r.body, (tokens) => {
    parts.push(...tokens);
    rep.raw.write(tokens.map((text) => frame('token', { text })).join(''));
  });
  rep.raw.end(frame('done', { text: parts.join('') }));
  log({ client: c.id, question: req.body.message, answer: parts.join(''), tokens: parts.length, ms: Date.now() - at });
});
app.get('/health', async () => ({ ok: true }));
app.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });

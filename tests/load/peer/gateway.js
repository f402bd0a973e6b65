'use strict';
// Fastify: key (cached) -> rate limit in Redis -> BullMQ job -> tokens back through pub/sub -> SSE
const { randomUUID } = require('crypto');
const { Queue } = require('bullmq');
const { settings, newRedis, client, limiter, schema, SSE } = require('./common');

const app = require('fastify')({ bodyLimit: 65536, keepAliveTimeout: 65000 });
const count = limiter(newRedis());
const queue = new Queue('chat', {
  connection: newRedis(),
  defaultJobOptions: { removeOnComplete: true, removeOnFail: 1000, attempts: 1 },
});

// one channel per gateway; messages are "<job> <frames>", the last one "<job> " alone
const channel = 'gw:' + randomUUID();
const open = new Map();
const subscriber = newRedis();
subscriber.subscribe(channel);
subscriber.on('message', (_, message) => {
  const space = message.indexOf(' ');
  const job = message.slice(0, space);
  const stream = open.get(job);
  if (!stream) return;
  const frames = message.slice(space + 1);
  if (frames !== '') return stream.write(frames);
  open.delete(job);
  stream.end();
});

app.post('/api/widget/chat/stream', { schema }, async (req, rep) => {
  const c = await client(req.headers['x-api-key'] || '');
  if (!c) return rep.code(401).send({ error: 'unknown key' });
  if ((await count(c)) > c.rate) return rep.code(429).header('retry-after', 60).send({ error: 'rate limited' });
  const id = randomUUID();
  rep.hijack();
  rep.raw.writeHead(200, SSE);
  open.set(id, rep.raw);
  rep.raw.on('close', () => open.delete(id));
  await queue.add('chat', { channel, id, client: c.id, model: c.model, message: req.body.message, at: Date.now() });
});
app.get('/health', async () => ({ ok: true }));
app.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });

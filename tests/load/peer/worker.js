'use strict';
// BullMQ worker: streams from the model with undici, publishes frames once per network piece
const { Worker } = require('bullmq');
const undici = require('undici');
const { settings, newRedis, log, readModel, question, frame } = require('./common');

const at_once = 4000;
const agent = new undici.Agent({ connections: at_once, pipelining: 1, keepAliveTimeout: 30000 });
const publisher = newRedis();

async function answer(job) {
  const d = job.data;
  const parts = [];
  const r = await undici.request(settings.model + '/chat/completions', {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: question(d.model, d.message),
  });
  await readModel(r.body, (tokens) => {
    parts.push(...tokens);
    publisher.publish(d.channel, d.id + ' ' + tokens.map((text) => frame('token', { text })).join(''));
  });
  publisher.publish(d.channel, d.id + ' ' + frame('done', { text: parts.join('') }));
  publisher.publish(d.channel, d.id + ' ');
  log({ client: d.client, question: d.message, answer: parts.join(''), tokens: parts.length, ms: Date.now() - d.at });
}
const connection = newRedis({ enableAutoPipelining: false });
new Worker('chat', answer, { connection, concurrency: at_once, drainDelay: 5 }).on('error', (e) => console.error(e.message));

// The official client against the stand-in (or, with QDRANT_URL, the real thing): what it stands in
// for is what the client expects.  Leaves with 1 when anything differs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { QdrantClient } from '@qdrant/js-client-rest';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const name = `chatconnect-check-${process.pid}`;

async function open() {
  if (process.env.QDRANT_URL)
    return { url: process.env.QDRANT_URL, apiKey: process.env.QDRANT_KEY, end: () => {} };
  const child = spawn(process.execPath, [here('qdrant.mjs'), '--key', 'secret'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${String(line).match(/port (\d+)/)[1]}`,
    apiKey: 'secret',
    end: () => child.stdin.end(),
  };
}

const service = await open();
const client = new QdrantClient({ url: service.url, apiKey: service.apiKey, checkCompatibility: false });
const of = (tenant) => ({ must: [{ key: 'client_id', match: { value: tenant } }] });
const points = [
  { id: 1, vector: [1, 0, 0, 0], payload: { client_id: 'a', generation: 7, chunk: 1 } },
  { id: 2, vector: [1, 0.1, 0, 0], payload: { client_id: 'a', generation: 7, chunk: 1 } },
  { id: 3, vector: [0, 1, 0, 0], payload: { client_id: 'a', generation: 8, chunk: 2 } },
  { id: 4, vector: [1, 0, 0, 0], payload: { client_id: 'b', generation: 9, chunk: 3 } },
];
try {
  assert.equal(
    await client.createCollection(name, {
      vectors: { size: 4, distance: 'Cosine' },
      hnsw_config: { m: 0, payload_m: 16 },
    }),
    true,
  );
  assert.deepEqual(await client.collectionExists(name), { exists: true });
  await assert.rejects(
    client.createCollection(name, { vectors: { size: 4, distance: 'Cosine' } }),
    (e) => [400, 409].includes(e.status),
  );
  const index = { field_name: 'client_id', field_schema: { type: 'keyword', is_tenant: true }, wait: true };
  assert.equal((await client.createPayloadIndex(name, index)).status, 'completed');
  assert.equal((await client.upsert(name, { wait: true, points })).status, 'completed');

  const groups = await client.queryGroups(name, {
    query: [1, 0, 0, 0], group_by: 'chunk', group_size: 1, limit: 5, with_payload: false,
    filter: { must: [...of('a').must, { key: 'generation', match: { any: [7, 8] } }] },
  });
  assert.deepEqual(groups.groups.map((g) => [g.id, g.hits.length]), [[1, 1], [2, 1]]);
  assert.ok(Math.abs(groups.groups[0].hits[0].score - 1) < 1e-6, 'the best part counts');
  const found = await client.query(name, { query: [1, 0, 0, 0], limit: 9, with_payload: true, filter: of('b') });
  assert.deepEqual(found.points.map((p) => p.payload.client_id), ['b']);

  const filter = { must: [...of('a').must, { key: 'chunk', match: { any: [1, 2] } }] };
  const page = await client.scroll(name, { filter, limit: 2, with_vector: true, with_payload: ['chunk'] });
  const rest = await client.scroll(name, { filter, limit: 2, with_vector: true, offset: page.next_page_offset });
  assert.deepEqual([page.points.length, rest.points.length, rest.next_page_offset], [2, 1, null]);
  assert.equal(page.points[0].vector.length, 4);

  const stale = { must: [...of('a').must, { key: 'chunk', match: { any: [1] } }], must_not: [{ has_id: [1] }] };
  await client.delete(name, { wait: true, filter: stale });
  assert.equal((await client.count(name, { exact: true })).count, 3);
  await client.delete(name, { wait: true, filter: of('a') });
  assert.equal((await client.count(name, { exact: true })).count, 1);
  await assert.rejects(client.upsert(name, { wait: true, points: [{ id: 9, vector: [1] }] }), { status: 400 });
  await assert.rejects(client.query('chatconnect-none', { query: [1, 0, 0, 0] }), { status: 404 });
  console.log('the official client is content');
} finally {
  await client.deleteCollection(name).catch(() => {});
  service.end();
}

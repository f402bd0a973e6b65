// A stand-in for Qdrant: collections in memory, exact cosine over payload filters.
//
//     node qdrant.mjs [--port N] [--key KEY] [--contract FILE]
//
// Prints "port N" when it listens.  With a contract (Qdrant's OpenAPI description) and ajv at hand
// every body is held to its schema, with no member that the schema does not name, and a body that
// breaks it gets 422: so whoever talks to us talks to Qdrant's own description.
// GET /seen: {requests: {operation: n}, refused: [words], checked}.  It ends with its standard input.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    key: { type: 'string', default: '' },
    contract: { type: 'string', default: '' },
  },
});

const collections = new Map(); // name -> { config, points: Map(id -> { id, vector, payload }) }
const seen = { requests: {}, refused: [], checked: false };

class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

// ---- the contract ----

/** OpenAPI 3.0's "nullable" in JSON Schema's words; objects take no unnamed members. */
function asSchema(value) {
  if (Array.isArray(value)) return value.map(asSchema);
  if (!value || typeof value !== 'object') return value;
  const out = {};
  for (const [name, inner] of Object.entries(value))
    if (!['discriminator', 'deprecated'].includes(name)) out[name] = asSchema(inner);
  if (out.properties && out.additionalProperties === undefined) out.additionalProperties = false;
  if (out.nullable === true) {
    delete out.nullable;
    if (Object.keys(out).length === 0) return { type: 'null' };
    return { anyOf: [out, { type: 'null' }] };
  }
  return out;
}

async function readContract(path) {
  const { default: Ajv } = await import('ajv');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(asSchema({ $id: 'qdrant', components: document.components }));
  const checks = {};
  for (const [route, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const body = operation.requestBody?.content['application/json'].schema.$ref;
      checks[`${method.toUpperCase()} ${route}`] = {
        parameters: (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name),
        body: body ? ajv.getSchema(`qdrant${body}`) : null,
      };
    }
  seen.checked = true;
  return (operation, query, body) => {
    const check = checks[operation];
    if (!check) throw new Refusal(422, `${operation} is not in the contract`);
    for (const name of query.keys())
      if (!check.parameters.includes(name)) throw new Refusal(422, `${operation} knows no ?${name}`);
    if (check.body && !check.body(body))
      throw new Refusal(422, `${operation}: ${ajv.errorsText(check.body.errors).slice(0, 500)}`);
    if (!check.body && body !== undefined) throw new Refusal(422, `${operation} takes no body`);
  };
}

const hold = options.contract ? await readContract(options.contract) : () => {};

// ---- points ----

const list = (value) => (value === undefined || value === null ? [] : [value].flat());

function meets(point, condition) {
  if (condition.has_id) return condition.has_id.map(String).includes(point.id);
  if (!condition.key) return passes(point, condition);
  const held = list(point.payload?.[condition.key]);
  if ('value' in condition.match) return held.includes(condition.match.value);
  return held.some((one) => condition.match.any.includes(one));
}

function passes(point, filter) {
  if (!filter) return true;
  const should = list(filter.should);
  return (
    list(filter.must).every((c) => meets(point, c)) &&
    !list(filter.must_not).some((c) => meets(point, c)) &&
    (should.length === 0 || should.some((c) => meets(point, c)))
  );
}

function unit(vector) {
  const length = Math.hypot(...vector) || 1;
  return vector.map((x) => x / length);
}

function ranked(collection, { query, filter }) {
  const wanted = unit(query);
  const dot = (v) => v.reduce((sum, x, i) => sum + x * wanted[i], 0);
  return [...collection.points.values()]
    .filter((p) => passes(p, filter))
    .map((p) => ({ id: p.id, version: 1, score: dot(p.vector), payload: p.payload }))
    .sort((a, b) => b.score - a.score);
}

const shown = (hit, body) => (body.with_payload ? hit : { ...hit, payload: undefined });

function grouped(collection, body) {
  const groups = new Map();
  for (const hit of ranked(collection, body))
    for (const id of list(hit.payload?.[body.group_by])) {
      const hits = groups.get(id) ?? [];
      groups.set(id, hits);
      if (hits.length < (body.group_size ?? 3)) hits.push(shown(hit, body));
    }
  return [...groups].slice(0, body.limit ?? 10).map(([id, hits]) => ({ id, hits }));
}

// ---- operations ----

function theOne(name) {
  const found = collections.get(name);
  if (!found) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
  return found;
}

function check(collection, vector) {
  const { size } = collection.config.vectors;
  if (vector.length !== size)
    throw new Refusal(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${vector.length}`);
}

const done = { operation_id: 1, status: 'completed' };
const C = '/collections/{collection_name}';
const operations = {
  'GET /collections': () => ({ collections: [...collections.keys()].map((name) => ({ name })) }),
  [`PUT ${C}`]: (name, body) => {
    if (collections.has(name))
      throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
    collections.set(name, { config: body, points: new Map(), indexes: {} });
    return true;
  },
  [`DELETE ${C}`]: (name) => collections.delete(name),
  [`GET ${C}/exists`]: (name) => ({ exists: collections.has(name) }),
  [`PUT ${C}/index`]: (name, body) => {
    theOne(name).indexes[body.field_name] = body.field_schema;
    return done;
  },
  [`PUT ${C}/points`]: (name, body) => {
    const collection = theOne(name);
    body.points.forEach((p) => check(collection, p.vector));
    for (const p of body.points)
      collection.points.set(String(p.id), { ...p, id: String(p.id), vector: unit(p.vector) });
    return done;
  },
  [`POST ${C}/points/delete`]: (name, body) => {
    const { points } = theOne(name);
    const gone = (p) => (body.points ? body.points.map(String).includes(p.id) : passes(p, body.filter));
    for (const p of [...points.values()]) if (gone(p)) points.delete(p.id);
    return done;
  },
  [`POST ${C}/points/scroll`]: (name, body) => {
    const all = [...theOne(name).points.values()]
      .filter((p) => passes(p, body.filter))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const from = body.offset ? all.findIndex((p) => p.id >= String(body.offset)) : 0;
    const end = from + (body.limit ?? 10);
    const points = (from < 0 ? [] : all.slice(from, end)).map(({ id, vector, payload }) => ({
      id,
      payload: body.with_payload === false ? null : payload,
      vector: body.with_vector ? vector : null,
    }));
    return { points, next_page_offset: from >= 0 && all[end] ? all[end].id : null };
  },
  [`POST ${C}/points/count`]: (name, body) => ({
    count: [...theOne(name).points.values()].filter((p) => passes(p, body.filter)).length,
  }),
  [`POST ${C}/points/query`]: (name, body) => {
    const collection = theOne(name);
    check(collection, body.query);
    return { points: ranked(collection, body).slice(0, body.limit ?? 10).map((h) => shown(h, body)) };
  },
  [`POST ${C}/points/query/groups`]: (name, body) => {
    const collection = theOne(name);
    check(collection, body.query);
    return { groups: grouped(collection, body) };
  },
};

// ---- HTTP ----

function answer(request, text) {
  const url = new URL(request.url, 'http://localhost');
  const [, name, rest] = url.pathname.match(/^\/collections\/([^/]+)(\/.*)?$/) ?? [];
  const operation = `${request.method} ${name ? C + (rest ?? '') : url.pathname}`;
  const body = text ? JSON.parse(text) : undefined;
  if (operation === 'GET /seen') return { raw: seen };
  if (operation === 'GET /') return { raw: { title: 'qdrant - vector search engine', version: '1.19.0' } };
  if (options.key && request.headers['api-key'] !== options.key)
    throw new Refusal(401, 'Must provide an API key');
  if (!operations[operation]) throw new Refusal(404, 'Not found');
  seen.requests[operation] = (seen.requests[operation] ?? 0) + 1;
  hold(operation, url.searchParams, body);
  return { result: operations[operation](decodeURIComponent(name ?? ''), body) };
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    let status = 200;
    let out;
    try {
      const { raw, result } = answer(request, Buffer.concat(pieces).toString());
      out = raw ?? { usage: null, time: 0.001, status: 'ok', result };
    } catch (error) {
      status = error.status ?? 400;
      if (status === 422 || status === 400) seen.refused.push(error.message);
      out = { time: 0, status: { error: error.message } };
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(out));
  });
});
server.listen(Number(options.port), '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();

import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ID = 'doc';

/** What of an event a schema describes: [event, path into its data, schema]. */
const EVENTS = [
  ['accepted', (d) => d.answerId, 'AnswerId'],
  ['accepted', (d) => d.sessionId, 'SessionId'],
  ['sources', (d) => d.items, 'Source'],
  ['done', (d) => d.usage, 'Usage'],
  ['error', (d) => d, 'Problem'],
];

class Book {
  constructor(doc) {
    this.doc = doc;
    this.ajv = new Ajv.default({ strict: false, allErrors: true });
    formats.default(this.ajv);
    this.ajv.addSchema({ ...doc, $id: ID });
    this.patterns = Object.keys(doc.paths)
      .map((path) => ({ path, names: path.split('{').length, regexp: new RegExp('^' + path.replace(/\{\w+\}/g, '[^/]+') + '$') }))
      .sort((a, b) => a.names - b.names);
  }

  /** Follows a $ref; returns the object and its pointer. */
  at(pointer) {
    let value = this.doc;
    for (const part of pointer.split('/').slice(1))
      value = value?.[decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~')];
    return value?.$ref ? this.at(value.$ref.slice(1)) : { value, pointer };
  }

  operation(method, path) {
    const found = this.patterns.find((p) => p.regexp.test(path) && this.doc.paths[p.path][method]);
    return found && `/paths/${found.path.replace(/~/g, '~0').replace(/\//g, '~1')}/${method}`;
  }

  faults(pointer, data) {
    const ref = `${ID}#${pointer.replace(/[{}]/g, encodeURIComponent)}`;
    const validate = this.ajv.getSchema(ref) ?? this.ajv.compile({ $ref: ref });
    return validate(data) ? [] : validate.errors.map((e) => `${e.instancePath || '/'} ${e.message}`);
  }
}

function events(text) {
  return text.split('\n\n').flatMap((block) => {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    return event ? [{ event, id: /^id: (.*)$/m.exec(block)?.[1], data: JSON.parse(/^data: (.*)$/m.exec(block)[1]) }] : [];
  });
}

function streamFaults(book, text) {
  const told = events(text);
  const schema = (name) => `/components/schemas/${name}`;
  return told.flatMap((e) => [
    ...(e.id === undefined ? [] : book.faults(schema('EventId'), e.id)),
    ...EVENTS.filter(([name]) => name === e.event).flatMap(([, pick, name]) =>
      [pick(e.data)].flat().flatMap((value) => book.faults(schema(name), value)),
    ),
  ]);
}

function bodyFaults(book, response, line) {
  const type = (line.type ?? '').split(';')[0];
  const content = response.value.content;
  if (!content) return line.body ? ['has a body that is not described'] : [];
  if (!content[type]) return [`is ${type || 'of no type'}, which is not described`];
  if (type === 'text/event-stream') return streamFaults(book, line.body ?? '');
  if (!type.endsWith('json')) return [];
  return book.faults(`${response.pointer}/content/${type.replace(/\//g, '~1')}/schema`, JSON.parse(line.body));
}

function headerFaults(response, line) {
  const refused = [429, 503].includes(line.status);
  const always = Object.keys(response.value.headers ?? {}).filter((h) => h === 'Retry-After' ? refused : !h.startsWith('RateLimit-'));
  return always.filter((h) => !line.headers.includes(h.toLowerCase())).map((h) => `has no ${h}`);
}

function queryFaults(book, operation, line) {
  const { value: parameters = [] } = book.at(`${operation}/parameters`);
  const { value: security = book.doc.security } = book.at(`${operation}/security`);
  const told = parameters.map((p) => (p.$ref ? book.at(p.$ref.slice(1)).value : p)).map((p) => p.name);
  const keys = security.flatMap((s) => Object.keys(s)).map((name) => book.doc.components.securitySchemes[name].name);
  const used = [...new URLSearchParams(line.path.split('?')[1] ?? '').keys()];
  return used.filter((name) => ![...told, ...keys].includes(name)).map((name) => `request: ?${name}= is not described`);
}

/** What was taken must have been as described. */
function requestFaults(book, operation, line) {
  if (line.status >= 300) return [];
  const described = book.at(`${operation}/requestBody`);
  if (line.request === undefined || !described.value) return queryFaults(book, operation, line);
  return book.faults(`${described.pointer}/content/application~1json/schema`, line.request).map((f) => `request: ${f}`);
}

/** Errors as docs/errors.md has them. */
function codes(root) {
  const rows = readFileSync(root + 'docs/errors.md', 'utf8').matchAll(/^\| `(\w+)` \| (\d+) \| (yes|no) \|/gm);
  return new Map([...rows].map(([, code, status, again]) => [code, { status: Number(status), retryable: again === 'yes' }]));
}

function problemFaults(known, line) {
  const problem = JSON.parse(line.body);
  const row = known.get(problem.code);
  if (!row) return [`${problem.code} is not in docs/errors.md`];
  if (row.status !== problem.status || row.retryable !== problem.retryable)
    return [`${problem.code} is another status, or to be tried again or not, in docs/errors.md`];
  return [];
}

const shown = (line) => `${line.method} ${line.path.slice(0, 100)} ${line.status}`;

export function answers(doc, root, text, check) {
  const book = new Book(doc);
  const known = codes(root);
  const lines = text.split('\n').filter(Boolean).map((l) => JSON.parse(l));
  const good = new Set();
  const faults = { answer: [], request: [], problem: [] };

  for (const line of lines) {
    const problem = (line.type ?? '').startsWith('application/problem+json');
    const operation = book.operation(line.method.toLowerCase(), line.path.split('?')[0]);
    if (problem && line.method !== 'HEAD') faults.problem.push(...problemFaults(known, line).map((f) => `${shown(line)}: ${f}`));
    if (!operation) {
      if (!problem && !['HEAD', 'OPTIONS'].includes(line.method)) faults.answer.push(`${shown(line)}: nothing describes it`);
      continue;
    }
    const { value: responses } = book.at(`${operation}/responses`);
    const response = book.at(`${operation}/responses/${responses[line.status] ? line.status : 'default'}`);
    faults.answer.push(...[...bodyFaults(book, response, line), ...headerFaults(response, line)].map((f) => `${shown(line)}: ${f}`));
    faults.request.push(...requestFaults(book, operation, line).map((f) => `${shown(line)}: ${f}`));
    if (line.status < 300) good.add(operation);
  }
  check(`${lines.length} answers are as described`, faults.answer);
  check('requests that were taken are as described', faults.request);
  check('codes, statuses and retries are those of docs/errors.md', faults.problem);
  check('every described operation was seen to succeed', unseen(doc, book, good));
}

function unseen(doc, book, good) {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    ['get', 'put', 'post', 'delete', 'patch']
      .filter((m) => item[m])
      .filter((m) => !good.has(`/paths/${path.replace(/~/g, '~0').replace(/\//g, '~1')}/${m}`))
      .map((m) => `${m.toUpperCase()} ${path} was not`),
  );
}

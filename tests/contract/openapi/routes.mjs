import { readFileSync } from 'node:fs';

const ROW = /^ *\{(CC_[A-Z_ |]+), "([^"]+)", CC_DOOR_(\w+), CC_COUNT_\w+, (\w+), cc_\w+, "\w+"\},$/;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Rows of gateway/routes.c: {method, path, door, body}. */
function table(root) {
  const rows = [];
  const source = readFileSync(root + 'gateway/routes.c', 'utf8');
  const begun = source.split('\n').filter((line) => /^ *\{CC_/.test(line));

  for (const line of begun) {
    const m = ROW.exec(line);
    if (!m) throw new Error(`gateway/routes.c has a row of another form: ${line}`);
    for (const method of m[1].split('|'))
      rows.push({ method: method.trim().slice(3).toLowerCase(), path: m[2], door: m[3], body: m[4] !== '0' });
  }
  return rows;
}

function operations(doc) {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    METHODS.filter((m) => item[m]).map((method) => ({ method, path, operation: item[method], shared: item.parameters ?? [] })),
  );
}

const name = ({ method, path }) => `${method.toUpperCase()} ${path}`;

/** Which keys open it, in words. */
function opened(doc, { operation }) {
  const schemes = (operation.security ?? doc.security).flatMap((s) => Object.keys(s));
  return { public: schemes.includes('publicKey'), secret: schemes.includes('secretKey') };
}

const DOORS = {
  OPEN: { public: false, secret: false },
  PRIVATE: { public: false, secret: false },
  VISITOR: { public: true, secret: true },
  SERVER: { public: false, secret: true },
};

function doorFault(doc, row, operation) {
  const told = opened(doc, operation);
  const wanted = row.path.includes('{key}') ? DOORS.OPEN : DOORS[row.door]; // the key is in the path
  if (told.public !== wanted.public) return `${name(row)}: a public key opens it here or there only`;
  if (told.secret !== wanted.secret) return `${name(row)}: a secret key opens it here or there only`;
  return null;
}

function parameterFaults(operation) {
  const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
  return named
    .filter((n) => !JSON.stringify([...operation.shared, ...(operation.operation.parameters ?? [])]).toLowerCase().includes(n.toLowerCase()))
    .map((n) => `${name(operation)}: {${n}} is not described`);
}

export function routes(doc, root, check) {
  const rows = table(root);
  const told = operations(doc);
  const find = (list, one) => list.find((x) => name(x) === name(one));
  const pairs = rows.map((row) => [row, find(told, row)]).filter(([, operation]) => operation);

  check('the table of routes has rows', rows.length > 20 ? [] : [`${rows.length} were found`]);
  check(
    `every one of ${rows.length} routes is described`,
    rows.filter((row) => !find(told, row)).map((row) => `${name(row)} is not`),
  );
  check(
    `every one of ${told.length} described operations is a route`,
    told.filter((operation) => !find(rows, operation)).map((operation) => `${name(operation)} is not`),
  );
  check(
    'the described credentials are those of the door',
    pairs.map(([row, operation]) => doorFault(doc, row, operation)).filter(Boolean),
  );
  check(
    'a described body is one that is read',
    pairs.filter(([row, { operation }]) => operation.requestBody && !row.body).map(([row]) => `${name(row)} reads none`),
  );
  check('every {name} in a path is described', told.flatMap(parameterFaults));
}

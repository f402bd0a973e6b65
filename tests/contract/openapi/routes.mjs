import { execFileSync } from 'node:child_process';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Rows of gateway/routes.c, as the gateway tells them: {method, path, door, right, body}. */
function table(gateway) {
  const rows = JSON.parse(execFileSync(gateway, ['--routes'], { encoding: 'utf8' }));
  return rows.map((r) => ({ method: r.method.toLowerCase(), path: r.pattern, door: r.door, right: r.right, body: r.bodyCap > 0 }));
}

function operations(doc) {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    METHODS.filter((m) => item[m]).map((method) => ({ method, path, operation: item[method], shared: item.parameters ?? [] })),
  );
}

const name = ({ method, path }) => `${method.toUpperCase()} ${path}`;

/** Ways in that a door has, each as the schemes that are wanted together. */
const DOORS = {
  open: [],
  private: [],
  visitor: ['publicKey', 'secretKey'],
  office: ['secretKey', 'loginToken', 'session'],
  person: ['loginToken', 'session'],
  inside: ['internalSecret'],
};
/** Other places for the same credential, where a client has no choice. */
const ELSEWHERE = {
  publicKeyQuery: ['visitor', 'get'],
  publicKeyProtocol: ['visitor', 'get'],
  secretKeyProtocol: ['office', 'get'],
};

function waysOf(row) {
  const changes = row.method !== 'get';
  const door = row.path.includes('{key}') ? 'open' : row.door; // the key is in the path
  return DOORS[door].map((way) => (way === 'session' && changes ? 'csrf+session' : way)).sort();
}

function doorFault(doc, row, { operation }) {
  const told = (operation.security ?? doc.security).map((s) => Object.keys(s).sort().join('+')).filter(Boolean);
  const odd = told.filter((way) => ELSEWHERE[way] && ELSEWHERE[way].join() !== [row.door, row.method].join());
  const ways = told.filter((way) => !ELSEWHERE[way]).sort();
  const wanted = waysOf(row);
  if (odd.length) return `${name(row)}: ${odd} is no way in here`;
  return ways.join() === wanted.join() ? null : `${name(row)}: opened by ${ways}, the gateway's door by ${wanted}`;
}

function parameterFaults(operation) {
  const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
  return named
    .filter((n) => !JSON.stringify([...operation.shared, ...(operation.operation.parameters ?? [])]).toLowerCase().includes(n.toLowerCase()))
    .map((n) => `${name(operation)}: {${n}} is not described`);
}

export function routes(doc, gateway, check) {
  const rows = table(gateway);
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

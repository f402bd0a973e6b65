#!/usr/bin/env python3
"""wrong_input - what docs/openapi.yaml does not allow, sent to every route by one who may call it.

usage: tests/support/servers --migrate -- python3 tests/contract/wrong_input.py [--requests N] [--seed N]

Every answer is a problem object with a 4xx that names what is wrong; a gateway never falls.  What is
wrong is made of the schemas: one thing at a time first, then several at once, at random (the seed is
printed).  Where the gateway takes what is sent (KINDNESS says why), a 2xx is right as well.
"""
import argparse
import os
import random
import re
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'isolation'))
import described
import tables
import talk
import wrong_values
from house import House, h, scenery
from tenants import Tenant, bearer

PARAM = re.compile(r'\{(\w+)\}')
DEEP = b'{"a":' * 40 + b'1' + b'}' * 40
BODIES = {
    'no JSON': b'{"a": 1',
    'two values': b'{} {}',
    'nothing': b'',
    'a list': b'[]',
    'a text': b'"x"',
    'null': b'null',
    'too deep': DEEP,
    'the same member twice': b'{"a": 1, "a": 2}',
    'no UTF-8': b'{"a": "\xff"}',
    'a NUL': b'{"a": 1}\0',
    'a form': b'a=1&b=2',
}
PATHS = ('x', 'doc_', '0' * 36, 'ten_' + 'G' * 32, '%00', '%ff%fe', '%F0%9F%98%80', '..%2f..', "'--", 'a' * 3000, '%')
OWN_NAME = re.compile(r'(?!ses_)[A-Za-z0-9_-]{8,128}')
NAMES = ('noSuchMember', '__proto__', 'a' * 300, 'tenant_id', 'id\u00e9')
HEADERS = {
    'Idempotency-Key': ('x' * 65, 'a b', '\xe4'),
    'If-Match': ('x', '"1', '"-1"', '"99999999999999999999"'),
    'Last-Event-ID': ('x', '1', '-1-1', '1-' + '9' * 40),
}
# What is taken though it is not described: (kind of wrong) -> reason.
KINDNESS = {
    'null': 'a member that may be left out may be null',
    'unknown query': 'proxies and trackers add theirs',
    'content type': 'the body is read as what the route wants',
    'words': 'what is only compared may be any words',
}
ONLY_COMPARED = {'texts', 'tags', 'documentIds', 'fileType', 'filename', 'message', 'password', 'newPassword', 'currentPassword'}
SECRETS = {'token', 'refreshToken'}  # one that is not right opens nothing: 401
BY_SERVER = {414, 431}  # told as too_large, before there is a route
# Their own success would take away what the others need.
SPENDING = re.compile(r'^(DELETE|POST /api/auth/|POST .*/(rotate|restore|publish)$)')


class Wrong:
    """One request: what is wrong with it, and the names of which one must be told."""

    def __init__(self, operation, words, names=(), kind='', **parts):
        self.operation, self.words, self.names, self.kind, self.parts = operation, words, names, kind, parts


def member_at(body, names):
    for name in names:
        body = body.setdefault(name, {}) if not isinstance(body.get(name), dict) else body[name]
    return body


def changed(body, dotted, value):
    """A copy of the body in which one member is something else."""
    first, _, rest = dotted.partition('.')
    inner = body.get(first)
    if rest and isinstance(inner, list):
        value = [changed(x if isinstance(x, dict) else {}, rest, value) for x in inner] or [changed({}, rest, value)]
    elif rest:
        value = changed(inner if isinstance(inner, dict) else {}, rest, value)
    return {**body, first: value}


def members(schema, before='', listed=False):
    """(dotted name, schema, required) of what can be reached through objects and lists of them."""
    for name, member in schema.get('properties', {}).items():
        yield before + name, member, name in schema.get('required', ()), listed
        one = wrong_values.plain(member) or {}
        yield from members(one, before + name + '.', listed)
        if 'items' in one:
            yield from members(one['items'], before + name + '.', True)


def wrong_bodies(operation, body):
    if operation.body is None:
        return
    for dotted, schema, required, listed in members(operation.body):
        names = dotted.split('.')
        base = body if not listed else changed(body, names[0], [described.good(operation.body['properties'][names[0]].get('items', {}))])
        for words, value in wrong_values.wrong(schema):
            loose = names[-1] in ONLY_COMPARED and ('white space' in words or 'control' in words)
            kind = 'words' if loose else ''
            yield Wrong(operation, f'{dotted} is {words}', names, kind, body=changed(base, dotted, value))
        if not described.kinds(schema) & {'null'}:
            kind = '' if required else 'null'
            yield Wrong(operation, f'{dotted} is null', names, kind, body=changed(base, dotted, None))
        if required and '.' not in dotted:
            yield Wrong(operation, f'{dotted} is missing', names, body={k: v for k, v in body.items() if k != dotted})
    if operation.body.get('additionalProperties') is False:
        for name in NAMES:
            yield Wrong(operation, f'{name[:20]} is unknown', [name[:90]], body={**body, name: 1})
    for words, raw in BODIES.items():
        if raw or operation.wants_body:
            yield Wrong(operation, f'the body is {words}', raw=raw)
    yield Wrong(operation, 'the content type is another', kind='content type', body=body, type='text/plain')


def wrong_queries(operation):
    for p in operation.of('query'):
        for words, value in wrong_values.wrong_query(p.schema):
            yield Wrong(operation, f'?{p.name} is {words}', [p.name], query={p.name: value})
        if p.required:
            yield Wrong(operation, f'?{p.name} is missing', [p.name], query={p.name: None})
    yield Wrong(operation, 'an unknown ?name', kind='unknown query', query={'noSuchName': '1'})
    yield Wrong(operation, 'a broken query', kind='unknown query', raw_query='%zz=%ff&&=&a=%00')


def wrong_paths(operation):
    for name in PARAM.findall(operation.path):
        for value in PATHS:
            if name == 'sessionId' and OWN_NAME.fullmatch(value):
                continue  # a client may call a conversation so
            yield Wrong(operation, f'{{{name}}} is {value[:12]}', path={name: value})


def wrong_headers(operation):
    for p in operation.of('header'):
        for value in HEADERS.get(p.name, ()):
            yield Wrong(operation, f'{p.name} is {value[:12]}', [p.name], headers={p.name: value})
    yield Wrong(operation, 'headers are too large', headers={'x-much': 'x' * 17000})
    if operation.method == 'GET':
        yield Wrong(operation, 'a GET has a body', raw=b'{}')


def all_wrong(operation, body):
    for made in (wrong_bodies(operation, body), wrong_queries(operation), wrong_paths(operation), wrong_headers(operation)):
        for w in made:
            if not (w.kind and SPENDING.match(operation.words)):
                yield w


class Client:
    """Sends them as one who may."""

    def __init__(self, house, tenant, routes):
        self.house, self.tenant = house, tenant
        self.doors = {f'{r["method"]} {r["pattern"]}': r['door'] for r in routes}
        self.passes = {
            'visitor': {'x-api-key': tenant.public},
            'office': bearer(tenant.owner.access),
            'person': bearer(tenant.owner.access),
            'inside': {'x-internal-secret': scenery.INTERNAL},
        }

    def body(self, operation):
        made = tables.BODIES.get(operation.words)
        return made(self.tenant) if made else operation.good_body()

    def path(self, operation, other):
        def one(m):
            attribute = tables.path_row(operation.path, m[1])
            return other.get(m[1]) or (self.tenant.public if attribute is None else tables.value(self.tenant, attribute))

        return PARAM.sub(one, operation.path)

    def send(self, w):
        o, parts = w.operation, w.parts
        query = {p.name: described.good(p.schema) for p in o.of('query') if p.required}
        query.update(parts.get('query', {}))
        path = self.path(o, parts.get('path', {}))
        text = parts.get('raw_query') or urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        body = parts.get('raw')
        if body is None:
            given = parts.get('body', self.body(o))
            body = None if given is None else wrong_values.dump(given)
        if o.path.endswith('{key}'):  # there the credential is the path
            headers = {}
        else:
            headers = self.passes.get(self.doors[o.words], {})
        headers = {**headers, **parts.get('headers', {})}
        headers = {k: v.encode('latin-1') for k, v in headers.items()}
        if body is not None:
            headers['content-type'] = parts.get('type', 'application/json')
        return talk.send(self.house.port, o.method, path + ('?' + text if text else ''), body=body, headers=headers)


def faults(w, answer, codes):
    """What is wrong with an answer; '' when nothing is."""
    if w.kind and answer.status < 300:
        return ''
    if not 400 <= answer.status < 500:
        return 'is no 4xx'
    if answer.status == 401 and set(w.names) & SECRETS or w.operation.path.endswith('{key}'):
        return ''
    if answer.status in (401, 403, 429):
        return 'refuses one who may'
    if answer.type != 'application/problem+json':
        return f'is {answer.type}'
    problem = answer.json
    status = 413 if answer.status in BY_SERVER else answer.status
    if codes.get(problem.get('code')) != status or problem.get('status') != answer.status:
        return 'is a code of another status'
    if not problem.get('detail'):
        return 'has no words'
    if problem['detail'].startswith('JSON: line '):
        return ''  # where the text is no JSON, the place is told
    if answer.status in (400, 422) and w.names and not any(told(name, problem['detail']) for name in w.names):
        return f'names none of {w.names}'
    return ''


def told(name, detail):
    return name.lower() in detail.lower()


def several(rng, pool):
    """Two or three wrong members of one body at once."""
    first = rng.choice(pool)
    same = [w for w in pool if w.operation is first.operation]
    parts, names = dict(first.parts['body']), list(first.names)
    for w in rng.sample(same, min(len(same), rng.choice((1, 2)))):
        for name in w.names[:1]:
            if name in w.parts['body']:
                parts[name] = w.parts['body'][name]
        names += w.names
    return Wrong(first.operation, f'{first.words}, and more', names, body=parts)


def requests_of(client, operations, n, rng):
    one = [w for o in operations for w in all_wrong(o, client.body(o) or {})]
    print(f'{len(one)} ways to be wrong', flush=True)
    pool = [w for w in one if 'body' in w.parts and w.names and not w.kind]
    rng.shuffle(one)
    yield from one[:n]
    for _ in range(n - len(one)):
        yield several(rng, pool)


def error_codes():
    with open(os.path.join(h.ROOT, 'docs/errors.md')) as f:
        return {m[1]: int(m[2]) for m in re.finditer(r'^\| `(\w+)` \| (\d+) \|', f.read(), re.M)}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--requests', type=int, default=2000)
    p.add_argument('--seed', type=int, default=random.randrange(2**32))
    p.add_argument('--only', default='')
    args = p.parse_args()
    print(f'seed {args.seed}', flush=True)
    rng, checks, house, codes = random.Random(args.seed), h.Checks(), House(), error_codes()
    tenant = Tenant(house, 'one')
    client = Client(house, tenant, house.routes())
    operations = [o for o in described.Book().operations if o.words in client.doors and re.search(args.only, o.words)]
    before, found, sent = h.family(house.fleet.procs['gateway'].pid), {}, 0
    for w in requests_of(client, operations, args.requests, rng):
        answer = client.send(w)
        sent += 1
        fault = faults(w, answer, codes)
        if fault:
            found.setdefault(w.operation.words, []).append(f'{w.words}: {fault}: {answer!r}'[:300])
    for words, lines in sorted(found.items()):
        print(f'     {words}: {len(lines)}\n       ' + '\n       '.join(lines[:12]), flush=True)
    checks.check(f'{sent} wrong requests to {len(operations)} routes were refused in words', not found, f'{sum(map(len, found.values()))} were not')
    checks.check('every process is the one it was', h.family(house.fleet.procs['gateway'].pid) == before)
    checks.check('one that is right works after all', tenant.owner.alive())
    house.end()
    checks.check('every process ended by itself, with 0', not any(p.returncode for p in house.fleet.procs.values()))
    checks.end()


if __name__ == '__main__':
    main()

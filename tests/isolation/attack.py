"""attack - every call that one tenant makes with the ids of another, and what must come of it."""
import http.client
import itertools
import json
import re
import urllib.parse

import tables
import tenants
from house import scenery

import talk

PARAM = re.compile(r'\{(\w+)\}')
# The door decides; who lacks the right is told so, whatever the ids are.
REFUSED = {401, 403}


class Call:
    """One request: which of its ids are foreign, and what is right for those who may call it."""

    def __init__(self, operation, foreign=(), member=None, right=frozenset(range(200, 500))):
        self.operation, self.foreign, self.member, self.right = operation, set(foreign), member, right

    def path(self, own, other):
        def one(m):
            attribute = tables.path_row(self.operation.path, m[1])
            return 'x' if attribute is None else tables.value(other if m[1] in self.foreign else own, attribute)

        return PARAM.sub(one, self.operation.path)

    def body(self, own):
        if self.operation.words in tables.FILES:
            return talk.multipart([tables.FILES[self.operation.words]])[0]
        if self.operation.words in tables.BODIES:
            return tables.BODIES[self.operation.words](own)
        return self.operation.good_body()

    def request(self, own, other):
        """(path, body, headers)"""
        path, body, headers, query = self.path(own, other), self.body(own), {}, {}
        if isinstance(body, bytes):
            headers['content-type'] = talk.multipart([])[1]
        for p in self.operation.of('query'):
            if p.required:
                query[p.name] = 'Where is it?'
        if self.member:
            place, name, attribute = self.member
            value = tables.value(other, attribute)
            if place == 'body':
                body = planted(body or {}, name.split('.'), value)
            else:
                (query if place == 'query' else headers)[name] = value
        return path + ('?' + urllib.parse.urlencode(query) if query else ''), body, headers

    def words(self):
        what = sorted(self.foreign) + ([f'{self.member[1]} ({self.member[0]})'] if self.member else [])
        return f'{self.operation.words}, foreign: {", ".join(what) or "none"}'


def planted(body, names, value):
    if not names:
        return value
    return {**body, names[0]: planted(body.get(names[0]) or {}, names[1:], value)}


def calls_of(operation):
    """Every way to name what is another's; and without, where that changes nothing."""
    names = [n for n in PARAM.findall(operation.path) if tables.path_row(operation.path, n) is not None]
    whose = [n for n in names if n not in tables.NUMBERS]
    for n in range(1, len(whose) + 1):
        for foreign in itertools.combinations(whose, n):
            yield Call(operation, foreign, right=tables.GONE)
    for place, name in tables.members_of(operation):
        row = tables.member_row(operation, place, name)
        if row:
            yield Call(operation, member=(place, name, row[0]), right=row[1])
    if operation.method == 'GET' or not names:
        yield Call(operation)


class Attack:
    """own against other; tells what was answered wrongly and what was given away."""

    def __init__(self, house, own, other, routes):
        self.house, self.own, self.other = house, own, other
        self.rows = {(r['method'], r['pattern']): r for r in routes}
        self.wrong, self.leaks, self.made = [], [], 0
        self.seen = set()

    def may(self, row, rights, kind):
        if row['door'] in ('inside', 'private'):
            return False
        if row['door'] == 'open' or kind == 'nobody':
            return row['door'] == 'open'
        if kind == 'person' and row['door'] == 'visitor' or kind == 'key' and row['door'] == 'person':
            return False
        return not row['right'] or row['right'] in rights

    def send(self, call, name, headers, allowed):
        path, body, more = call.request(self.own, self.other)
        self.made += 1
        try:
            a = self.house.send(call.operation.method, path, body=body, headers={**headers, **more}, timeout=60)
        except (http.client.HTTPException, OSError) as e:
            self.wrong.append(f'{name}: {call.words()}: broke off: {e!r}')
            return
        self.judge(call, name, a, allowed)

    def judge(self, call, name, answer, allowed):
        right = call.right if allowed else REFUSED | {404}
        if name == tenants.BOUND:
            right = set(right) | REFUSED  # some things are for keys of all bots
        if call.operation.path.startswith('/metrics') or not call.foreign and not call.member:
            right = range(200, 500)
        if answer.status not in right:
            self.wrong.append(f'{name}: {call.words()}: {answer!r}'[:400])
        if allowed and answer.status == 404:
            self.seen.add(call.operation.words)
        self.look(f'{name}: {call.words()}', answer)

    def look(self, where, answer):
        """Body and headers hold nothing of the other's."""
        text = answer.body.decode(errors='replace') + json.dumps(answer.headers)
        if self.other.mark in text:
            at = text.index(self.other.mark)
            self.leaks.append(f'{where}: {text[max(0, at - 60) : at + 60]}')

    def run(self, operations):
        credentials = {**self.own.credentials(), 'nobody': ({}, set(), 'nobody')}
        secret = {'x-internal-secret': scenery.INTERNAL}
        for operation in operations:
            row = self.rows[operation.method, operation.path]
            for call in calls_of(operation):
                for name, (headers, rights, kind) in credentials.items():
                    allowed = self.may(row, rights, kind)
                    self.send(call, name, self.fresh(operation, headers, name), allowed)
                if row['door'] == 'inside' and call.member:
                    self.send(call, 'internal secret', secret, True)
        return self

    def fresh(self, operation, headers, name):
        """What a call may use up is not what the next needs."""
        spends = operation.path.startswith('/api/auth/') and operation.method != 'GET'
        if spends and name in self.own.members:
            return tenants.bearer(self.own.members[name].other_login().access)
        if spends and name == tenants.COOKIE:
            return self.own.cookie(self.own.owner.other_login())
        return headers

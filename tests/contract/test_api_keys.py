"""API keys of a tenant: made, listed, narrowed, rotated, revoked; nobody gives what he has not."""
import re
import time

import harness as h
import scene as scenery
from people import Person

NOBODY = 'key_' + '0' * 32
MEMBERS = (
    'botId createdAt createdBy expiresAt hint id kind name replacedBy requestsPerMinute revokedAt scopes state'
).split()
CONFIG = '/api/widget/config'


def owner(s):
    if not hasattr(s, 'keys_owner'):
        s.keys_owner = Person(s, 'keys').register()
        s.keys_base = f'/api/dashboard/clients/{s.keys_owner.tenant}/keys'
    return s.keys_owner


def add(s, kind='secret', **more):
    person = owner(s)
    return person.send('POST', s.keys_base, body=dict(kind=kind, **more))


def made(s, *scopes, bot=None):
    """By the operator."""
    words = [w for scope in scopes for w in ('--scope', scope)] + (['--bot', bot] if bot else [])
    return scenery.made('key', 'add', owner(s).tenant, '--secret', *words)


def in_seconds(n):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + n))


def test_a_new_one(s):
    a = add(s, name='Server')
    x = a.json
    s.same('a secret key', (a.status, x['kind'], x['name'], x['state']), (201, 'secret', 'Server', 'active'))
    s.same('... with its members, and itself this once', sorted(x), sorted(MEMBERS + ['key']))
    s.same('... good for what keys usually are', x['scopes'], ['chat', 'read', 'converse', 'edit'])
    s.same('... of all bots, without end', (x['botId'], x['expiresAt'], x['requestsPerMinute']), (None,) * 3)
    s.same('... by whom', x['createdBy'], owner(s).id)
    s.check('... told by its hint', x['hint'].endswith(x['key'][-4:]) and x['key'] not in x['hint'], x['hint'])
    s.same('it opens', s.send('GET', s.keys_base, key=x['key']).status, 200)
    got = owner(s).send('GET', f'{s.keys_base}/{x["id"]}').json
    s.same('it is read without itself', got, {k: v for k, v in x.items() if k != 'key'})
    listed = owner(s).send('GET', s.keys_base)
    s.check('... and listed so', got in listed.json['items'] and x['key'] not in listed.body.decode(), listed)
    s.check(
        'it is nowhere in the table',
        not h.sql(f"SELECT 1 FROM api_keys k WHERE strpos(k::text, '{x['key'][8:]}') > 0"),
    )
    page = owner(s).send('GET', s.keys_base + '?limit=1').json
    rest = owner(s).send('GET', f'{s.keys_base}?cursor={page["nextCursor"]}').json['items']
    s.same('in pages', page['items'] + rest, listed.json['items'])


def test_a_public_one(s):
    bot = owner(s).send('GET', '/api/bots').json['items'][0]['id']
    owner(s).send('PUT', f'/api/bots/{bot}', body=dict(serverUse=True))
    a = add(s, 'public', botId=bot, scopes=['chat'])
    x = a.json
    s.same('a public key', (a.status, x['kind'], x['scopes'], x['botId']), (201, 'public', ['chat'], bot))
    s.same('it chats', s.send('GET', CONFIG, key=x['key']).status, 200)
    s.problem('... and nothing else', s.send('GET', s.keys_base, key=x['key']), 403, 'forbidden')
    a = add(s, 'public', scopes=['chat', 'read'])
    s.problem('with more rights', a, 400, 'invalid_request')
    s.check('... names the member', 'scopes' in a.json['detail'], a)
    a = owner(s).send('PATCH', f'{s.keys_base}/{x["id"]}', body=dict(scopes=['read']))
    s.problem('... nor later', a, 400, 'invalid_request')


def test_scopes(s):
    reader = add(s, scopes=['read']).json
    s.same('only what it was given', reader['scopes'], ['read'])
    s.same('a reader reads', s.send('GET', '/api/bots', key=reader['key']).status, 200)
    s.problem(
        '... and makes nothing',
        s.send('POST', '/api/bots', key=reader['key'], body=dict(name='x')),
        403,
        'forbidden',
    )
    s.problem('... does not chat', s.send('GET', CONFIG, key=reader['key']), 403, 'forbidden')
    s.problem(
        '... makes no keys',
        s.send('POST', s.keys_base, key=reader['key'], body=dict(kind='public')),
        403,
        'forbidden',
    )
    manager = made(s, 'read', 'manage')
    give = lambda *scopes: s.send('POST', s.keys_base, key=manager['key'], body=dict(kind='secret', scopes=scopes))
    s.same('who may manage gives what he has', give('read', 'manage').status, 201)
    s.same('... and chat, which all may', give('chat').status, 201)
    for scope in ('edit', 'converse', 'own'):
        a = give('read', scope)
        s.problem(f'... but not {scope}, which he has not', a, 403, 'forbidden')
        s.check('... and is told', 'scopes' in a.json['detail'] and scope in a.json['detail'], a)
    a = s.send('POST', s.keys_base, key=manager['key'], body=dict(kind='secret'))
    s.same('... nor without a word', (a.status, a.json['scopes']), (201, ['chat', 'read']))
    strong = add(s, scopes=['read', 'edit']).json
    path = f'{s.keys_base}/{strong["id"]}'
    for method, tail, body in (('POST', '/rotate', {}), ('PATCH', '', dict(scopes=['read']))):
        a = s.send(method, path + tail, key=manager['key'], body=body)
        s.problem(f'{method}{tail} of a key that may more', a, 403, 'forbidden')
    s.same('... but he may take it away', s.send('DELETE', path, key=manager['key']).status, 204)
    weak = s.send('POST', s.keys_base, key=manager['key'], body=dict(kind='secret', scopes=['read'])).json
    a = s.send('PATCH', f'{s.keys_base}/{weak["id"]}', key=manager['key'], body=dict(scopes=['read', 'edit']))
    s.problem('nor widens one', a, 403, 'forbidden')


def test_changes(s):
    x = add(s, name='Old', requestsPerMinute=50).json
    path = f'{s.keys_base}/{x["id"]}'
    a = owner(s).send('PATCH', path, body=dict(name='New', scopes=['read', 'chat'], expiresAt=in_seconds(3600)))
    s.same(
        'name, scopes, end',
        (a.status, a.json['name'], a.json['scopes'], a.json['requestsPerMinute'], bool(a.json['expiresAt'])),
        (200, 'New', ['chat', 'read'], 50, True),
    )
    a = owner(s).send('PATCH', path, body=dict(requestsPerMinute=None, expiresAt=None))
    s.same(
        'null takes away', (a.json['requestsPerMinute'], a.json['expiresAt'], a.json['name']), (None, None, 'New')
    )
    s.same('it opens', s.send('GET', '/api/bots', key=x['key']).status, 200)
    owner(s).send('PATCH', path, body=dict(scopes=['chat']))
    ask = lambda: s.send('GET', '/api/bots', key=x['key'])
    s.problem('a right that was taken within 5 s', s.until(ask, lambda a: a.status == 403, 5), 403, 'forbidden')


def test_the_end(s):
    x = add(s, expiresAt=in_seconds(3)).json
    s.same('a key with an end opens', s.send('GET', '/api/bots', key=x['key']).status, 200)
    ask = lambda: s.send('GET', '/api/bots', key=x['key'])
    began = time.monotonic()
    s.problem(
        '... until then, although it is kept', s.until(ask, lambda a: a.status == 401, 8), 401, 'unauthorized'
    )
    s.check('... and no longer', time.monotonic() - began < 7, time.monotonic() - began)
    got = owner(s).send('GET', f'{s.keys_base}/{x["id"]}').json
    s.same('it is told', got['state'], 'expired')
    for method, tail, body in (('PATCH', '', dict(name='x')), ('POST', '/rotate', {})):
        a = owner(s).send(method, f'{s.keys_base}/{x["id"]}{tail}', body=body)
        s.problem(f'{method}{tail} of it', a, 409, 'conflict')


def test_rotation(s):
    old = add(s, name='Turns', scopes=['read'], requestsPerMinute=77).json
    path = f'{s.keys_base}/{old["id"]}'
    a = owner(s).send('POST', path + '/rotate', body=dict(graceSeconds=600))
    new = a.json
    s.same(
        'another key of the same rights',
        (a.status, new['name'], new['scopes'], new['requestsPerMinute'], new['expiresAt']),
        (201, 'Turns', ['read'], 77, None),
    )
    s.check('... with another id and other words', new['id'] != old['id'] and new['key'] != old['key'])
    s.same('both open', [s.send('GET', '/api/bots', key=k['key']).status for k in (old, new)], [200, 200])
    got = owner(s).send('GET', path).json
    s.check('the old one ends, and names the new one', got['expiresAt'] and got['replacedBy'] == new['id'], got)
    s.problem('once', owner(s).send('POST', path + '/rotate'), 409, 'conflict')
    a = owner(s).send('POST', f'{s.keys_base}/{new["id"]}/rotate', body=dict(graceSeconds=0))
    s.same('without a grace', a.status, 201)
    for name, port in s.ports.items():
        ask = lambda: s.send('GET', '/api/bots', key=new['key'], port=port)
        gone = s.until(ask, lambda a: a.status == 401, 5)
        s.problem(f'... the old one is refused within 5 s, gateway {name}', gone, 401, 'unauthorized')
    s.same('... the new one is not', s.send('GET', '/api/bots', key=a.json['key']).status, 200)
    for grace in (-1, 604801, 'x', 1.5):
        a = owner(s).send('POST', path + '/rotate', body=dict(graceSeconds=grace))
        s.problem(f'graceSeconds {grace}', a, 400, 'invalid_request')
        s.check('... names it', 'graceSeconds' in a.json['detail'], a)


def test_revocation(s):
    x = add(s).json
    for port in s.ports.values():
        s.same('it opens', s.send('GET', '/api/bots', key=x['key'], port=port).status, 200)
    s.same('revoked', owner(s).send('DELETE', f'{s.keys_base}/{x["id"]}').status, 204)
    for name, port in s.ports.items():
        gone = s.until(lambda: s.send('GET', '/api/bots', key=x['key'], port=port), lambda a: a.status == 401, 5)
        s.problem(f'refused within 5 s, gateway {name}', gone, 401, 'unauthorized')
    got = owner(s).send('GET', f'{s.keys_base}/{x["id"]}').json
    s.check('it is told', got['state'] == 'revoked' and got['revokedAt'], got)
    s.same('again', owner(s).send('DELETE', f'{s.keys_base}/{x["id"]}').status, 204)


def test_a_bound_key(s):
    bots = [owner(s).send('POST', '/api/bots', body=dict(name=n)).json['id'] for n in 'ab']
    key = made(s, 'read', 'manage', bot=bots[0])
    send = lambda method, tail='', **more: s.send(method, s.keys_base + tail, key=key['key'], **more)
    other, all_bots = add(s, botId=bots[1]).json, add(s).json
    s.same('sees keys of its bot alone', {k['botId'] for k in send('GET').json['items']}, {bots[0]})
    for x in (other, all_bots):
        for method, tail, body in (
            ('GET', '', None),
            ('PATCH', '', dict(name='x')),
            ('DELETE', '', None),
            ('POST', '/rotate', {}),
        ):
            s.problem(f'{method}{tail} of another', send(method, f'/{x["id"]}{tail}', body=body), 404, 'not_found')
    a = send('POST', body=dict(kind='secret', scopes=['read']))
    s.same('makes them for its bot alone', (a.status, a.json['botId']), (201, bots[0]))
    a = send('POST', body=dict(kind='public', botId=bots[1]))
    s.problem('... not for others', a, 404, 'not_found')
    s.problem('?botId= of another', send('GET', f'?botId={bots[1]}'), 404, 'not_found')
    got = owner(s).send('GET', f'{s.keys_base}?botId={bots[1]}').json['items']
    s.same('?botId= lists those of a bot', [k['id'] for k in got], [other['id']])
    base = s.keys_base.rsplit('/', 1)[0]
    for method, path, body in (
        ('PATCH', base, dict(name='Mine')),
        ('PUT', '/api/admin/llm/config', dict(defaults=dict(provider='ollama', model='m'))),
        ('GET', base + '/audit', None),
        ('GET', base + '/members', None),
        ('GET', base + '/invitations', None),
    ):
        a = s.send(method, path, key=key['key'], body=body)
        s.problem(f'{method} {path.split("/")[-1]}: what is all bots\'', a, 403, 'forbidden')


def test_what_is_wrong(s):
    for body, named in (
        (dict(), 'kind'),
        (dict(kind='golden'), 'kind'),
        (dict(kind='secret', scopes=[]), 'scopes'),
        (dict(kind='secret', scopes=['rule']), 'scopes'),
        (dict(kind='secret', scopes='read'), 'scopes'),
        (dict(kind='secret', name='x' * 101), 'name'),
        (dict(kind='secret', expiresAt='soon, very soon'), 'expiresAt'),
        (dict(kind='secret', expiresAt='2020-01-01T00:00:00Z'), 'expiresAt'),
        (dict(kind='secret', expiresAt=5), 'expiresAt'),
        (dict(kind='secret', requestsPerMinute=0), 'requestsPerMinute'),
        (dict(kind='secret', requestsPerMinute='x'), 'requestsPerMinute'),
        (dict(kind='secret', botId=5), 'botId'),
        (dict(kind='secret', key='sk_live_mine'), 'key'),
    ):
        a = owner(s).send('POST', s.keys_base, body=body)
        s.problem(f'{str(body)[:50]}', a, 400, 'invalid_request')
        s.check('... names the field', re.search(rf'\b{named}\b', a.json['detail']), a)
    for bot in (s.foreign.id, 'bot_' + '0' * 32, 'x'):
        s.problem(f'of bot {bot[:8]}', add(s, botId=bot), 404, 'not_found')
    theirs = scenery.made('key', 'add', s.house, '--secret')['keyId']
    for bad in (NOBODY, theirs, 'key_x'):
        for method, tail, body in (
            ('GET', '', None),
            ('PATCH', '', dict(name='x')),
            ('DELETE', '', None),
            ('POST', '/rotate', {}),
        ):
            a = owner(s).send(method, f'{s.keys_base}/{bad}{tail}', body=body)
            s.problem(f'{method}{tail} of {bad[:8]}', a, 404, 'not_found')
    s.problem(
        'of another client', owner(s).send('GET', f'/api/dashboard/clients/{s.house}/keys'), 404, 'not_found'
    )
    for query in ('?limit=0', '?cursor=x'):
        s.problem(f'list {query}', owner(s).send('GET', s.keys_base + query), 400, 'invalid_request')

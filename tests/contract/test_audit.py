"""Who changed what: one entry for each change, none for what was read or refused."""
import scene as scenery
import talk
from people import Person

ENTRY = 'action actor address afterHash at beforeHash changed id noun rowId'.split()


def owner(s):
    if not hasattr(s, 'audit_owner'):
        s.audit_owner = Person(s, 'audit').register()
    return s.audit_owner


def log(s, query=''):
    return owner(s).send('GET', f'/api/dashboard/clients/{owner(s).tenant}/audit{query}')


def newest(s):
    items = log(s, '?limit=1').json['items']
    return int(items[0]['id']) if items else 0


def since(s, last):
    return [e for e in log(s, '?limit=100').json['items'] if int(e['id']) > last]


def watched(s, words, act, noun, action, changed=None, row=None, count=1):
    """act() leaves so many entries of the noun; the answer of act()."""
    last = newest(s)
    answer = act()
    s.check(f'{words}: done', answer.status < 300, answer)
    found = [e for e in since(s, last) if e['noun'] == noun]
    s.same(f'... {count} entry of {noun}', len(found), count)
    if len(found) == count == 1:
        e = found[0]
        s.same(
            '... by whom, from where, what',
            (e['actor'], e['address'], e['action']),
            (owner(s).id, '127.0.0.1', action),
        )
        s.check('... of which row', e['rowId'] == (row or answer.json.get('id')), e)
        if changed is not None:
            s.check('... and which columns', set(changed) <= set(e['changed']), e['changed'])
        hashes = (bool(e['beforeHash']), bool(e['afterHash']))
        s.check('... with hashes of before and after', hashes == dict(insert=(False, True)).get(action, hashes), e)
    return answer


def test_every_change_of_every_noun(s):
    send, tenant = owner(s).send, owner(s).tenant
    a = watched(s, 'a bot', lambda: send('POST', '/api/bots', body=dict(name='Told')), 'bots', 'insert')
    bot = a.json['id']
    path = '/api/bots/' + bot
    watched(
        s, 'published', lambda: send('PUT', path, body=dict(name='Again')), 'bots', 'update', ['name', 'version']
    )
    watched(
        s, 'drafted', lambda: send('PUT', path + '?draft=true', body=dict(model='m')), 'bots', 'update', ['draft']
    )
    watched(
        s,
        'draft published',
        lambda: send('POST', path + '/publish', body={}),
        'bots',
        'update',
        ['draft', 'model'],
    )
    watched(s, 'restored', lambda: send('POST', path + '/versions/1/restore', body={}), 'bots', 'update', ['name'])
    watched(
        s,
        'retrieval',
        lambda: send('PUT', path + '/retrieval', body=dict(rerank=True)),
        'bots',
        'update',
        ['retrieval'],
        row=bot,
    )
    watched(
        s,
        'widget',
        lambda: send('PUT', f'/api/dashboard/widget/{tenant}?botId={bot}', body=dict(widget=dict(greeting='Hi'))),
        'bots',
        'update',
        ['widget'],
        row=bot,
    )
    watched(
        s,
        'the tenant',
        lambda: send('PATCH', f'/api/dashboard/clients/{tenant}', body=dict(name='Told')),
        'tenants',
        'update',
        ['name'],
    )

    keys = f'/api/dashboard/clients/{tenant}/keys'
    key = watched(s, 'a key', lambda: send('POST', keys, body=dict(kind='secret')), 'api_keys', 'insert').json
    watched(
        s,
        'a key changed',
        lambda: send('PATCH', f'{keys}/{key["id"]}', body=dict(name='x')),
        'api_keys',
        'update',
        ['name'],
    )
    last = newest(s)
    new = send('POST', f'{keys}/{key["id"]}/rotate', body={}).json
    found = {e['rowId']: e['action'] for e in since(s, last) if e['noun'] == 'api_keys'}
    s.same('a key rotated: one entry of each of the two', found, {new['id']: 'insert', key['id']: 'update'})
    s.check(
        'no key is in the log', new['key'] not in log(s).body.decode() and key['key'] not in log(s).body.decode()
    )
    watched(
        s,
        'a key revoked',
        lambda: send('DELETE', f'{keys}/{new["id"]}'),
        'api_keys',
        'update',
        ['revoked_at'],
        row=new['id'],
    )

    pins = '/api/dashboard/pins'
    body = dict(botId=bot, questions=['Who?', 'Who is it?'], answer='I.')
    pin = watched(s, 'a pin, which a worker stores', lambda: send('POST', pins, body=body), 'pins', 'insert').json
    body['questions'] = ['Who?']
    watched(s, 'other questions', lambda: send('PUT', f'{pins}/{pin["id"]}', body=body), 'pins', 'update')
    watched(s, 'a pin deleted', lambda: send('DELETE', f'{pins}/{pin["id"]}'), 'pins', 'delete', row=pin['id'])

    docs = '/api/dashboard/documents'
    raw, kind = talk.multipart([('file', 'a.txt', 'text/plain', b'Some words.')], [('botId', bot)])
    upload = lambda: send('POST', docs + '/upload', body=raw, headers={'content-type': kind})
    doc = watched(s, 'a document', upload, 'documents', 'insert').json['id']
    got = s.until(lambda: send('GET', f'{docs}/{doc}/status').json['status'], lambda x: x == 'ready')
    s.same('... is taken in', got, 'ready')
    watched(
        s,
        'described',
        lambda: send('PATCH', f'{docs}/{doc}', body=dict(title='T')),
        'documents',
        'update',
        ['title'],
    )
    watched(s, 'a document deleted', lambda: send('DELETE', f'{docs}/{doc}'), 'documents', 'delete', row=doc)
    web = dict(url=f'http://127.0.0.1:{s.site.port}/', botId=bot)
    source = watched(s, 'a source', lambda: send('POST', docs + '/url', body=web), 'sources', 'insert').json['id']
    watched(
        s,
        'a source deleted',
        lambda: send('DELETE', f'/api/dashboard/sources/{source}'),
        'sources',
        'delete',
        row=source,
    )
    doc = upload().json['id']
    last = newest(s)
    watched(s, 'a bot deleted', lambda: send('DELETE', path), 'bots', 'delete', row=bot)
    found = [(e['action'], e['rowId']) for e in since(s, last) if e['noun'] == 'documents']
    s.same('... and what was its own', found, [('delete', doc)])


def test_what_leaves_nothing(s):
    send, tenant = owner(s).send, owner(s).tenant
    base = f'/api/dashboard/clients/{tenant}'
    bot = send('GET', '/api/bots').json['items'][-1]['id']
    last = newest(s)
    for path in (
        base,
        base + '/keys',
        base + '/members',
        base + '/audit',
        '/api/bots',
        f'/api/bots/{bot}',
        f'/api/bots/{bot}/versions',
        '/api/dashboard/documents',
        '/api/dashboard/sources',
        '/api/dashboard/pins',
        f'/api/dashboard/widget/{tenant}',
    ):
        s.same(f'read {path[-20:]}', send('GET', path).status, 200)
    s.same('... leaves nothing', since(s, last), [])
    reader = scenery.made('key', 'add', tenant, '--secret', '--scope', 'read')['key']
    last = newest(s)
    for method, path, body, status in (
        ('PUT', f'/api/bots/{bot}', dict(topK=0), 400),
        ('PATCH', base, dict(tier='paid'), 403),
        ('POST', base + '/keys', dict(kind='secret', scopes=['rule']), 400),
        ('DELETE', '/api/bots/' + s.foreign.id, None, 404),
        ('POST', f'/api/bots/{bot}/publish', {}, 409),
    ):
        s.same(f'{method} {path[-20:]} is refused', send(method, path, body=body).status, status)
    s.same('by who has no right', s.send('PUT', f'/api/bots/{bot}', key=reader, body=dict(name='x')).status, 403)
    s.same('... leaves nothing', since(s, last), [])


def test_actors(s):
    tenant = owner(s).tenant
    made = scenery.made('key', 'add', tenant, '--secret', '--scope', 'read', '--scope', 'edit')
    e = log(s, '?limit=1').json['items'][0]
    s.same(
        'the operator',
        (e['actor'], e['address'], e['noun'], e['rowId']),
        ('operator', None, 'api_keys', made['keyId']),
    )
    bot = s.send('POST', '/api/bots', key=made['key'], body=dict(name='By key')).json['id']
    e = log(s, '?limit=1').json['items'][0]
    s.same('a key', (e['actor'], e['noun'], e['rowId']), (made['keyId'], 'bots', bot))
    s.same('an entry has its members', sorted(e), sorted(ENTRY))
    only = log(s, f'?actor={made["keyId"]}').json['items']
    s.same('?actor=', [x['rowId'] for x in only], [bot])
    only = log(s, '?noun=api_keys&actor=operator&limit=100').json['items']
    s.check('?noun= and ?actor=', only and all(x['noun'] == 'api_keys' and x['actor'] == 'operator' for x in only))
    s.same('?from= of what is to come', log(s, '?from=2099-01-01').json['items'], [])
    s.same('?to= of what was before', log(s, '?to=2020-01-01').json['items'], [])
    all_of_it = log(s, '?limit=100&from=2020-01-01&to=2099-01-01').json['items']
    seen, cursor = [], ''
    while cursor is not None and len(seen) <= len(all_of_it):
        page = log(s, '?limit=7' + (f'&cursor={cursor}' if cursor else '')).json
        seen += page['items']
        cursor = page['nextCursor']
    s.same('in pages the same', [x['id'] for x in seen][:100], [x['id'] for x in all_of_it])
    for query in ('?limit=0', '?cursor=x', '?noun=DROP%20TABLE', '?actor=', '?from=yesterday', '?to=2026-13-01'):
        a = log(s, query)
        s.problem(f'audit{query}', a, 400, 'invalid_request')
        s.check('... names it', query[1:].split('=')[0] in a.json['detail'], a)
    s.problem(
        'an editor\'s key',
        s.send('GET', f'/api/dashboard/clients/{tenant}/audit', key=made['key']),
        403,
        'forbidden',
    )
    other = Person(s, 'onlooker').register()
    a = other.send('GET', f'/api/dashboard/clients/{tenant}/audit')
    s.problem('of another client', a, 404, 'not_found')
    mine = other.send('GET', f'/api/dashboard/clients/{other.tenant}/audit').body.decode()
    s.check('nobody sees a neighbour\'s', owner(s).id not in mine and made['keyId'] not in mine)


def told(s, last, *nouns):
    """[(noun, action, row)] of what has come since, oldest first; (each's actor and address)."""
    found = sorted((e for e in since(s, last) if e['noun'] in nouns), key=lambda e: int(e['id']))
    return [(e['noun'], e['action'], e['rowId']) for e in found], {(e['actor'], e['address']) for e in found}


def columns(s, last, noun):
    return [e['changed'] for e in since(s, last) if e['noun'] == noun and e['action'] == 'update']


def test_registrations_are_told(s):
    new = Person(s, 'enrolled').register()
    items = new.send('GET', f'/api/dashboard/clients/{new.tenant}/audit?limit=100').json['items']
    s.same(
        'a registration: account, tenant, owner, bot, key and login',
        sorted((e['noun'], e['action']) for e in items),
        [(noun, 'insert') for noun in ('api_keys', 'bots', 'logins', 'members', 'tenants', 'users')],
    )
    s.same('... by the person itself', {(e['actor'], e['address']) for e in items}, {(new.id, '127.0.0.1')})
    rows = {e['noun']: e['rowId'] for e in items}
    s.same('... of which account and login', (rows['users'], rows['logins']), (new.id, new.sid))


def test_logins_are_told(s):
    me = owner(s)
    mine = {(me.id, '127.0.0.1')}
    last = newest(s)
    second = me.other_login()
    s.same('a login', told(s, last, 'logins'), ([('logins', 'insert', second.sid)], mine))

    last = newest(s)
    a = s.send('POST', '/api/auth/refresh', body=dict(refreshToken=second.refresh))
    s.same('a refresh', a.status, 200)
    s.same('... leaves nothing', since(s, last), [])
    a = s.send('POST', '/api/auth/refresh', body=dict(refreshToken=second.refresh))
    s.problem('a copy of its token', a, 401, 'unauthorized')
    s.same('... ends it, which is told', told(s, last, 'logins'), ([('logins', 'update', second.sid)], mine))
    s.same('... by what has changed', columns(s, last, 'logins'), [['reason', 'revoked_at']])

    for words, end in (
        ('a logout', lambda who: who.send('POST', '/api/auth/logout')),
        ('a login ended from another', lambda who: me.send('DELETE', '/api/auth/sessions/' + who.sid)),
    ):
        who = me.other_login()
        last = newest(s)
        s.same(words, end(who).status, 204)
        s.same('... is told', told(s, last, 'logins'), ([('logins', 'update', who.sid)], mine))

    last = newest(s)
    for password in ('a wrong password', ''):
        s.send('POST', '/api/auth/login', body=dict(email=me.email, password=password))
    s.same('a login that is refused leaves nothing', since(s, last), [])


def test_accounts_are_told(s):
    me = owner(s)
    mine = {(me.id, '127.0.0.1')}
    last = newest(s)
    s.same('another name', me.send('PATCH', '/api/auth/me', dict(name='Named')).status, 200)
    s.same('... is told', told(s, last, 'users'), ([('users', 'update', me.id)], mine))
    s.same('... by its column', columns(s, last, 'users'), [['name']])

    second = me.other_login()
    last = newest(s)
    body = dict(currentPassword=me.password, newPassword='another ' + me.password)
    s.same('another password', me.send('POST', '/api/auth/password', body).status, 204)
    wanted = {('users', 'update', me.id), ('logins', 'update', second.sid)}
    got, by = told(s, last, 'users', 'logins')
    s.same('... is told, with each login that it ends', (set(got) >= wanted, by), (True, mine))
    s.same('... by its columns', columns(s, last, 'users'), [['password', 'password_at']])
    me.password = body['newPassword']

    last = newest(s)
    s.send('POST', '/api/auth/password/forgot', body=dict(email=me.email))
    token = s.hook.to(me.email, 'reset')['token']
    s.same('asking for a new one leaves nothing', since(s, last), [])
    a = s.send('POST', '/api/auth/password/reset', body=dict(token=token, password='by mail ' + me.password))
    s.same('a reset', a.status, 204)
    me.password = 'by mail ' + me.password
    ended = me.sid
    me.login()
    got, by = told(s, last, 'users', 'logins')
    wanted = {('users', 'update', me.id), ('logins', 'update', ended), ('logins', 'insert', me.sid)}
    s.same('... is told, and what it ends', (set(got) >= wanted, by), (True, mine))


def test_members_are_told(s):
    me = owner(s)
    guest = Person(s, 'guest').register()
    elsewhere = guest.tenant
    people = f'/api/dashboard/clients/{me.tenant}/members/'
    me.send('POST', f'/api/dashboard/clients/{me.tenant}/invitations', dict(email=guest.email, role='agent'))
    token = s.hook.to(guest.email, 'invitation')['token']
    last = newest(s)
    guest.take(s.send('POST', '/api/auth/invitations/accept', body=dict(token=token, password=guest.password)))
    got, by = told(s, last, 'members', 'logins', 'users', 'invitations')
    s.same(
        'who accepts: the member and the login, no other account',
        sorted(x[:2] for x in got),
        [('invitations', 'update'), ('logins', 'insert'), ('members', 'insert')],
    )
    s.same('... by the newcomer', by, {(guest.id, '127.0.0.1')})

    last = newest(s)
    s.same('his name', guest.send('PATCH', '/api/auth/me', dict(name='Elsewhere')).status, 200)
    s.same('... is told where he works', told(s, last, 'users')[0], [('users', 'update', guest.id)])
    body = dict(currentPassword=guest.password, newPassword='another ' + guest.password)
    last = newest(s)
    at_home = Person(s, 'guest', email=guest.email, password=guest.password)
    at_home.answer = s.send(
        'POST', '/api/auth/login', body=dict(email=guest.email, password=guest.password, clientId=elsewhere)
    )
    at_home.take(at_home.answer)
    s.same('a login in his own tenant is not', since(s, last), [])
    s.same('his password, changed there', at_home.send('POST', '/api/auth/password', body).status, 204)
    s.same(
        '... is told in both, with the login that it ends here',
        sorted(told(s, last, 'users', 'logins')[0]),
        [('logins', 'update', guest.sid), ('users', 'update', guest.id)],
    )
    theirs = at_home.send('GET', f'/api/dashboard/clients/{elsewhere}/audit?limit=3&noun=users').json['items']
    s.same('... his own log has the same entry', theirs[0]['changed'], ['password', 'password_at'])
    at_home.password = body['newPassword']

    again = Person(s, 'guest', email=guest.email, password=at_home.password)
    again.take(
        s.send(
            'POST', '/api/auth/login', body=dict(email=guest.email, password=again.password, clientId=me.tenant)
        )
    )
    last = newest(s)
    s.same('he is removed', me.send('DELETE', people + guest.id).status, 204)
    got, by = told(s, last, 'members', 'logins')
    s.same(
        '... the member and his login, once each, by who removed him',
        (sorted(got), by),
        ([('logins', 'delete', again.sid), ('members', 'delete', guest.id)], {(me.id, '127.0.0.1')}),
    )

"""A tenant's own row: its name and limits are its owners', tier and ceiling the operator's."""
import harness as h
import scene as scenery
from people import Person


def test_client(s):
    ann = Person(s, 'client').register()
    path = f'/api/dashboard/clients/{ann.tenant}'
    a = ann.send('GET', path)
    x = a.json
    s.same(
        'what it is',
        (a.status, x['id'], x['name'], x['tier'], x['limits'], x['ceiling'], x['inForce']),
        (200, ann.tenant, 'client & co', 'free', {}, {}, {}),
    )
    s.check('... and since when', x['createdAt'], x)
    a = ann.send('PATCH', path, body=dict(name='Renamed'))
    s.same('a name', (a.status, a.json['name'], a.json['limits']), (200, 'Renamed', {}))
    a = ann.send('PATCH', path, body=dict(limits=dict(requestsPerMinute=50, dailySpend=2.5)))
    s.same('limits', (a.json['name'], a.json['limits']), ('Renamed', dict(requestsPerMinute=50, dailySpend=2.5)))
    h.ctl('tenant', 'set', ann.tenant, '--ceiling-requests', '20', '--ceiling-tokens', '1000')
    x = ann.send('GET', path).json
    s.same('under the operator\'s ceiling', x['ceiling'], dict(requestsPerMinute=20, dailyTokens=1000))
    s.same('... the smallest counts', x['inForce'], dict(requestsPerMinute=20, dailyTokens=1000, dailySpend=2.5))
    h.ctl('tenant', 'set', ann.tenant, '--ceiling-requests', 'none', '--tier', 'paid')
    x = ann.send('GET', path).json
    s.same(
        'the operator changes what he names',
        (x['ceiling'], x['tier'], x['name']),
        (dict(dailyTokens=1000), 'paid', 'Renamed'),
    )
    a = ann.send('PATCH', path, body=dict(limits={}))
    s.same('none', a.json['limits'], {})


def test_what_is_the_operators(s):
    ann = Person(s, 'small').register()
    path = f'/api/dashboard/clients/{ann.tenant}'
    for body in (dict(tier='paid'), dict(ceiling={}), dict(name='x', tier='paid')):
        a = ann.send('PATCH', path, body=body)
        s.problem(f'{body}', a, 403, 'forbidden')
        s.check('... names the member', any(k in a.json['detail'] for k in ('tier', 'ceiling')), a)
    s.same('nothing was changed', ann.send('GET', path).json['name'], 'small & co')


def test_what_is_wrong(s):
    ann = Person(s, 'wrong').register()
    path = f'/api/dashboard/clients/{ann.tenant}'
    for body, named in (
        (dict(name=''), 'name'),
        (dict(name='x' * 101), 'name'),
        (dict(limits=[]), 'limits'),
        (dict(limits=dict(requestsPerMinute=0)), 'requestsPerMinute'),
        (dict(limits=dict(dailyTokens=-1)), 'dailyTokens'),
        (dict(limits=dict(dailySpend='much')), 'dailySpend'),
        (dict(limits=dict(weekly=1)), 'weekly'),
        (dict(id='ten_x'), 'id'),
    ):
        a = ann.send('PATCH', path, body=body)
        s.problem(f'{body}', a, 400, 'invalid_request')
        s.check('... names the field', named in a.json['detail'], a)
    for client in (s.house, 'ten_' + '0' * 32, 'x'):
        for method in ('GET', 'PATCH'):
            a = ann.send(
                method, f'/api/dashboard/clients/{client}', body=dict(name='Mine') if method == 'PATCH' else None
            )
            s.problem(f'{method} of {client[:6]}', a, 404, 'not_found')


def test_rights(s):
    ann = Person(s, 'rights').register()
    path = f'/api/dashboard/clients/{ann.tenant}'
    key = lambda *words: scenery.made('key', 'add', ann.tenant, '--secret', *words)['key']
    reader, manager = key('--scope', 'read'), key('--scope', 'read', '--scope', 'manage')
    s.same('a reader reads', s.send('GET', path, key=reader).status, 200)
    s.problem('... and changes nothing', s.send('PATCH', path, key=reader, body=dict(name='x')), 403, 'forbidden')
    s.same('a manager does', s.send('PATCH', path, key=manager, body=dict(name='x')).status, 200)
    bot = ann.send('GET', '/api/bots').json['items'][0]['id']
    bound = key('--scope', 'read', '--scope', 'manage', '--bot', bot)
    s.problem('not for one bot alone', s.send('PATCH', path, key=bound, body=dict(name='y')), 403, 'forbidden')

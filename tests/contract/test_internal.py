"""What outside programs of ours tell: the progress of a document they work on."""
import scene as scenery
import sock
from test_dashboard_documents import NOBODY, ready, upload_file
from test_documents import ended, text_file

PATH = '/api/internal/document-progress'


def tell(s, body, secret=scenery.INTERNAL, **more):
    headers = {'x-internal-secret': secret} if secret is not None else {}
    return s.send('POST', PATH, body=body, headers=headers, **more)


def at_work(s, name):
    """A document that nobody touches but is at work, as an outside reader would have it."""
    ident = ready(s, name)
    scenery.h.sql(
        f"UPDATE documents SET status = 'parsing', progress = 5, step = 'parsing', "
        f"lease_until = now() + interval '1 hour' WHERE id = '{ident}' RETURNING id"
    )
    return ident


def put_back(ident):
    scenery.h.sql(
        f"UPDATE documents SET status = 'ready', progress = 100, step = '' WHERE id = '{ident}' RETURNING id"
    )


def test_progress(s):
    ident = at_work(s, 'outside')
    w = sock.Socket(s.port, key=s.library.secret)
    w.text()
    a = tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=40, currentStep='scanning'))
    s.same('it is taken', (a.status, a.body), (204, b''))
    f = w.until(lambda f: f.get('id') == ident)[-1]
    s.same('sockets hear it', (f['status'], f['progress'], f['currentStep']), ('parsing', 40, 'scanning'))
    st = s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json
    s.same('the status shows it', (st['status'], st['progress'], st['currentStep']), ('parsing', 40, 'scanning'))
    tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=20))
    st = s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json
    s.same('it never falls; the step stays', (st['progress'], st['currentStep']), (40, 'scanning'))
    w.drop()
    put_back(ident)


def test_who_may(s):
    ident = upload_file(s, *text_file('inside')[1:])
    ended(s, ident)
    body = dict(documentId=ident, clientId=s.library.tenant, progress=10)
    s.problem('without the secret', tell(s, body, None), 401, 'unauthorized')
    for secret in ('', 'x', scenery.INTERNAL + 'x', scenery.INTERNAL[:-1], scenery.INTERNAL.upper()):
        s.problem(f'with {secret[-4:]!r}', tell(s, body, secret), 401, 'unauthorized')
    s.problem('a secret key is none', s.send('POST', PATH, key=s.library.secret, body=body), 401, 'unauthorized')
    s.problem('where none is set it is closed', tell(s, body, port=s.ports['strict']), 404, 'not_found')
    s.problem('... whatever is sent', tell(s, body, '', port=s.ports['strict']), 404, 'not_found')


def test_what_is_wrong(s):
    ident = ready(s, 'settled')
    s.problem(
        'a document that is ready',
        tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=10)),
        409,
        'conflict',
    )
    s.same(
        '... stays ready',
        s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json['progress'],
        100,
    )
    for document, client in ((NOBODY, s.library.tenant), (ident, s.foreign.tenant), (ident, 'ten_' + '0' * 32)):
        s.problem('another\'s', tell(s, dict(documentId=document, clientId=client)), 404, 'not_found')
    for change, name in (
        (dict(documentId='x'), 'documentId'),
        (dict(documentId=None), 'documentId'),
        (dict(clientId='x'), 'clientId'),
        (dict(progress=101), 'progress'),
        (dict(progress=-1), 'progress'),
        (dict(progress='5'), 'progress'),
        (dict(currentStep='x' * 65), 'currentStep'),
        (dict(status='ready'), 'status'),
    ):
        body = {**dict(documentId=ident, clientId=s.library.tenant), **change}
        a = tell(s, {k: v for k, v in body.items() if v is not None})
        s.problem(f'{change}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)


# ---- whose is this key, and what has a tenant? ----
VALIDATE = '/internal/validate-client'


def ask(s, key, **more):
    return s.send('POST', VALIDATE, body=dict(apiKey=key), headers={'x-internal-secret': scenery.INTERNAL}, **more)


def config(s, client, secret=scenery.INTERNAL, query='', **more):
    return s.send('GET', f'/internal/client/{client}/config{query}', headers={'x-internal-secret': secret}, **more)


def test_whose_key_it_is(s):
    a = ask(s, s.library.public)
    s.same('a public key is told', (a.status, a.json['valid'], a.json['kind']), (200, True, 'public'))
    s.same('... with its tenant and bot', (a.json['clientId'], a.json['botId']), (s.library.tenant, s.library.id))
    s.same('... tier and right', (a.json['tier'], a.json['scopes']), ('paid', ['chat']))
    a = ask(s, s.library.secret)
    s.same('a secret key is told', (a.json['valid'], a.json['kind']), (True, 'secret'))
    s.same('... with its scopes', a.json['scopes'], ['chat', 'read', 'converse', 'edit'])
    for words, key in (
        ('one that nobody has', 'pk_live_' + 'a' * 36),
        ('one that was mistyped', s.library.public[:-1] + ('0' if s.library.public[-1] != '0' else '1')),
        ('no key at all', 'x'),
    ):
        a = ask(s, key)
        s.same(f'{words} is not valid, and says no more', (a.status, a.json), (200, {'valid': False}))
    gone = scenery.made('key', 'add', s.library.tenant, '--secret')
    s.same('one more is valid', ask(s, gone['key']).json['valid'], True)
    scenery.h.ctl('key', 'revoke', s.library.tenant, gone['keyId'])
    seen = s.until(lambda: ask(s, gone['key']), lambda a: not a.json['valid'], 5)
    s.same('a revoked one is none within five seconds', seen.json, {'valid': False})


def test_limits_are_the_smallest(s):
    shop = scenery.Bot(scenery.tenant('limited'), 'limited', scenery.QUICK)
    scenery.h.sql(
        f"UPDATE tenants SET limits = '{{\"dailySpend\": 5}}', ceiling = '{{\"dailySpend\": 2, "
        f'"dailyTokens": 1000}}\' WHERE tenant_id = \'{shop.tenant}\' RETURNING 1'
    )
    s.same('of the owner and the operator', ask(s, shop.public).json['limits'], {'dailySpend': 2, 'dailyTokens': 1000})


def test_a_tenant_and_its_bots(s):
    a = config(s, s.house)
    s.same('a tenant is told', (a.status, a.json['client']['id'], a.json['client']['name']), (200, s.house, 'house'))
    bots = {b['id']: b for b in a.json['bots']}
    s.check('... with all its bots', {s.quick.id, s.slow.id, s.page.id} <= set(bots), list(bots))
    s.same('... and their settings', bots[s.page.id]['allowedOrigins'][0], scenery.ORIGIN)
    secrets = [w for w in ('pk_live_', 'sk_live_', 'sha256', 'sealed', 'secret') if w in a.body.decode()]
    s.same('... without any secret', secrets, [])
    first = config(s, s.house, query='?limit=1').json
    second = config(s, s.house, query=f'?limit=1&cursor={first["nextCursor"]}').json
    s.check('... page by page', len(first['bots'] + second['bots']) == 2 and
            first['bots'][0]['id'] > second['bots'][0]['id'], (first, second))
    for words, client in (('a tenant that nobody has', 'ten_' + '0' * 32), ('no id', 'x'), ('a bot', s.quick.id)):
        s.problem(words, config(s, client), 404, 'not_found')


def test_who_may_ask(s):
    for words, secret in (('none', ''), ('another', 'x')):
        s.problem(f'config with {words}', config(s, s.house, secret), 401, 'unauthorized')
    for key in (s.quick.secret, s.quick.public):
        a = s.send('GET', f'/internal/client/{s.house}/config', key=key)
        s.problem('a key is no secret between programs', a, 401, 'unauthorized')
        a = s.send('POST', VALIDATE, key=key, body=dict(apiKey=key))
        s.problem('... nor here', a, 401, 'unauthorized')
    s.problem('where none is set it is closed', config(s, s.house, port=s.ports['strict']), 404, 'not_found')
    s.problem('... here, too', ask(s, s.quick.public, port=s.ports['strict']), 404, 'not_found')
    s.problem('no key asked for', s.send('POST', VALIDATE, body={}, headers={'x-internal-secret': scenery.INTERNAL}), 400, 'invalid_request')


def test_a_tenant_that_is_closed(s):
    gone = scenery.Bot(scenery.tenant('gone'), 'gone', scenery.QUICK)
    config = f'/internal/client/{gone.tenant}/config'
    headers = {'x-internal-secret': scenery.INTERNAL}
    ask = lambda: s.send('POST', '/internal/validate-client', body=dict(apiKey=gone.secret), headers=headers)
    s.same('while it is open it is told', s.send('GET', config, headers=headers).status, 200)
    scenery.h.sql(f"UPDATE tenants SET closed_at = now() WHERE tenant_id = '{gone.tenant}'")
    s.problem('when it is closed it is not there', s.send('GET', config, headers=headers), 404, 'not_found')
    s.same('... and its keys are no keys', ask().json, dict(valid=False))

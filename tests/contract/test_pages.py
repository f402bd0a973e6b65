"""Pages of a bot: /chat/{botId} and /embed/{botId}, who may frame them, and the texts of the widget."""
import gzip
import json
import os

import harness as h
import scene as scenery
from people import Person
from test_bot_credential import NOBODY, key, keyless, revoke

FORMS = ('chat', 'embed')
LANGUAGES = sorted(
    name
    for name in os.listdir(os.environ.get('CC_STATIC_DIR', os.path.join(h.ROOT, 'widget', 'dist')))
    if name.startswith('text-') and name.endswith('.js')
)


def page(s, bot, form='chat', **more):
    return s.send('GET', f'/{form}/{bot}', **more)


def policy(answer):
    """{directive: sources} of the one header."""
    values = [v for k, v in answer.headers if k == 'content-security-policy']
    assert len(values) == 1, answer.headers
    parts = [part.strip().split(' ') for part in values[0].split(';')]
    assert len({p[0] for p in parts}) == len(parts), values
    return {p[0]: p[1:] for p in parts}


def ancestors(s, bot, **more):
    both = [policy(page(s, bot, form, **more))['frame-ancestors'] for form in FORMS]
    s.same('both pages say the same', both[0], both[1])
    return both[0]


def test_both_pages(s):
    bodies = set()
    for form in FORMS:
        for words, name in (('its id', s.quick.id), ('its public key', s.quick.public), ('another', s.page.id)):
            a = page(s, name, form)
            s.check(f'/{form} by {words} is a page', a.status == 200 and a.type == 'text/html', a)
            bodies.add(a.body)
        s.same('nobody keeps it', (a.header('cache-control'), a.header('etag')), ('no-store', None))
        s.same('it is not to be sniffed', a.header('x-content-type-options'), 'nosniff')
        s.same('its address is not told to other sites', a.header('referrer-policy'), 'same-origin')
        s.same('it sets no cookie', a.header('set-cookie'), None)
        s.same('no other origin may read it', a.header('access-control-allow-origin'), None)
        packed = page(s, s.quick.id, form, headers={'accept-encoding': 'gzip'})
        same = packed.header('content-encoding') == 'gzip' and gzip.decompress(packed.body) == a.body
        s.check('it comes gzipped', same or packed.header('content-encoding') is None, packed.headers)
        only = s.send('HEAD', f'/{form}/{s.quick.id}')
        s.check('HEAD has no body', only.status == 200 and only.body == b'', only)
        a = s.send('POST', f'/{form}/{s.quick.id}', body={})
        s.problem(f'POST /{form}/...', a, 405, 'method_not_allowed')
    s.same('it is one file for all', len(bodies), 1)
    text = bodies.pop().decode()
    s.check('with nothing of a bot in it, and nothing inline', s.quick.id not in text and '<style' not in text, text)


def test_its_policy(s):
    got = policy(page(s, s.quick.id))
    for name, sources in (
        ('default-src', ["'none'"]),
        ('script-src', ["'self'"]),
        ('style-src', ["'self'"]),
        ('base-uri', ["'none'"]),
        ('form-action', ["'none'"]),
        ('require-trusted-types-for', ["'script'"]),
        ('trusted-types', ["'none'"]),
        ('img-src', ["'self'", 'data:']),
    ):
        s.same(f'{name} of the policy', got[name], sources)
    own = [f'ws://127.0.0.1:{s.port}', f'wss://127.0.0.1:{s.port}']
    s.same('connections go home alone', got['connect-src'], ["'self'", *own])


def test_who_may_frame_it(s):
    s.same(
        'the pages on the list',
        ancestors(s, s.page.id),
        ["'self'", scenery.ORIGIN, 'https://*.wild.example'],
    )
    s.same('anybody', ancestors(s, s.quick.id), ['*'])
    none = scenery.Bot(s.house, 'framed by nobody', scenery.QUICK, (), server_use=False)
    s.same('our own pages alone where the list is empty', ancestors(s, none.id), ["'self'"])
    odd = scenery.Bot(s.house, 'odd', scenery.QUICK, ('https://bücher.example', 'HTTPS://Shop.example:443'))
    wanted = ["'self'", 'https://xn--bcher-kva.example', 'https://shop.example']
    s.same('written as browsers compare them', ancestors(s, odd.id), wanted)


def test_a_list_that_attacks(s):
    """An operator's tool takes any text; a header takes what is an origin."""
    bad = (
        'https://a.example; script-src *',
        "https://a.example 'unsafe-inline'",
        'https://a.example\r\nset-cookie: stolen=1',
        'https://a.example,https://b.example',
        "'none'",
        'https:',
        '*.example',
        'http://[::1]:8080',
    )
    bot = scenery.Bot(s.house, 'attacks', scenery.QUICK, (*bad, 'https://good.example'))
    widget = json.dumps(dict(logo='https://cdn.example; script-src *', avatar="https://x@y.example/'"))
    h.ctl('bot', 'set', s.house, bot.id, '--widget', widget)
    for form in FORMS:
        a = page(s, bot.id, form)
        got = policy(a)
        s.same(f'/{form}: only what is an origin', got['frame-ancestors'], ["'self'", 'https://good.example'])
        s.same('... no picture of such', got['img-src'], ["'self'", 'data:'])
        s.same('... scripts are ours', got['script-src'], ["'self'"])
        s.same('... no other header came of it', a.header('set-cookie'), None)
    for host in ('evil.example; script-src *', "x' 'unsafe-inline", '*', 'a b'):
        a = page(s, s.quick.id, headers={'host': host})
        if a.status == 200:
            s.same(f'Host: {host} names nobody', policy(a)['connect-src'], ["'self'"])
        else:
            s.check(f'Host: {host} is refused', a.status == 400, a)


def test_pictures(s):
    ada = Person(s, 'pictures').register()
    bot = ada.send('GET', '/api/bots').json['items'][0]['id']
    ada.send('POST', f'/api/dashboard/clients/{ada.tenant}/keys', body=dict(name='p', kind='public'))
    widget = dict(logo='https://cdn.example:8443/logo.png?a=b;c', avatar='https://faces.example/')
    a = ada.send('PUT', f'/api/dashboard/widget/{ada.tenant}', body=dict(widget=widget))
    s.same('logo and avatar are set', a.status, 200)
    s.same(
        'their origins are in the policy',
        policy(page(s, bot))['img-src'],
        ["'self'", 'data:', 'https://cdn.example:8443', 'https://faces.example'],
    )
    for name, port in s.ports.items():
        before = s.until(lambda: page(s, bot, port=port), lambda a: a.status == 200)
        s.same(f'gateway {name}: nobody frames it', policy(before)['frame-ancestors'], ["'self'"])
    body = dict(allowedOrigins=['https://new.example'])
    s.same('a page is allowed', ada.send('PUT', f'/api/dashboard/widget/{ada.tenant}', body=body).status, 200)
    for name, port in s.ports.items():
        wanted = ["'self'", 'https://new.example']
        got = s.until(
            lambda: policy(page(s, bot, port=port))['frame-ancestors'], lambda now: now == wanted, 5
        )
        s.same(f'gateway {name}: it may, within 5 s', got, wanted)


def test_what_there_is_no_page_of(s):
    none = keyless(s)
    for words, name in (
        ('an unknown bot', NOBODY),
        ('a bot without a public key', none),
        ('a secret key', s.quick.secret),
        ('a mistyped key', s.quick.public[:-1] + ('a' if s.quick.public[-1] != 'a' else 'b')),
        ('the id of the tenant', s.house),
        ('no id', 'x'),
        ('a way out', '..%2f..%2fetc%2fpasswd'),
        ('a quote', s.quick.id + '%27'),
        ('a NUL', s.quick.id + '%00'),
        ('a line end', s.quick.id + '%0d%0aset-cookie:%20a=b'),
    ):
        for form in FORMS:
            a = page(s, name, form)
            s.check(f'/{form} of {words} is not there', a.status in (400, 404), a)
            s.problem('... and is told so', a, a.status, 'not_found' if a.status == 404 else 'invalid_request')
            s.same('... without another header', a.header('set-cookie'), None)
    for path in ('/chat/', '/embed/', f'/chat/{s.quick.id}/', f'/chat/{s.quick.id}/x', '/page.html', '/page'):
        s.problem(path, s.send('GET', path), 404, 'not_found')
    s.problem('GET /chat/stream is no page', s.send('GET', '/chat/stream?message=hi'), 401, 'unauthorized')


def test_a_page_goes_with_its_bot(s):
    house = scenery.tenant('pages')
    bot = keyless(s, house)
    made = key(house)
    for name, port in s.ports.items():
        got = s.until(lambda: page(s, bot, port=port), lambda a: a.status == 200, 10)
        s.same(f'it is there, gateway {name}', got.status, 200)
    revoke(house, made)
    for name, port in s.ports.items():
        got = s.until(lambda: page(s, bot, port=port), lambda a: a.status == 404, 5)
        s.problem(f'within 5 s of its last key it is not, gateway {name}', got, 404, 'not_found')


def test_what_the_page_asks(s):
    """The page is ours: what it asks from itself is let in, whatever the bot's list says."""
    for method, path, body in (('GET', '/api/widget/config', None), ('POST', '/api/widget/chat', dict(message='hi'))):
        own = {'x-api-key': s.page.id, 'sec-fetch-site': 'same-origin'}
        if method == 'POST':
            own['origin'] = f'http://127.0.0.1:{s.port}'
        s.same(f'{method} {path} from our own page', s.send(method, path, body=body, headers=own).status, 200)


def test_texts(s):
    s.check('there are languages', len(LANGUAGES) >= 1, LANGUAGES)
    for name in LANGUAGES:
        a = s.send('GET', '/widget/' + name)
        s.check(f'{name} is a script for any page', a.status == 200 and a.type == 'text/javascript', a)
        s.same('... of any origin', a.header('access-control-allow-origin'), '*')
        s.same('... and known again', s.send('GET', '/widget/' + name, headers={'if-none-match': a.header('etag')}).status, 304)
    for name in ('text-xx.js', 'widget.js', 'widget-app.js', 'text-de.js.gz', 'snippet.json', 'page.html', 'text-de', '..',
                 '..%2fwidget.js', '%2e%2e%2fwidget.js', 'text-de.js%00', 'TEXT-DE.js', 'text-' + 'a' * 300 + '.js'):
        a = s.send('GET', '/widget/' + name)
        s.check(f'/widget/{name[:30]} is not there', a.status in (400, 404, 414), a)

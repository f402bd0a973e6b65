"""Which pages may use a bot, and what a browser is told about it."""
import harness as h
import scene as scenery

CONFIG, CHAT = '/api/widget/config', '/api/widget/chat'
ALLOWED = [
    scenery.ORIGIN,
    'https://*.wild.example',
    'https://bücher.example',
    'http://localhost:3000',
    'https://port.example:8443',
    'http://[::1]:8080',
    'http://192.0.2.7',
]
GOOD = [
    'https://shop.example',
    'HTTPS://SHOP.example',
    'https://shop.example:443',
    'https://a.wild.example',
    'https://a.b.wild.example',
    'https://A.WILD.EXAMPLE',
    'https://xn--bcher-kva.example',
    'https://XN--BCHER-KVA.example',
    'https://bücher.example',
    'https://BÜCHER.example',
    'http://localhost:3000',
    'https://port.example:8443',
    'http://[::1]:8080',
    'http://192.0.2.7',
    'http://192.0.2.7:80',
]
BAD = [
    'http://shop.example',
    'https://shop.example:8443',
    'https://shop.example:80',
    'https://shop.example.',
    'https://shop.example.:443',
    'https://shop.example.evil.example',
    'https://shop.example.evil.com:443',
    'https://evilshop.example',
    'https://evil-shop.example',
    'https://www.shop.example',
    'https://shop.exampl',
    'https://shop.example:0443',
    'https://shop.example:443x',
    'https://shop.example:99999',
    'https://shop.example:',
    'https://shop.example:-443',
    'https://shop.example/',
    'https://shop.example/path',
    'https://shop.example?x',
    'https://shop.example#x',
    'https://user@shop.example',
    'https://shop.example@evil.example',
    'https://shop.example\\@evil.example',
    'https://shop.example https://evil.example',
    'https://evil.example, https://shop.example',
    'https://sh%6fp.example',
    'https://shоp.example',  # the o is Cyrillic
    'https://wild.example',
    'https://xwild.example',
    'https://.wild.example',
    'https://a..wild.example',
    'https://*.wild.example',
    'http://a.wild.example',
    'https://a.wild.example.evil.example',
    'https://bucher.example',
    'http://localhost',
    'http://localhost:3001',
    'https://localhost:3000',
    'https://port.example',
    'http://[::2]:8080',
    'http://[::1]',
    'http://192.0.2.70',
    'http://3221225991',  # the same address as a number
    'null',
    'NULL',
    'undefined',
    '*',
    'https://',
    'https:shop.example',
    'shop.example',
    'file://',
    'chrome-extension://shop.example',
    'wss://shop.example',
]


def sent(origin):
    """As a header's bytes: UTF-8 where it is not ASCII."""
    return {'origin': origin.encode().decode('latin-1')}


def test_the_list(s):
    bot = scenery.Bot(s.house, 'origins', scenery.QUICK, ALLOWED, server_use=False)
    for origin in GOOD:
        a = s.send('GET', CONFIG, key=bot.public, headers=sent(origin))
        s.same(f'{origin} is on the list', a.status, 200)
        s.same('... is echoed, and it alone', a.header('access-control-allow-origin'), sent(origin)['origin'])
    for origin in BAD:
        a = s.send('GET', CONFIG, key=bot.public, headers=sent(origin))
        s.problem(f'{origin} is not', a, 403, 'origin_not_allowed')
        s.same('... gets no CORS header', a.header('access-control-allow-origin'), None)
        a = s.send('POST', CHAT, key=bot.public, body=dict(message='hi'), headers=sent(origin))
        s.problem('... and cannot ask', a, 403, 'origin_not_allowed')
    asked = h.sql(f"SELECT count(*) FROM answers WHERE bot_id = '{bot.id}'")
    s.same('no question of them got in', asked, [['0']])


def test_an_empty_list_allows_nobody(s):
    bot = scenery.Bot(s.house, 'no origins', scenery.QUICK, (), server_use=False)
    for origin in GOOD:
        a = s.send('GET', CONFIG, key=bot.public, headers=sent(origin))
        s.problem(f'{origin} and an empty list', a, 403, 'origin_not_allowed')


def test_no_origin(s):
    s.problem('a public key without Origin', s.send('GET', CONFIG, key=s.page.public), 403, 'origin_not_allowed')
    s.problem('... when it chats', s.ask(s.page), 403, 'origin_not_allowed')
    s.same('a bot for servers allows it', s.ask(s.quick).status, 200)


def test_posts_are_checked(s):
    evil = {'origin': 'https://evil.example'}
    for path in (CHAT, CHAT + '/stream', '/chat', '/chat/stream', '/api/chat/message', f'/api/chat/{s.page.id}'):
        a = s.send('POST', path, key=s.page.public, body=dict(message='hi'), headers=evil)
        s.problem(f'POST {path} from elsewhere', a, 403, 'origin_not_allowed')
    a = s.send('POST', CHAT, key=s.page.public, body=dict(message='hi'), headers={'origin': GOOD[0]})
    s.same('POST from the page', a.status, 200)


def test_cors(s):
    a = s.send('GET', CONFIG, key=s.page.public, headers={'origin': GOOD[0]})
    s.check('answers vary by Origin', 'origin' in (a.header('vary') or '').lower(), a.header('vary'))
    s.same('credentials are never allowed', a.header('access-control-allow-credentials'), None)
    s.check(
        'X-Request-Id may be read',
        'x-request-id' in (a.header('access-control-expose-headers') or '').lower(),
        a.headers,
    )
    p = s.stream(CHAT + '/stream', key=s.page.public, body=dict(message='hi'), headers={'origin': GOOD[0]}).read()
    s.same('a stream is allowed for its page', p.header('access-control-allow-origin'), GOOD[0])
    e = s.send('POST', CHAT, key=s.page.public, body=dict(message=''), headers={'origin': GOOD[0]})
    s.problem('an empty message from the page', e, 400, 'message_length')
    s.same('an error may be read by the page', e.header('access-control-allow-origin'), GOOD[0])


def test_preflight(s):
    ask = {
        'origin': GOOD[0],
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
    }
    a = s.send('OPTIONS', CHAT, headers=ask)
    s.same('a preflight is 204', a.status, 204)
    s.same('... for the one origin', a.header('access-control-allow-origin'), GOOD[0])
    s.check('... and the method', 'POST' in (a.header('access-control-allow-methods') or ''), a.headers)
    allowed = (a.header('access-control-allow-headers') or '').lower()
    s.check(
        '... and the headers a widget sends',
        all(x in allowed for x in ('content-type', 'x-api-key', 'last-event-id')),
        allowed,
    )
    s.same('... without credentials', a.header('access-control-allow-credentials'), None)

"""Which pages may use a bot, and what a browser is told about it."""
CONFIG, CHAT = '/api/widget/config', '/api/widget/chat'
GOOD = [
    'https://shop.example',
    'HTTPS://SHOP.example',
    'https://shop.example:443',
    'https://a.wild.example',
    'https://a.b.wild.example',
]
BAD = [
    'http://shop.example',
    'https://shop.example:8443',
    'https://shop.example.evil.example',
    'https://evilshop.example',
    'https://wild.example',
    'https://xwild.example',
    'https://a.wild.example.evil.example',
    'null',
    'https://',
    'shop.example',
    'https://shop.example/',
    'https://shop.example/path',
    'https://user@shop.example',
    'https://shop.example\\@evil.example',
    'file://',
    'https://shop.example https://evil.example',
    'https://sh%6fp.example',
]


def test_the_list(s):
    for origin in GOOD:
        a = s.send('GET', CONFIG, key=s.page.public, headers={'origin': origin})
        s.same(f'{origin} is on the list', a.status, 200)
        s.same(f'{origin} is echoed, and it alone', a.header('access-control-allow-origin'), origin)
    for origin in BAD:
        a = s.send('GET', CONFIG, key=s.page.public, headers={'origin': origin})
        s.problem(f'{origin} is not', a, 403, 'origin_not_allowed')
        s.same(f'{origin} gets no CORS header', a.header('access-control-allow-origin'), None)


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

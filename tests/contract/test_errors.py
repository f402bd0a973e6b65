"""Errors are problems with all their members; unknown paths, methods and bodies."""
import socket

CHAT = '/api/widget/chat'


def test_unknown_paths(s):
    for path in (
        '/',
        '/nowhere',
        '/api/widget',
        '/api/widget/chat/',
        '/widget.js/x',
        '/health/../metrics',
        '/api/widget/config/a/b',
        '/%00',
        '/api/widget/answers//stream',
    ):
        s.problem(f'GET {path}', s.send('GET', path, key=s.quick.public), 404, 'not_found')


def test_wrong_methods(s):
    for method, path, allowed in (
        ('GET', CHAT, 'POST'),
        ('PUT', CHAT, 'POST'),
        ('POST', '/health', 'GET'),
        ('DELETE', '/api/widget/config', 'GET'),
        ('PATCH', '/widget.js', 'GET'),
        ('POST', '/api/widget/sessions/ses_00000000000000000000000000000000', 'DELETE'),
    ):
        a = s.send(method, path, key=s.quick.public)
        s.problem(f'{method} {path}', a, 405, 'method_not_allowed')
        s.check(f'{method} {path} says what is allowed', allowed in (a.header('allow') or ''), a.header('allow'))
    a = s.send('PUT', CHAT, key=s.quick.public, body={})
    s.problem('a body changes nothing in that', a, 405, 'method_not_allowed')


def test_options_and_head(s):
    a = s.send('OPTIONS', CHAT)
    s.check(
        'OPTIONS is 204 and says what is allowed',
        a.status == 204 and 'POST' in (a.header('allow') or ''),
        a.headers,
    )
    s.problem('OPTIONS of an unknown path', s.send('OPTIONS', '/nowhere'), 404, 'not_found')
    got, only = s.send('GET', '/health/live'), s.send('HEAD', '/health/live')
    s.check('HEAD is GET without the body', only.status == 200 and only.body == b'', only)
    s.same('... with its length', only.header('content-length'), str(len(got.body)))


def test_bodies_that_are_none(s):
    key = s.quick.public
    bodies = {
        'nothing': b'',
        'half an object': b'{"message": "hi"',
        'no object': b'["hi"]',
        'a text': b'"hi"',
        'not JSON': b'message=hi',
        'two values': b'{"message": "hi"} {}',
        'a key twice': b'{"message": "hi", "message": "ho"}',
        'no UTF-8': b'{"message": "\xff\xfe"}',
        'half a surrogate pair': b'{"message": "\\ud800"}',
        'a NUL in it': b'{"message": "a\\u0000b"}',
        'a number as message': b'{"message": 7}',
        'an array as metadata': b'{"message": "hi", "metadata": []}',
        'a number as sessionId': b'{"message": "hi", "sessionId": 7}',
    }
    for words, body in bodies.items():
        a = s.send('POST', CHAT, key=key, body=body, headers={'content-type': 'application/json'})
        s.problem(f'a body with {words}', a, 400, 'invalid_request')


def test_depth(s):
    def nested(n):
        return s.send(
            'POST',
            CHAT,
            key=s.quick.public,
            headers={'content-type': 'application/json'},
            body=b'{"message":"hi","metadata":' + b'{"a":' * n + b'1' + b'}' * n + b'}',
        )

    s.same('JSON 30 deep is read', nested(29).status, 200)
    s.problem('JSON 34 deep', nested(33), 400, 'invalid_request')
    s.problem('JSON 3,000 deep', nested(2500), 400, 'invalid_request')


def test_sizes(s):
    def sized(n):
        body = b'{"message":"hi"' + b' ' * (n - 16) + b'}'
        assert len(body) == n
        return s.send('POST', CHAT, key=s.quick.public, body=body, headers={'content-type': 'application/json'})

    s.same('a body of 16 kB is read', sized(16 * 1024).status, 200)
    s.problem('a byte more', sized(16 * 1024 + 1), 413, 'too_large')
    a = s.send('POST', CHAT, key=s.quick.public, body=dict(message='hi', metadata=dict(a='x' * 4200)))
    s.problem('metadata beyond 4 kB', a, 413, 'too_large')


def test_content_types(s):
    good = b'{"message": "hi"}'
    for kind in ('application/json', 'application/json; charset=utf-8'):
        a = s.send('POST', CHAT, key=s.quick.public, body=good, headers={'content-type': kind})
        s.same(f'{kind} is read', a.status, 200)
    form = s.send(
        'POST',
        CHAT,
        key=s.quick.public,
        body=b'message=hi',
        headers={'content-type': 'application/x-www-form-urlencoded'},
    )
    s.check(
        'a form is refused as a problem',
        form.status in (400, 415) and form.type == 'application/problem+json',
        form,
    )


def raw(s, text):
    with socket.create_connection(('127.0.0.1', s.port), timeout=15) as c:
        c.sendall(text)
        out = b''
        while chunk := c.recv(65536):
            out += chunk
    return out


def test_what_is_no_request(s):
    """Refused before there is a request; still a problem with an id."""
    cases = {
        'no Host': (b'GET /health HTTP/1.1\r\n\r\n', 400),
        'a header line without colon': (b'GET /health HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', 400),
        'too many header bytes': (b'GET /health HTTP/1.1\r\nHost: a\r\nX: ' + b'a' * 20000 + b'\r\n\r\n', 431),
    }
    for words, (text, status) in cases.items():
        out = raw(s, text).lower()
        s.check(f'{words}: {status}', out.startswith(b'http/1.1 %d ' % status), out[:80])
        s.check(f'{words}: carries X-Request-Id', b'\r\nx-request-id: ' in out, out[:300])
        s.check(f'{words}: is a problem', b'application/problem+json' in out and b'"traceid"' in out, out[:300])

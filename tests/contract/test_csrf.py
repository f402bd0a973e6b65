"""A cookie alone is no proof of a will: what else a request that changes something must show."""
import scene as scenery
from people import REFRESH, SESSION, Person, cookies_of

NOTHING = '0' * 32
# One of each method; what they would change does not exist, or is changed to what it was.
UNSAFE = [
    ('POST', '/api/auth/password', dict(currentPassword='wrong password', newPassword='another password')),
    ('PATCH', '/api/auth/me', dict(name='ada')),
    ('POST', '/api/bots', dict(name='mine')),
    ('PUT', f'/api/bots/bot_{NOTHING}', dict(name='mine')),
    ('DELETE', f'/api/bots/bot_{NOTHING}', None),
    ('DELETE', f'/api/dashboard/documents/doc_{NOTHING}', None),
    ('POST', '/api/dashboard/pins', dict(botId=f'bot_{NOTHING}', questions=['?'], answer='!')),
    ('PUT', '/api/admin/llm/config', dict(defaults=dict(provider='openai'))),
    ('POST', '/api/dashboard/clients/{tenant}/keys', dict(kind='public')),
    ('DELETE', '/api/dashboard/clients/{tenant}/members/usr_' + NOTHING, None),
    ('PATCH', '/api/dashboard/clients/{tenant}', dict(name='mine')),
    ('POST', '/api/auth/logout', {}),  # last: it ends what the others need
]
SAFE = ['/api/auth/me', '/api/dashboard/clients', '/api/bots', '/api/dashboard/documents']


def faults(s, who, other):
    """What is wrong, by words: headers beside the cookies of a login."""
    ours = f'http://127.0.0.1:{s.port}'
    key = who.csrf
    return {
        'no token': {'x-csrf-token': None},
        'an empty token': {'x-csrf-token': ''},
        'a wrong token': {'x-csrf-token': key[:-2] + ('AA' if key[-2:] != 'AA' else 'BB')},
        'a cut token': {'x-csrf-token': key[:-1]},
        'a longer token': {'x-csrf-token': key + 'A'},
        'the token of another login': {'x-csrf-token': other.csrf},
        'the access token as token': {'x-csrf-token': who.access},
        'a foreign origin': {'origin': 'https://evil.example'},
        'our host on another port': {'origin': f'http://127.0.0.1:{s.port + 1}'},
        'our host with https': {'origin': ours.replace('http', 'https')},
        'our host as a prefix': {'origin': ours + '.evil.example'},
        'the origin null': {'origin': 'null'},
        'an empty origin': {'origin': ''},
        'an allowed page of a bot': {'origin': scenery.ORIGIN},
        'a request from another site': {'sec-fetch-site': 'cross-site'},
        'a request from a sister site': {'sec-fetch-site': 'same-site'},
        'a request that the user typed': {'sec-fetch-site': 'none'},
        'another site, and no Origin': {'sec-fetch-site': 'cross-site', 'origin': None},
        'another site, with our Origin': {'sec-fetch-site': 'cross-site', 'origin': ours},
    }


def test_unsafe_methods(s):
    who, other = Person(s).register(), Person(s, 'ben').register()
    for words, headers in faults(s, who, other).items():
        wrong = []
        for method, path, body in UNSAFE:
            a = who.browse(method, path.format(tenant=who.tenant), body, headers)
            if a.status != 403 or a.code != 'csrf':
                wrong.append((method, path, a))
        s.check(f'{words}: 403 csrf for {len(UNSAFE)} routes', not wrong, wrong[:3])
    s.check('nothing has happened: the login is alive', who.alive(), who.answer)


def test_our_own_page(s):
    who = Person(s).register()
    for method, path, body in UNSAFE:
        a = who.browse(method, path.format(tenant=who.tenant), body)
        s.check(f'{method} {path} of our page is let in', a.code != 'csrf' and a.status < 500, a)
    s.check('its logout worked', not who.alive())


def test_without_origin_the_token_counts(s):
    """Some browsers leave both headers out of a request of the same site."""
    who = Person(s).register()
    bare = {'origin': None, 'sec-fetch-site': None}
    s.same('with the token', who.browse('PATCH', '/api/auth/me', dict(name='ada'), bare).status, 200)
    a = who.browse('PATCH', '/api/auth/me', dict(name='ada'), bare, csrf=False)
    s.problem('without it', a, 403, 'csrf')


def test_a_bearer_needs_none(s):
    who = Person(s).register()
    for words, headers in {'from nowhere': {}, 'from anywhere': {'origin': 'https://evil.example'}}.items():
        a = who.send('PATCH', '/api/auth/me', dict(name='ada'), headers)
        s.same(f'a Bearer token {words} changes', a.status, 200)
    a = who.send('PATCH', '/api/auth/me', dict(name='ada'), {**who.cookie(), 'authorization': 'Bearer x.y.z'})
    s.problem('a wrong Bearer is not mended by a cookie', a, 401, 'unauthorized')


def test_safe_methods_need_none(s):
    who = Person(s).register()
    for path in SAFE:
        a = who.browse('GET', path, csrf=False)
        s.same(f'GET {path} with cookies alone', a.status, 200)


def test_other_pages_read_nothing(s):
    """No CORS header where cookies count: a page of another site cannot read what it makes a browser fetch."""
    who = Person(s).register()
    evil = {'origin': 'https://evil.example', 'sec-fetch-site': 'cross-site'}
    for path in SAFE:
        a = who.browse('GET', path, headers=evil, csrf=False)
        s.same(f'GET {path} with cookies has no CORS header', a.header('access-control-allow-origin'), None)
        s.same('... and none for credentials', a.header('access-control-allow-credentials'), None)
    for method, path, _ in UNSAFE:
        ask = {'origin': 'https://evil.example', 'access-control-request-method': method}
        ask['access-control-request-headers'] = 'content-type,x-csrf-token'
        a = s.send('OPTIONS', path.format(tenant=who.tenant), headers=ask)
        s.same(f'a preflight for {method} {path} allows no credentials', a.header('access-control-allow-credentials'), None)
        allowed = (a.header('access-control-allow-headers') or '').lower()
        s.check('... and no CSRF token', 'x-csrf-token' not in allowed, allowed)


def test_the_refresh_cookie(s):
    who = Person(s).register()
    for words, headers in {
        'a foreign origin': {'origin': 'https://evil.example'},
        'the origin null': {'origin': 'null'},
        'no origin': {'origin': None},
    }.items():
        a = who.browse('POST', '/api/auth/refresh', {}, headers)
        s.problem(f'refresh by cookie from {words}', a, 403, 'csrf')
    a = who.browse('POST', '/api/auth/refresh', {}, csrf=False)
    s.same('our page refreshes by cookie', a.status, 200)
    s.check('... and gets both cookies anew', set(cookies_of(a)) == {SESSION, REFRESH}, a.headers)


def test_the_cookies(s):
    who = Person(s).register().login()
    seen = cookies_of(who.answer)
    s.same('a login sets two cookies', set(seen), {SESSION, REFRESH})
    for name, (value, attributes) in seen.items():
        s.check(f'{name} is HttpOnly, Secure, Lax, of the whole host', value and {
            'httponly', 'secure', 'samesite=lax', 'path=/'} <= attributes, attributes)
        s.check(f'{name} has no Domain', not any(a.startswith('domain') for a in attributes), attributes)
    a = who.browse('POST', '/api/auth/logout', {})
    gone = cookies_of(a)
    s.check('logout takes both away', set(gone) == {SESSION, REFRESH} and all(
        not value and 'max-age=0' in attributes for value, attributes in gone.values()), gone)


def test_a_login_from_elsewhere_sets_no_cookie(s):
    """Else a page could log its visitor in as somebody else, who then reads what he writes."""
    who = Person(s).register()
    form = {'content-type': 'text/plain'}  # what a form of another site can send without being asked
    for words, headers in {
        'another origin': {'origin': 'https://evil.example'},
        'the origin null': {'origin': 'null'},
        'another site': {'sec-fetch-site': 'cross-site'},
        'a sister site': {'sec-fetch-site': 'same-site'},
    }.items():
        a = who.login({**form, **headers}).answer
        s.same(f'a login from {words} sets no cookie', cookies_of(a), {})
        s.same('... and lets nobody read it', a.header('access-control-allow-origin'), None)
        a = Person(s).login({**form, **headers}).answer
        s.same('... nor does a refused one', cookies_of(a), {})
    ours = {'origin': f'http://127.0.0.1:{s.port}', 'sec-fetch-site': 'same-origin'}
    s.same('a login from our page sets both', set(cookies_of(who.login(ours).answer)), {SESSION, REFRESH})

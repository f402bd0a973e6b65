"""people - persons with accounts, as the checks of logins need them."""
import base64
import hashlib
import hmac
import itertools
import json
import time

import scene as scenery

PASSWORD = 'correct horse battery'
SESSION, REFRESH = '__Host-cc_session', '__Host-cc_refresh'
count = itertools.count(1)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def claims_of(token):
    return json.loads(unb64(token.split('.')[1]))


def signed(header, payload, key=None, digest='sha256'):
    """A token of any header and payload (dicts or bytes); key None: no signature."""
    parts = [b64(x if isinstance(x, bytes) else json.dumps(x).encode()) for x in (header, payload)]
    text = '.'.join(parts)
    return text + '.' + ('' if key is None else b64(hmac.new(key, text.encode(), digest).digest()))


def minted(payload, kid=None, **header):
    """A token as ours are, with our key."""
    kid = kid or next(iter(scenery.TOKEN_KEYS))
    key = bytes.fromhex(scenery.TOKEN_KEYS[kid])
    return signed({'alg': 'HS256', 'typ': 'JWT', 'kid': kid, **header}, payload, key)


def cookies_of(answer):
    """{name: (value, attributes in lower case)} of what an answer sets."""
    out = {}
    for name, value in answer.headers:
        if name == 'set-cookie':
            pair, *attributes = value.split(';')
            key, _, content = pair.partition('=')
            out[key.strip()] = (content, {a.strip().lower() for a in attributes})
    return out


class Person:
    """Somebody with a tenant of his own, logged in once more with each login()."""

    def __init__(self, s, name='ada', port=None, email=None, password=PASSWORD):
        self.s, self.name, self.password = s, name, password
        self.port = port or s.port
        self.email = email or f'{name}.{next(count)}@people.example'

    def register(self, **more):
        body = dict(email=self.email, password=self.password, name=self.name, company=f'{self.name} & co', **more)
        self.answer = self.s.send('POST', '/api/auth/register', body=body, port=self.port)
        if self.answer.status == 201:
            self.take(self.answer)
        return self

    def login(self, headers=None, port=None):
        body = dict(email=self.email, password=self.password)
        self.answer = self.s.send('POST', '/api/auth/login', body=body, headers=headers, port=port or self.port)
        if self.answer.status == 200:
            self.take(self.answer)
        return self

    def take(self, answer):
        said = answer.json
        self.id, self.tenant, self.role = said['user']['id'], said['clientId'], said['role']
        self.csrf, self.access, self.refresh = said['csrfToken'], said['accessToken'], said['refreshToken']
        self.cookies = {name: value for name, (value, _) in cookies_of(answer).items()}
        self.sid = claims_of(self.access)['sid']

    def other_login(self):
        """The same person on another device."""
        return Person(self.s, self.name, self.port, self.email, self.password).login()

    def send(self, method, path, body=None, headers=None, port=None):
        """With the access token as Bearer."""
        headers = {'authorization': 'Bearer ' + self.access, **(headers or {})}
        return self.s.send(method, path, body=body, headers=headers, port=port or self.port)

    def cookie(self, *names):
        return {'cookie': '; '.join(f'{n}={self.cookies[n]}' for n in names or (SESSION, REFRESH))}

    def browse(self, method, path, body=None, headers=None, csrf=True, port=None):
        """As our own page in a browser does: cookies, and what shows that it is our page."""
        port = port or self.port
        more = {'origin': f'http://127.0.0.1:{port}', 'sec-fetch-site': 'same-origin', **self.cookie()}
        if csrf:
            more['x-csrf-token'] = self.csrf
        more.update(headers or {})
        more = {name: value for name, value in more.items() if value is not None}
        return self.s.send(method, path, body=body, headers=more, port=port)

    def alive(self, port=None):
        return self.send('GET', '/api/auth/me', port=port).status == 200


def now():
    return int(time.time())


def csrf_of(sid):
    key = bytes.fromhex(next(iter(scenery.TOKEN_KEYS.values())))
    return b64(hmac.new(key, b'csrf|' + sid.encode(), hashlib.sha256).digest())

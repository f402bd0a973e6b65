"""The back office's WebSocket for people: how a login opens it, and that it ends with the login."""
import time

import sock
from people import SESSION, Person
from test_dashboard_ws import refused

SOON_S = 5


def ours(s):
    return f'http://127.0.0.1:{s.port}'


def by_cookie(who, **more):
    return {'cookie': f'{SESSION}={who.access}', **more}


def test_who_may(s):
    who = Person(s).register()
    for words, more in {
        'a token in a header': dict(key=who.access),
        'a token as a protocol': dict(protocols=['cc.v1', 'cc.key.' + who.access]),
        'a token as a protocol, from our page': dict(
            protocols=['cc.v1', 'cc.key.' + who.access], headers={'origin': ours(s)}
        ),
        'a cookie, from our page': dict(headers=by_cookie(who, origin=ours(s))),
    }.items():
        w = sock.Socket(s.port, **more)
        hello = w.text()
        s.same(f'{words} opens it', (hello['type'], hello['tenant']), ('hello', who.tenant))
        w.drop()


def test_who_may_not(s):
    who = Person(s).register()
    forged = who.access[:-2] + ('AA' if who.access[-2:] != 'AA' else 'BB')
    evil = 'https://evil.example'
    refused(s, 'a cookie without a page', 403, 'origin_not_allowed', headers=by_cookie(who))
    for origin in (evil, 'null', ours(s) + '.evil.example', 'https' + ours(s)[4:]):
        refused(s, f'a cookie from {origin}', 403, 'origin_not_allowed', headers=by_cookie(who, origin=origin))
    refused(s, 'a token from another page', 403, 'origin_not_allowed', key=who.access, headers={'origin': evil})
    refused(s, 'a forged token', 401, 'unauthorized', protocols=['cc.key.' + forged])
    refused(s, 'a refresh token', 401, 'unauthorized', protocols=['cc.key.' + who.refresh])


def ended(s, who, words, end):
    """A quiet socket and one that never is."""
    quiet, busy = sock.Socket(s.port, key=who.access), sock.Socket(s.ports['strict'], key=who.access)
    quiet.text(), busy.text()
    end()
    began = time.monotonic()
    try:
        while time.monotonic() - began < 2 * SOON_S:
            busy.send(dict(type='ping'))
            busy.text()
    except (OSError, EOFError):
        pass  # it is over
    s.check(f'{words}: one that goes on asking is ended soon', time.monotonic() - began < SOON_S)
    s.same('... the quiet one with 1008', quiet.closed(), 1008)
    s.check('... soon, too', time.monotonic() - began < SOON_S + 1)


def test_it_ends_with_the_login(s):
    who = Person(s).register()
    ended(s, who, 'logged out', lambda: who.send('POST', '/api/auth/logout', {}))
    who.login()
    other = Person(s, email=who.email).login()
    ended(s, who, 'ended elsewhere', lambda: other.send('DELETE', f'/api/auth/sessions/{who.sid}'))

"""Accounts and logins: how they begin, what carries them on, what ends them."""
import http.client
import json
import os
import statistics
import time

import harness as h
from people import PASSWORD, REFRESH, SESSION, Person, claims_of, cookies_of
from test_once import parallel

ME = '/api/auth/me'
SOON_S = 5


def refresh(s, token, port=None):
    return s.send('POST', '/api/auth/refresh', body=dict(refreshToken=token), port=port or s.port)


def ended(s, who, words, seconds=SOON_S):
    """Every gateway refuses the access token within seconds."""
    for name, port in s.ports.items():
        a = s.until(lambda: who.send('GET', ME, port=port), lambda a: a.status == 401, seconds)
        s.problem(f'{words}: refused by gateway {name}', a, 401, 'unauthorized')


def known(s, who):
    """Every gateway has seen the login, and so keeps it."""
    for name, port in s.ports.items():
        s.same(f'gateway {name} knows the login', who.send('GET', ME, port=port).status, 200)


def test_register_and_login(s):
    who = Person(s).register()
    s.same('registering answers 201', who.answer.status, 201)
    s.same('... as an owner', who.role, 'owner')
    key = who.answer.json.get('publicKey')
    s.check('... with a public key for a first bot', bool(key) and key.startswith('pk_live_'), who.answer)
    me = who.send('GET', ME).json
    s.same('me says who it is', (me['user']['id'], me['user']['email'], me['clientId']), (who.id, who.email, who.tenant))
    first = who.sid
    who.login()
    s.same('logging in answers 200', who.answer.status, 200)
    s.check('... with another login', who.sid != first, who.sid)
    s.same('... not to be kept by anybody', who.answer.header('cache-control'), 'no-store')
    again = Person(s, email=who.email).register().answer
    s.problem('the same address again', again, 409, 'conflict')
    upper = Person(s, email=who.email.upper()).login()
    s.same('capitals make no other address', upper.answer.status, 200)


def test_wrong_passwords(s):
    who = Person(s).register()
    wrong = Person(s, email=who.email, password=PASSWORD + 'x').login().answer
    nobody = Person(s, email='nobody@people.example').login().answer
    s.problem('a wrong password', wrong, 401, 'unauthorized')
    s.problem('an unknown address', nobody, 401, 'unauthorized')
    s.same('both are told the same', wrong.json['detail'], nobody.json['detail'])
    for words, body in {
        'no password': dict(email=who.email),
        'no address': dict(password=PASSWORD),
        'a password that is a number': dict(email=who.email, password=5),
        'an address that is none': dict(email='ada', password=PASSWORD),
        'a member too many': dict(email=who.email, password=PASSWORD, role='owner'),
    }.items():
        s.problem(words, s.send('POST', '/api/auth/login', body=body), 400, 'invalid_request')
    for words, password in {'nine characters': 'a' * 9, '129 characters': 'a' * 129}.items():
        a = Person(s, password=password).register().answer
        s.problem(f'registering with {words}', a, 400, 'invalid_request')
        s.check('... names the member', 'password' in a.json['detail'], a)
    for words, password in {'ten characters': 'a' * 10, '128 characters': 'é' * 128}.items():
        s.same(f'registering with {words}', Person(s, password=password).register().answer.status, 201)


def took(ask):
    began = time.monotonic()
    ask()
    return time.monotonic() - began


def test_nobody_learns_which_addresses_have_accounts(s):
    who = Person(s).register()
    emails = {'an account': who.email, 'none': 'nobody@people.example'}
    seen = {words: [] for words in emails}
    for _ in range(15):  # in turn, so that what else goes on here weighs on both
        for words, email in emails.items():
            seen[words].append(took(lambda: Person(s, email=email, password='wrong password').login()))
    there, not_there = (statistics.median(seen[words]) for words in emails)
    s.check('a wrong password takes as long as an unknown address', 0.6 < there / not_there < 1.7, (there, not_there))
    for email in (who.email, 'nobody@people.example'):
        a = s.send('POST', '/api/auth/password/forgot', body=dict(email=email))
        s.same('forgetting is answered alike', (a.status, a.body), (202, b'') if not a.body else (202, a.body))


def test_a_planted_cookie_is_not_upgraded(s):
    """Fixation: whatever comes along with a login, it begins anew, and what came stays what it was."""
    who, thief = Person(s).register(), Person(s, 'eve').register()
    who.sid_before = who.sid
    planted = {
        "the thief's own": thief.cookie(),
        'an old one of the same person': who.cookie(),
        'one made up': {'cookie': f'{SESSION}=abc; {REFRESH}=def'},
        'an id alone': {'cookie': f'{SESSION}={thief.sid}; sid={thief.sid}; session={thief.sid}'},
    }
    seen = {who.sid, thief.sid}
    for words, headers in planted.items():
        one = Person(s, email=who.email).login(headers)
        s.same(f'login with {words}: lets in', one.answer.status, 200)
        s.check('... with a new id', one.sid not in seen, one.sid)
        s.check('... and new cookies', cookies_of(one.answer)[SESSION][0] not in headers['cookie'], one.answer.headers)
        seen.add(one.sid)
    s.same("the thief's login is still the thief's", thief.send('GET', ME).json['user']['id'], thief.id)
    a = s.send('POST', '/api/auth/login?sid=' + thief.sid, body=dict(email=who.email, password=PASSWORD))
    s.check('an id in the query is not taken', a.status in (200, 400) and (
        a.status == 400 or claims_of(a.json['accessToken'])['sid'] not in seen), a)


def test_refresh(s):
    who = Person(s).register()
    a = refresh(s, who.refresh)
    s.same('a refresh answers 200', a.status, 200)
    new = a.json
    s.same('it is the same login', claims_of(new['accessToken'])['sid'], who.sid)
    s.check('... with a token of another name', claims_of(new['accessToken'])['jti'] != claims_of(who.access)['jti'])
    s.check('... and another refresh token', new['refreshToken'] != who.refresh)
    who.access = new['accessToken']
    s.check('the new one opens', who.alive())
    for _ in range(3):
        a = refresh(s, a.json['refreshToken'])
        s.same('and so on', a.status, 200)


def test_a_refresh_token_used_twice_ends_the_login(s):
    who = Person(s).register()
    bystander = who.other_login()
    known(s, who)
    old = who.refresh
    a = refresh(s, old)
    who.access, latest = a.json['accessToken'], a.json['refreshToken']
    s.problem('the old one again', refresh(s, old), 401, 'unauthorized')
    s.problem('the new one is dead, too', refresh(s, latest), 401, 'unauthorized')
    ended(s, who, 'the login of a copied refresh token')
    s.check('another login of the person lives', bystander.alive())
    rows = h.sql(f"SELECT reason FROM logins WHERE id = '{who.sid}'")
    s.same('the reason is kept', rows, [['reuse']])


def test_a_refresh_token_in_many_hands_at_once(s):
    """However many use it at the same moment, at most one gets a new one, and the login is over."""
    who = Person(s).register()
    seen = parallel(10, lambda _: refresh(s, who.refresh))
    good = [a for a in seen if a.status == 200]
    s.check('at most one is let in', len(good) <= 1 and len(seen) == 10, seen)
    s.check('the others get 401', all(a.status == 401 for a in seen if a not in good), seen)
    for a in good:
        s.problem('... and what it got is dead', refresh(s, a.json['refreshToken']), 401, 'unauthorized')
    ended(s, who, 'the login that many refreshed')


def test_logout(s):
    who = Person(s).register()
    bystander = who.other_login()
    known(s, who)
    a = who.send('POST', '/api/auth/logout', {})
    s.check('logout is answered', a.status in (200, 204), a)
    s.problem('the same gateway refuses at once', who.send('GET', ME), 401, 'unauthorized')
    ended(s, who, 'after logout', 1)
    s.problem('its refresh token is dead', refresh(s, who.refresh), 401, 'unauthorized')
    s.check('another login of the person lives', bystander.alive())


def test_a_new_password_ends_the_other_logins(s):
    who = Person(s).register()
    others = [who.other_login() for _ in range(2)]
    for one in (who, *others):
        known(s, one)
    wrong = who.send('POST', '/api/auth/password', dict(currentPassword='not my password', newPassword='a new password'))
    s.check('the old password is wanted', wrong.status in (401, 403), wrong)
    s.check('... and nobody is thrown out', all(o.alive() for o in others))
    a = who.send('POST', '/api/auth/password', dict(currentPassword=PASSWORD, newPassword='a new password'))
    s.check('the password is changed', a.status in (200, 204), a)
    for one in others:
        ended(s, one, 'another login after a new password')
        s.problem('... and its refresh token', refresh(s, one.refresh), 401, 'unauthorized')
    s.problem('the old password', who.login().answer, 401, 'unauthorized')
    who.password = 'a new password'
    s.same('the new password', who.login().answer.status, 200)


def test_a_reset(s):
    who = Person(s).register()
    known(s, who)
    s.same('forgetting is accepted', s.send('POST', '/api/auth/password/forgot', body=dict(email=who.email)).status, 202)
    mail = s.hook.to(who.email, 'reset')
    if not s.check('a mail comes', mail is not None and mail['token'] in mail['url'], mail):
        return
    body = dict(token=mail['token'], password='a third password')
    s.problem('a reset token opens nothing else', s.send('GET', ME, headers={'authorization': 'Bearer ' + mail['token']}), 401, 'unauthorized')
    a = s.send('POST', '/api/auth/password/reset', body=body)
    s.check('the password is set', a.status in (200, 204), a)
    ended(s, who, 'a login from before the reset')
    s.problem('the token again', s.send('POST', '/api/auth/password/reset', body=body), 401, 'unauthorized')
    who.password = 'a third password'
    s.same('the new password opens', who.login().answer.status, 200)


def test_the_list_of_logins(s):
    who, stranger = Person(s).register(), Person(s, 'ben').register()
    other = who.other_login()
    items = who.send('GET', '/api/auth/sessions').json['items']
    s.check('both logins are listed', {who.sid, other.sid} <= {i['id'] for i in items}, items)
    s.check('... and nobody else\'s', stranger.sid not in str(items))
    known(s, other)
    s.problem('a stranger cannot end one', stranger.send('DELETE', f'/api/auth/sessions/{other.sid}'), 404, 'not_found')
    s.check('... it is alive', other.alive())
    s.same('its owner can', who.send('DELETE', f'/api/auth/sessions/{other.sid}').status, 204)
    ended(s, other, 'a login that was ended from another')


def try_in(s, port, email, address):
    body = dict(email=email, password='a wrong password')
    return s.send('POST', '/api/auth/login', body=body, port=port, headers={'x-forwarded-for': address})


def refused_after_ten(s, words, ask):
    """ask(i) for many i, at once: exactly ten are looked at; then one more, alone."""
    seen = parallel(50, ask)
    s.same(f'{words}, 50 at once: ten are looked at', sum(a.status == 401 for a in seen), 10)
    s.same('... the others are told to wait', sum(a.code == 'rate_limited' for a in seen), 40)
    s.problem('... as is the one after', ask(99), 429, 'rate_limited')


def test_tries_are_counted(s):
    """Ten a minute of one e-mail whatever the address, and of one address whatever the e-mail; exactly ten."""
    port = s.extra_gateway('tries', CC_TRUST_PROXY=1, CC_LOGIN_TRIES=10)
    refused_after_ten(s, 'one e-mail from anywhere', lambda i: try_in(s, port, 'burst@people.example', f'192.0.2.{i}'))
    refused_after_ten(s, 'one address', lambda i: try_in(s, port, f'burst{i}@people.example', '198.51.100.7'))
    seen = [try_in(s, port, 'slow@people.example', '203.0.113.1').status for _ in range(12)]
    s.same('one after the other: ten', seen, [401] * 10 + [429] * 2)
    capitals = try_in(s, port, 'SLOW@People.Example', '203.0.113.2')
    s.problem('capitals are the same e-mail', capitals, 429, 'rate_limited')
    s.same('somebody else elsewhere is not touched', try_in(s, port, 'calm@people.example', '203.0.113.9').status, 401)
    who = Person(s).register()
    for i in range(10):
        try_in(s, port, who.email, f'203.0.114.{i}')
    a = s.send('POST', '/api/auth/login', body=dict(email=who.email, password=who.password), port=port,
               headers={'x-forwarded-for': '203.0.115.1'})
    s.problem('the right password has to wait, too', a, 429, 'rate_limited')


def test_an_address_is_the_one_that_our_proxy_wrote(s):
    """Proxies add a line of their own behind those that came, or write behind them in the same one."""
    port = s.ports['capped']
    who = Person(s, 'far', port=port).register()
    for words, lines in (
        ('lines', ['192.0.2.66', '198.51.100.9']),
        ('lists', ['192.0.2.66, 192.0.2.67', '192.0.2.68, 198.51.100.9']),
        ('one list', ['192.0.2.66, 198.51.100.9']),
    ):
        status, body = with_lines(port, dict(email=who.email, password=who.password), lines)
        s.same(f'a login behind a proxy, {words}', status, 200)
        sid = claims_of(json.loads(body)['accessToken'])['sid']
        listed = {x['id']: x['address'] for x in who.send('GET', '/api/auth/sessions').json['items']}
        s.same('... is from where the last one says', listed.get(sid), '198.51.100.9')


def with_lines(port, body, forwarded):
    """(status, body) of a login whose X-Forwarded-For has several lines."""
    link = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    raw = json.dumps(body).encode()
    link.putrequest('POST', '/api/auth/login')
    for value in forwarded:
        link.putheader('x-forwarded-for', value)
    link.putheader('content-type', 'application/json')
    link.putheader('content-length', str(len(raw)))
    link.endheaders(raw)
    answer = link.getresponse()
    out = answer.status, answer.read()
    link.close()
    return out


def test_a_full_queue_of_passwords(s):
    """More people at once than wait for two threads: the others are told at once."""
    port = s.extra_gateway('queue')
    took = []

    def ask(i):
        begun = time.monotonic()
        a = try_in(s, port, f'queue{i}@people.example', '127.0.0.1')
        took.append((time.monotonic() - begun, a.status))
        return a

    seen = parallel(400, ask)
    s.same('two answers there are', {(a.status, a.code) for a in seen}, {(401, 'unauthorized'), (503, 'busy')})
    away = [t for t, status in took if status == 503 and t < 10]  # the queue's patience is 20 s
    s.check('who finds no place hears so at once', 0 < len(away) <= 400 - 256, len(away))
    s.same('then there is room again', try_in(s, port, 'queue@people.example', '127.0.0.1').status, 401)


def test_a_tenant_that_is_closed_is_nobodys_home(s):
    owner, guest = Person(s).register(), Person(s, 'guest').register()
    home = guest.tenant
    body = dict(email=guest.email, role='viewer')
    owner.send('POST', f'/api/dashboard/clients/{owner.tenant}/invitations', body)
    token = s.hook.to(guest.email, 'invitation')['token']
    guest.take(s.send('POST', '/api/auth/invitations/accept', body=dict(token=token, password=guest.password)))
    s.same('the last login was there', guest.tenant, owner.tenant)
    h.sql(f"UPDATE tenants SET closed_at = now() WHERE tenant_id = '{owner.tenant}'")
    guest.login()
    s.same('a login without a choice', guest.answer.status, 200)
    s.same('... is in the one that is open', guest.tenant, home)
    body = dict(email=guest.email, password=guest.password, clientId=owner.tenant)
    s.problem('one in the closed one', s.send('POST', '/api/auth/login', body=body), 403, 'forbidden')
    a = guest.send('POST', '/api/auth/switch', dict(clientId=owner.tenant))
    s.problem('a switch to it', a, 404, 'not_found')
    left = h.sql(f"SELECT count(*) FROM logins WHERE tenant_id = '{owner.tenant}' AND revoked_at IS NULL")
    s.same('... no login has begun in it since', int(left[0][0]), 2)


def test_a_switch(s):
    owner, guest = Person(s).register(), Person(s, 'guest').register()
    home = guest.tenant
    body = dict(email=guest.email, role='viewer')
    owner.send('POST', f'/api/dashboard/clients/{owner.tenant}/invitations', body)
    token = s.hook.to(guest.email, 'invitation')['token']
    guest.take(s.send('POST', '/api/auth/invitations/accept', body=dict(token=token, password=guest.password)))
    before, old = guest.sid, guest.access
    a = guest.send('POST', '/api/auth/switch', dict(clientId=home))
    s.same('into another tenant of one\'s own', (a.status, a.json['clientId'], a.json['role']), (200, home, 'owner'))
    guest.take(a)
    s.check('... with a login of its own', guest.sid != before)
    headers = {'authorization': 'Bearer ' + old}
    s.problem('... the other one is over', s.send('GET', ME, headers=headers), 401, 'unauthorized')
    stranger = Person(s, 'stranger').register()
    a = guest.send('POST', '/api/auth/switch', dict(clientId=stranger.tenant))
    s.problem('into a stranger\'s', a, 404, 'not_found')
    s.check('... leaves the login as it is', guest.alive())
    # no notice: the gateway still believes in the login for a while
    h.sql(f"UPDATE logins SET revoked_at = now() WHERE id = '{guest.sid}'")
    a = guest.send('POST', '/api/auth/switch', dict(clientId=owner.tenant))
    s.problem('of a login that is over by now', a, 401, 'unauthorized')
    left = h.sql(f"SELECT count(*) FROM logins WHERE user_id = '{guest.id}' AND revoked_at IS NULL")
    s.same('... begins none: that of the registration is left', left[0][0], '1')


def test_nothing_secret_is_logged(s):
    who = Person(s, password='a password to be looked for').register().login()
    refresh(s, who.refresh)
    found = []
    for name in s.fleet.procs:
        with open(os.path.join(s.fleet.log, name + '.log'), errors='replace') as f:
            text = f.read()
        for words, secret in dict(password=who.password, access=who.access, refresh=who.refresh, csrf=who.csrf).items():
            found += [(name, words)] * (secret in text)
    s.check('no log has a password or a token', not found, found)

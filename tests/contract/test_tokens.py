"""Tokens of logins: those that are ours open, and nothing else does.

Each forged token differs in one thing from one that is accepted.
"""
import json
import os
import subprocess

import harness as h
import people
import scene as scenery
from people import minted, now, signed

ME = '/api/auth/me'
JOSE = os.path.join(h.ROOT, 'tests', 'contract', 'jose')
KID, KEY = next((kid, bytes.fromhex(key)) for kid, key in scenery.TOKEN_KEYS.items())
RIGHT = {'alg': 'HS256', 'typ': 'JWT', 'kid': KID}
PATHS = ['../../../../dev/null', '/dev/null', 'k2/../k2', 'file:///etc/passwd', './k2', '%6b2']
STATEMENTS = ["k2' OR '1'='1", "' UNION SELECT '" + '00' * 32 + "' --", "k2'; DROP TABLE users; --", 'k2" OR ""="']
ODD_KIDS = ['', 'K2', ' k2', 'k2 ', 'k', 'k2,k1', 'k1,k2', 'k22', 'k2\u0000', 'k' * 5000, 0, None, True, ['k2'], {'k2': 1}]


def claims(who, **more):
    out = {**people.claims_of(who.access), 'jti': f'jti_{next(people.count):032x}', **more}
    return {name: value for name, value in out.items() if value is not ...}


def algorithms(who):
    body = claims(who)
    for alg in ('none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'ES256', 'EdDSA', 'hs256', 'HS256 '):
        yield f'alg {alg!r}, signed as ours are', signed({**RIGHT, 'alg': alg}, body, KEY)
        yield f'alg {alg!r}, no signature', signed({**RIGHT, 'alg': alg}, body)
    for alg in (None, 0, True, ['HS256'], {'HS256': 1}):
        yield f'alg {alg!r}', signed({**RIGHT, 'alg': alg}, body, KEY)
    yield 'no alg', signed({'typ': 'JWT', 'kid': KID}, body, KEY)
    yield 'HS384 as it should be', signed({**RIGHT, 'alg': 'HS384'}, body, KEY, 'sha384')
    yield 'HS512 as it should be', signed({**RIGHT, 'alg': 'HS512'}, body, KEY, 'sha512')
    yield 'HS256, no signature', signed(RIGHT, body)


def keys(who):
    body = claims(who)
    hexed = next(iter(scenery.TOKEN_KEYS.values()))
    wrong = {'empty': b'', 'zero': bytes(32), 'the digits of ours': hexed.encode(), 'the kid': KID.encode()}
    wrong['half of ours'], wrong['ours and more'] = KEY[:16], KEY + b'\1'
    wrong['the key for visitors'] = bytes.fromhex(scenery.IDENTITY_KEY)
    for words, key in wrong.items():
        yield f'the key is {words}', signed(RIGHT, body, key)
    for kid in PATHS + STATEMENTS + ODD_KIDS:
        yield f'kid {str(kid)[:40]!r}, signed with our key', signed({**RIGHT, 'kid': kid}, body, KEY)
        yield f'kid {str(kid)[:40]!r}, signed with the empty key', signed({**RIGHT, 'kid': kid}, body, b'')
    yield 'no kid', signed({'alg': 'HS256', 'typ': 'JWT'}, body, KEY)
    yield 'the kid of another key', signed({**RIGHT, 'kid': 'k1'}, body, KEY)
    for typ in ('jwt+x', 'at+jwt', 'JWE', '', 1):
        yield f'typ {typ!r}', signed({**RIGHT, 'typ': typ}, body, KEY)


def times(who):
    t = now()
    for words, more in {
        'expired by more than the clocks differ': dict(exp=t - 60, iat=t - 900, nbf=t - 900),
        'expired long ago': dict(exp=1, iat=0, nbf=0),
        'not yet good': dict(nbf=t + 600),
        'made in the future': dict(iat=t + 600),
        'no exp': dict(exp=...),
        'exp null': dict(exp=None),
        'exp as text': dict(exp=str(t + 600)),
        'exp negative': dict(exp=-1),
        'exp a list': dict(exp=[t + 600]),
        'nbf as text': dict(nbf='0'),
    }.items():
        yield words, minted(claims(who, **more))
    yield 'exp beyond all numbers', minted(json.dumps(claims(who)).replace(str(claims(who)['exp']), '1e999').encode())


def meanings(who, foreign):
    other = people.claims_of(foreign.access)
    for words, more in {
        'another audience': dict(aud='refresh'),
        'the audience of an invitation': dict(aud='invite'),
        'the audience of a reset': dict(aud='reset'),
        'no audience': dict(aud=...),
        'another issuer': dict(iss='chatconnect.example'),
        'no issuer': dict(iss=...),
        "another tenant, this person's login": dict(tid=other['tid']),
        "another tenant's login": dict(sid=other['sid']),
        'another person': dict(sub=other['sub']),
        'another person and login': dict(sub=other['sub'], sid=other['sid']),
        'a login that never was': dict(sid='lgn_' + '0' * 32),
        'no login': dict(sid=...),
        'no tenant': dict(tid=...),
        'no person': dict(sub=...),
        'a tenant that is a statement': dict(tid="' OR ''='"),
        'a tenant that is a list': dict(tid=[other['tid']]),
    }.items():
        yield words, minted(claims(who, **more))


def tampered(who, foreign):
    head, body, mark = who.access.split('.')
    other = foreign.access.split('.')
    for name, value in {'tid': foreign.tenant, 'sub': foreign.id, 'exp': now() + 10**6, 'aud': 'x'}.items():
        changed = people.b64(json.dumps({**people.claims_of(who.access), name: value}).encode())
        yield f'{name} changed under the old signature', f'{head}.{changed}.{mark}'
    yield "another token's signature", f'{head}.{body}.{other[2]}'
    yield "another token's claims", f'{head}.{other[1]}.{mark}'
    for i in range(0, len(mark), 3):
        digit = 'A' if mark[i] != 'A' else 'B'
        yield f'character {i} of the signature', f'{head}.{body}.{mark[:i]}{digit}{mark[i + 1:]}'
    yield 'a part more', who.access + '.' + mark
    yield 'a dot more', who.access + '.'
    yield 'the parts in another order', f'{body}.{head}.{mark}'
    yield 'base64 with padding', f'{head}.{body}.{mark}='
    yield 'a claim that is no JSON', signed(RIGHT, b'{"sub":', KEY)
    yield 'claims that are a list', signed(RIGHT, b'[1]', KEY)
    yield 'a header that is no JSON', signed(b'{"alg":"HS256"', claims(who), KEY)
    yield 'JSON so deep', signed(RIGHT, b'[' * 2000 + b']' * 2000, KEY)
    yield 'far too long', minted(claims(who, pad='x' * 6000))


def others(s, who):
    yield 'its own refresh token', who.refresh
    yield 'its CSRF token', who.csrf
    bot = who.send('GET', '/api/bots').json['items'][0]['id']
    secret = who.send('GET', f'/api/bots/{bot}/identity')
    if s.same('a bot has a secret for its visitors', secret.status, 200):
        key = secret.json['secret'].encode()
        visitor = {'sub': who.id, 'exp': now() + 600, 'iat': now()}
        for words, body in {"a visitor's token": visitor, "a visitor's token with our claims": claims(who)}.items():
            yield words, signed({'alg': 'HS256', 'typ': 'JWT'}, body, key)
            yield f'{words} and kid', signed(RIGHT, body, key)


def refuse(s, forged, path=ME):
    """All of them, on one line each only where it goes wrong."""
    n, wrong = 0, []
    for words, token in forged:
        for way in ({'authorization': f'Bearer {token}'}, {'cookie': f'{people.SESSION}={token}'}):
            if 'cookie' in way and any(c in token for c in ' ;,"'):
                continue
            n += 1
            a = s.send('GET', path, headers=way)
            if a.status != 401 or a.code != 'unauthorized':
                wrong.append((words, next(iter(way)), a))
    return s.check(f'{path}: {n} forged ones are refused with 401', n > 0 and not wrong, wrong[:5])


def pair(s):
    return people.Person(s).register(), people.Person(s, 'ben').register()


def test_a_right_token_opens(s):
    who, _ = pair(s)
    token = people.claims_of(who.access)
    s.check('it lives for 15 minutes at most', 0 < token['exp'] - token['iat'] <= 900, token)
    s.same('it is for the dashboard', (token['iss'], token['aud']), ('chatconnect', 'dashboard'))
    s.same('it says who and where', (token['sub'], token['tid']), (who.id, who.tenant))
    s.check('it has a name of its own', token['jti'] and token['jti'] != people.claims_of(who.refresh).get('jti'), token)
    for words, good in {
        'the one of the login': who.access,
        'one that is made here with the same key': minted(claims(who)),
        'one of the key that only verifies': minted(claims(who), kid='k1'),
        'one whose clock is a little ahead': minted(claims(who, iat=now() + 10, nbf=now() + 10)),
        'one that has just expired': minted(claims(who, exp=now() - 5)),
    }.items():
        a = s.send('GET', ME, headers={'authorization': 'Bearer ' + good})
        s.same(f'{words} opens', a.status, 200)


def test_algorithms(s):
    refuse(s, algorithms(pair(s)[0]))


def test_keys(s):
    refuse(s, keys(pair(s)[0]))


def test_times(s):
    refuse(s, times(pair(s)[0]))


def test_meanings(s):
    refuse(s, meanings(*pair(s)))
    who, foreign = pair(s)
    refuse(s, meanings(who, foreign), f'/api/dashboard/clients/{foreign.tenant}')


def test_tampered(s):
    refuse(s, tampered(*pair(s)))


def test_cut_anywhere(s):
    who, _ = pair(s)
    refuse(s, ((f'the first {n}', who.access[:n]) for n in range(5, len(who.access), 7)))
    refuse(s, ((f'without {n} at the end', who.access[:-n]) for n in range(1, 12)))


def test_tokens_of_other_kinds(s):
    refuse(s, others(s, pair(s)[0]))


def test_an_access_token_refreshes_nothing(s):
    who, _ = pair(s)
    t = now()
    right = people.claims_of(who.refresh)
    for words, token in {
        'the access token': who.access,
        'expired': minted({**right, 'exp': t - 60}),
        'another login': minted({**right, 'sid': 'lgn_' + '0' * 32}),
        'another tenant': minted({**right, 'tid': 'ten_' + '0' * 32}),
        'no counter': minted({k: v for k, v in right.items() if k != 'n'}),
        'a counter of the future': minted({**right, 'n': right['n'] + 1}),
        'a counter that is text': minted({**right, 'n': str(right['n'])}),
        'alg none': signed({**RIGHT, 'alg': 'none'}, right),
    }.items():
        a = s.send('POST', '/api/auth/refresh', body=dict(refreshToken=token))
        s.problem(f'refresh with {words}', a, 401, 'unauthorized')


def test_what_jose_makes_of_them(s):
    who, _ = pair(s)
    ask = dict(keys=scenery.TOKEN_KEYS, token=who.access, claims=claims(who))
    out = subprocess.run(['node', os.path.join(JOSE, 'forge.mjs')], input=json.dumps(ask).encode(), stdout=subprocess.PIPE)
    s.same('jose ran', out.returncode, 0)
    said = json.loads(out.stdout)
    s.same('jose verifies our token', said['verified'].get('payload'), people.claims_of(who.access))
    s.check('jose made them all', len(said['tokens']) > 30, len(said['tokens']))
    for t in said['tokens']:
        a = s.send('GET', ME, headers={'authorization': 'Bearer ' + t['token']})
        s.same(f'jose: {t["words"]}', a.status, 200 if t['good'] else 401)


def test_an_installation_without_keys(s):
    """Nobody logs in, and no signature of an empty key is right."""
    who, _ = pair(s)
    port = s.extra_gateway('keyless', CC_TOKEN_KEYS='')
    a = s.send('POST', '/api/auth/login', body=dict(email=who.email, password=who.password), port=port)
    s.problem('a login there', a, 503, 'unavailable')
    body = claims(who)
    for words, token in {
        'a right one': who.access,
        'one of the empty key': signed(RIGHT, body, b''),
        'one of the empty key, without kid': signed({'alg': 'HS256', 'typ': 'JWT', 'kid': ''}, body, b''),
        'alg none': signed({**RIGHT, 'alg': 'none'}, body),
    }.items():
        a = s.send('GET', ME, headers={'authorization': 'Bearer ' + token}, port=port)
        s.problem(f'{words} there', a, 401, 'unauthorized')
    s.same('API keys open there all the same', s.send('GET', '/api/widget/config', key=s.quick.public, port=port).status, 200)

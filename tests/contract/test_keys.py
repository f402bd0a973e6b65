"""Who may come in: the forms of keys, and what each kind opens."""
import binascii
import os
import random
import threading
import time

import harness as h
import scene as scenery

DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
CONFIG = '/api/widget/config'


def checksum(text):
    n, out = binascii.crc32(text.encode()), ''
    for _ in range(6):
        out, n = DIGITS[n % 62] + out, n // 62
    return out


def made_up(prefix):
    body = prefix + ''.join(random.choice(DIGITS) for _ in range(30))
    return body + checksum(body)


def test_forms(s):
    key = s.quick.public
    s.check(
        'a key is prefix, 30 base62 and their checksum',
        key.startswith('pk_live_') and len(key) == 44 and key[38:] == checksum(key[:38]),
        key[:12],
    )
    swapped = key[:20] + ('a' if key[20] != 'a' else 'b') + key[21:]
    wrong = {
        'a mistyped key': swapped,
        'a shorter key': key[:-1],
        'a longer key': key + 'a',
        'an unknown key': made_up('pk_live_'),
        'another prefix': 'pk_test_' + key[8:],
        'no key at all': 'hello',
        'an empty key': '',
    }
    for words, bad in wrong.items():
        s.problem(words, s.send('GET', CONFIG, headers={'x-api-key': bad}), 401, 'unauthorized')
        s.problem(
            f'{words}, with a body',
            s.send('POST', '/api/widget/chat', headers={'x-api-key': bad}, body=dict(message='hi')),
            401,
            'unauthorized',
        )
    s.problem('no credential', s.send('GET', CONFIG), 401, 'unauthorized')
    s.problem(
        'Basic instead of Bearer',
        s.send('GET', CONFIG, headers={'authorization': 'Basic ' + key}),
        401,
        'unauthorized',
    )


def changed_in_one_place(key):
    """Every character once, by its neighbour and by one far away."""
    for i, c in enumerate(key):
        others = [d for d in DIGITS + '_' if d != c]
        for d in {others[(DIGITS.find(c) + 1) % len(others)], random.choice(others)}:
            yield key[:i] + d + key[i + 1 :]


def test_a_mistyped_key_is_refused_without_a_look_up(s):
    """While PostgreSQL answers nobody, whoever has to be looked up waits; a wrong checksum is told at once."""
    wrong = [k for key in (s.quick.public, s.quick.secret) for k in changed_in_one_place(key)]
    path = os.path.join(os.environ['CC_TEST_DIR'], 'pg.pid')
    frozen = threading.Thread(target=h.server, args=('pg', 'pause', 6))
    frozen.start()
    with open(path) as f:
        pid = f.read().strip()
    while not state(pid).startswith('T'):
        pass
    began = time.monotonic()
    answers = [s.send('GET', CONFIG, headers={'x-api-key': k}) for k in wrong]
    took = time.monotonic() - began
    looked_up = s.send('GET', CONFIG, headers={'x-api-key': made_up('pk_live_')}, timeout=60)
    still = state(pid).startswith('T') or time.monotonic() - began > 5
    frozen.join()
    s.same(f'{len(wrong)} keys with one wrong character', {a.code for a in answers}, {'unauthorized'})
    s.check('... at once', took < 4, f'{took:.2f} s')
    s.check('one with a right checksum had to wait for PostgreSQL', looked_up.status == 503 or still, looked_up)


def state(pid):
    with open(f'/proc/{pid}/stat') as f:
        return f.read().rsplit(')', 1)[1].strip()


def test_places(s):
    key = s.quick.public
    s.same('x-api-key opens', s.send('GET', CONFIG, headers={'x-api-key': key}).status, 200)
    s.same(
        'a public key as Bearer opens',
        s.send('GET', CONFIG, headers={'authorization': 'Bearer ' + key}).status,
        200,
    )
    s.same(
        '"bearer" in lower case, too', s.send('GET', CONFIG, headers={'authorization': 'bearer ' + key}).status, 200
    )
    s.same('the key in the path opens', s.send('GET', f'{CONFIG}/{key}').status, 200)
    s.problem('a secret key in the path', s.send('GET', f'{CONFIG}/{s.quick.secret}'), 401, 'unauthorized')
    s.problem('a secret key in the query', s.send('GET', f'{CONFIG}?apiKey={s.quick.secret}'), 401, 'unauthorized')


def test_a_public_key_opens_no_server_route(s):
    for method, path in (('POST', '/process-document'), ('POST', '/api/widget/process-document')):
        for body in (None, dict(filename='a.txt', fileType='text/plain', fileData='YQ==')):
            a = s.send(method, path, key=s.quick.public, body=body)
            s.problem(f'public key, {method} {path}{" with a body" if body else ""}', a, 403, 'forbidden')
    a = s.send('GET', '/api/widget/documents/doc_00000000000000000000000000000000/status', key=s.quick.public)
    s.problem('public key, a document\'s status', a, 403, 'forbidden')


def test_a_secret_key_speaks_without_origin(s):
    a = s.send('POST', '/api/widget/chat', key=s.page.secret, body=dict(message='hi'))
    s.same('a server chats with its secret key', a.status, 200)


def test_a_revoked_key(s):
    fresh = scenery.made('key', 'add', s.house, '--public', '--bot', s.quick.id)
    key = fresh['key']
    for port in s.ports.values():
        s.same('a new key opens', s.send('GET', CONFIG, key=key, port=port).status, 200)
    h.ctl('key', 'revoke', s.house, fresh['keyId'])
    for name, port in s.ports.items():
        answer = s.until(lambda: s.send('GET', CONFIG, key=key, port=port), lambda a: a.status == 401, 5)
        s.problem(f'a revoked key within 5 s, gateway {name}', answer, 401, 'unauthorized')


def test_a_revoked_key_reads_no_further(s):
    streams = []
    for name, port in s.ports.items():
        fresh = scenery.made('key', 'add', s.house, '--public', '--bot', s.lasting.id)
        stream = s.stream(key=fresh['key'], body=dict(message='Tell me all.'), port=port)
        s.check(f'an answer has begun, gateway {name}', stream.first('token') is not None, stream)
        streams.append((name, fresh, stream))
    whole = s.stream(key=s.lasting.secret, body=dict(message='Tell me all.'))
    for name, fresh, stream in streams:
        h.ctl('key', 'revoke', s.house, fresh['keyId'])
        begun = time.monotonic()
        last = stream.first('error')
        took = time.monotonic() - begun
        s.check(f'... is told no further, gateway {name}', last is not None and last.data['code'] == 'unauthorized', last)
        stream.read()
        s.check('... and ended, within 5 s', stream.ended and took < 5, took)
    s.check('another key\'s answer goes on', whole.first('token') is not None and not whole.ended, whole)
    whole.close()

"""The back office's WebSocket: who may open it, what it tells, how it ends, what breaks it."""
import json
import os
import signal
import socket
import struct
import subprocess
import time

import scene as scenery
import sock
from test_dashboard_documents import delete, ready, upload_file
from test_documents import text_file

THEIRS = """
import asyncio, json, sys, websockets
async def main(port, key, by):
    how = dict(extra_headers={'Authorization': 'Bearer ' + key}) if by == 'header' else \\
        dict(subprotocols=['cc.v1', 'cc.key.' + key])
    async with websockets.connect(f'ws://127.0.0.1:{port}/ws/dashboard', **how) as ws:
        hello = json.loads(await ws.recv())
        await ws.send(json.dumps(dict(type='ping')))
        pong = json.loads(await ws.recv())
        waiter = await ws.ping()
        await asyncio.wait_for(waiter, 10)
        print(json.dumps([hello, pong, ws.subprotocol]))
    print(ws.close_code)
asyncio.run(main(*sys.argv[1:]))
"""


def opened(s, bot=None, port=None, **more):
    return sock.Socket(port or s.port, key=(bot or s.library).secret, **more)


def refused(s, words, status, code, port=None, **more):
    try:
        sock.Socket(port or s.port, **more)
    except sock.Refused as e:
        s.problem(words, e.answer, status, code)
    else:
        s.check(f'{words}: {status} {code}', False, 'it was opened')


def test_who_may(s):
    """A secret key as Bearer, or as one of the protocols offered."""
    w = opened(s)
    hello = w.text()
    s.same('the first thing said is hello', (hello['type'], hello['tenant']), ('hello', s.library.tenant))
    s.same('... and the same code comes back on closing', w.close(1000), 1000)
    w = sock.Socket(s.port, protocols=['cc.v1', 'cc.key.' + s.library.secret])
    s.same('offered with cc.v1: that one is chosen', w.answer.header('sec-websocket-protocol'), 'cc.v1')
    s.same('... and hello is said', w.text()['type'], 'hello')
    w.drop()
    only = 'cc.key.' + s.library.secret
    w = sock.Socket(s.port, protocols=[only])
    s.same('offered alone it is chosen', w.answer.header('sec-websocket-protocol'), only)
    w.drop()
    refused(s, 'no key', 401, 'unauthorized')
    refused(s, 'a key that nobody has', 401, 'unauthorized', key='sk_live_' + 'a' * 36)
    refused(s, 'a public key', 403, 'forbidden', headers={'x-api-key': s.library.public})
    refused(s, 'a public key as protocol', 403, 'forbidden', protocols=['cc.key.' + s.library.public])


def test_origins(s):
    """Whoever comes from a page must come from one of the bot's, or ours."""
    refused(
        s,
        'a strange page',
        403,
        'origin_not_allowed',
        key=s.page.secret,
        headers={'origin': 'https://evil.example'},
    )
    refused(s, 'a page without a name', 403, 'origin_not_allowed', key=s.page.secret, headers={'origin': 'null'})
    for origin in (scenery.ORIGIN, f'http://127.0.0.1:{s.port}'):
        w = opened(s, s.page, headers={'origin': origin})
        s.same(f'a page of {origin}', w.text()['type'], 'hello')
        w.drop()


def test_handshakes_that_are_none(s):
    key = s.library.secret
    refused(s, 'a plain GET', 400, 'invalid_request', key=key, headers={'upgrade': None, 'connection': 'close'})
    refused(
        s, 'without Connection: Upgrade', 400, 'invalid_request', key=key, headers={'connection': 'keep-alive'}
    )
    refused(s, 'another upgrade', 400, 'invalid_request', key=key, headers={'upgrade': 'h2c'})
    refused(s, 'no key of the handshake', 400, 'invalid_request', key=key, headers={'sec-websocket-key': None})
    refused(s, 'a short one', 400, 'invalid_request', key=key, headers={'sec-websocket-key': 'YQ=='})
    try:
        sock.Socket(s.port, key=key, headers={'sec-websocket-version': '8'})
        s.check('another version is refused', False)
    except sock.Refused as e:
        s.problem('another version', e.answer, 400, 'invalid_request')
        s.same('... and ours is named', e.answer.header('sec-websocket-version'), '13')
    w = opened(s, headers={'connection': 'keep-alive, Upgrade', 'upgrade': 'WebSocket'})
    s.same('words in any case, among others', w.text()['type'], 'hello')
    w.drop()
    s.problem('POST', s.send('POST', '/ws/dashboard', key=key), 405, 'method_not_allowed')


def test_their_clients(s):
    """The client of Debian's python3-websockets, which is not ours."""
    for by, protocol in (('header', None), ('protocol', 'cc.v1')):
        out = subprocess.run(
            ['/usr/bin/python3', '-c', THEIRS, str(s.port), s.library.secret, by],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=30,
        )
        lines = out.stdout.decode().splitlines()
        wanted = [dict(type='hello', tenant=s.library.tenant), dict(type='pong'), protocol]
        s.same(f'websockets, key by {by}: hello, pong', lines and json.loads(lines[0]), wanted)
        s.same('... and closes with 1000', lines[1:], ['1000'])
        s.same('... without complaint', out.stderr.decode(), '')


def test_documents(s):
    """All that happens to a document, in order, to all sockets of the tenant and to no other's."""
    first, second, foreign = opened(s), opened(s), opened(s, s.foreign)
    for w in (first, second, foreign):
        w.text()
    ident = upload_file(s, *text_file('crimson')[1:])
    seen = first.until(lambda f: f.get('id') == ident and f['status'] == 'ready')
    mine = [f for f in seen if f.get('id') == ident]
    s.check('it begins with pending', mine[0]['status'] == 'pending', mine[0])
    members = {'type', 'id', 'status', 'progress', 'currentStep', 'chunksTotal', 'chunksDone'}
    s.check('every frame is whole', all(members <= set(f) and f['type'] == 'document' for f in mine), mine)
    s.same('progress never falls', [f['progress'] for f in mine], sorted(f['progress'] for f in mine))
    s.same(
        'ready has all its passages',
        (mine[-1]['progress'], mine[-1]['chunksDone']),
        (100, mine[-1]['chunksTotal']),
    )
    s.same('the other socket hears the same', second.until(lambda f: f == mine[-1])[-1], mine[-1])
    delete(s, ident)
    gone = first.until(lambda f: f.get('id') == ident and f['status'] == 'deleting')[-1]
    s.same('its end is told, too', gone['status'], 'deleting')
    foreign.send(dict(type='ping'))
    s.same(
        'another tenant has heard nothing of it', foreign.until(lambda f: f['type'] == 'pong'), [dict(type='pong')]
    )
    for w in (first, second, foreign):
        w.drop()


def test_failures_are_told(s):
    w = opened(s)
    w.text()
    ident = upload_file(
        s, 'torn.pdf', 'application/pdf', b'%PDF-1.4\ntorn in half ' + os.urandom(4).hex().encode()
    )
    last = w.until(lambda f: f.get('id') == ident and f['status'] in ('failed', 'dead'))[-1]
    s.check('a file that cannot be read says why', last.get('error'), last)
    w.drop()


def test_bound_keys(s):
    """A key of a bot hears of that bot's documents and of everybody's, not of a sister's."""
    own, sister = opened(s, s.quick), opened(s, s.slow)
    own.text(), sister.text()
    ident = upload_file(s, *text_file('maroon')[1:], key=s.quick.secret)
    own.until(lambda f: f.get('id') == ident and f['status'] == 'ready')
    sister.send(dict(type='ping'))
    heard = sister.until(lambda f: f['type'] == 'pong')
    s.check('a sister\'s key hears nothing of it', not [f for f in heard if f.get('id') == ident], heard)
    own.drop(), sister.drop()


def test_a_key_that_is_taken_away(s):
    """Its socket ends with the next ping; those of other keys stay."""
    made = scenery.made('key', 'add', s.library.tenant, '--secret', '--bot', s.library.id)
    w = sock.Socket(s.port, key=made['key'])
    w.text()
    scenery.made('key', 'revoke', s.library.tenant, made['keyId'])
    s.same('a socket whose key was revoked is closed with 1008', w.closed(), 1008)
    refused(s, '... and no other is opened', 401, 'unauthorized', key=made['key'])
    other = opened(s)
    s.same('another key is as good as before', other.text()['type'], 'hello')
    other.drop(), w.drop()


def test_sources(s):
    w = opened(s)
    w.text()
    a = s.send(
        'POST', '/api/dashboard/documents/url', key=s.library.secret, body=dict(url=s.site.url + '/herbs?ws')
    )
    ident = a.json['id']
    last = w.until(lambda f: f['type'] == 'source' and f['id'] == ident and f['status'] in ('ready', 'failed'))[-1]
    s.check('a visited source is told', {'status', 'waiting', 'documents', 'failed'} <= set(last), last)
    w.drop()


def test_texts(s):
    w = opened(s)
    w.text()
    for words, said in (('no JSON', 'hello'), ('no object', '[1]'), ('another type', '{"type": "sing"}')):
        w.send(said)
        a = w.text()
        s.same(f'{words} is answered with an error', (a['type'], a['code']), ('error', 'invalid_request'))
    w.send('', op=sock.PING)
    s.same('a ping is answered', w.next(), (sock.PONG, b''))
    w.send('abc', op=sock.PING)
    s.same('... with what it carries', w.next(), (sock.PONG, b'abc'))
    w.send('late', op=sock.PONG)
    text = json.dumps(dict(type='ping', pad='x' * 16000))
    w.raw(w.frame(sock.TEXT, text[:7000], fin=False) + w.frame(sock.PING, 'mid') + w.frame(sock.CONT, text[7000:]))
    s.same('a message in pieces: the ping in between first', w.next(), (sock.PONG, b'mid'))
    s.same('... then the message', w.text(), dict(type='pong'))
    for byte in w.frame(sock.TEXT, '{"type":"ping"}'):
        w.raw(bytes([byte]))
    s.same('byte by byte is the same', w.text(), dict(type='pong'))
    w.raw(w.frame(sock.TEXT, '{"type":"ping"}') * 10)
    s.same('ten in one packet are ten', [w.text()['type'] for _ in range(10)], ['pong'] * 10)
    s.same('1001 comes back as 1001', w.close(1001), 1001)


def test_broken_rules(s):
    for words, code, data in (
        ('not masked', 1002, dict(op=sock.TEXT, data=b'hi', masked=False)),
        ('an extension', 1002, dict(op=sock.TEXT, data=b'hi', rsv=0x40)),
        ('an unknown kind', 1002, dict(op=3, data=b'hi')),
        ('a piece of nothing', 1002, dict(op=sock.CONT, data=b'hi')),
        ('a ping in pieces', 1002, dict(op=sock.PING, data=b'hi', fin=False)),
        ('a large ping', 1002, dict(op=sock.PING, data=b'x' * 126)),
        ('half a code', 1002, dict(op=sock.CLOSE, data=b'\x03')),
        ('a code that nobody may send', 1002, dict(op=sock.CLOSE, data=struct.pack('!H', 1005))),
        ('bytes', 1003, dict(op=sock.BINARY, data=b'hi')),
        ('no UTF-8', 1007, dict(op=sock.TEXT, data=b'\xff\xfe')),
        ('too large', 1009, dict(op=sock.TEXT, data=b'x' * 16385)),
        ('far too large', 1009, dict(op=sock.TEXT, data=b'x' * 70000)),
    ):
        w = opened(s)
        w.text()
        w.raw(w.frame(data.pop('op'), **data))
        s.same(f'{words}: closed with {code}', w.closed(), code)
        s.check('... and the connection ends', w.at_end())
        w.drop()
    w = opened(s)
    w.text()
    w.send(b'', op=sock.CLOSE)
    s.same('a close without a code is answered without one', w.closed(), None)
    s.check('... and the connection ends', w.at_end())


def test_many_come_and_go(s):
    """Nothing is left of sockets that were dropped in any way."""
    for i in range(40):
        w = opened(s, s.foreign)
        if i % 3 == 0:
            w.text()
        if i % 3 == 1:
            w.raw(w.frame(sock.TEXT, '{"type":"ping"}')[: i % 7])
        w.drop()
    w = opened(s, s.foreign)
    s.same('the next one is served', w.text()['type'], 'hello')
    w.send(dict(type='ping'))
    s.same('... and answered', w.text(), dict(type='pong'))
    w.drop()


def publish(channel, text, times):
    """Straight to the live server, past everybody."""
    url = os.environ['CC_REDIS_LIVE'].removeprefix('unix:')
    with socket.socket(socket.AF_UNIX) as c:
        c.connect(url)
        words = [b'PUBLISH', channel.encode(), text.encode()]
        command = b'*3\r\n' + b''.join(b'$%d\r\n%s\r\n' % (len(w), w) for w in words)
        answers = c.makefile('rb')
        for _ in range(times):
            c.sendall(command)
            assert answers.readline().startswith(b':')


def test_a_client_that_does_not_read(s):
    """It is cut off when it owes too much; the others of its tenant hear on."""
    ident = ready(s, 'lengthy', key=s.foreign.secret)
    slow, quick = opened(s, s.foreign), opened(s, s.foreign)
    for w in (slow, quick):
        w.text()
    frame = json.dumps(dict(type='document', id=ident, status='pending', pad='x' * 15000))
    cut = False
    for _ in range(60):
        publish('cc:events:' + s.foreign.tenant, frame, 25)
        for _ in range(25):
            quick.until(lambda f: f['type'] == 'document')
        cut = f'{slow.sock.getsockname()[1]:04X}' not in connections(s.port)
        if cut:
            break
    s.check('who does not read is cut off', cut)
    quick.send(dict(type='ping'))
    s.same('... who does hears on', quick.until(lambda f: f['type'] == 'pong')[-1], dict(type='pong'))
    slow.drop(), quick.drop()


def connections(port):
    """Ports of the clients that the gateway still holds a connection to."""
    with open('/proc/net/tcp') as f:
        rows = [line.split() for line in f][1:]
    mine = f':{port:04X}'
    return {r[2].split(':')[1] for r in rows if r[1].endswith(mine) and r[3] == '01'}


def test_a_gateway_that_stops(s):
    """Sockets end with 1001, so that their pages come back to another gateway."""
    port = s.extra_gateway('leaving')
    w = opened(s, port=port)
    w.text()
    s.fleet.kill('gateway-leaving', signal.SIGTERM)
    s.same('a gateway that stops closes with 1001', w.closed(), 1001)
    w.drop()


def test_hello_again(s):
    """Whoever may have missed something is told so."""
    w = opened(s)
    w.text()
    scenery.h.server('redis-live', 'kill')
    began = time.monotonic()
    again = w.until(lambda f: f['type'] == 'hello')[-1]
    s.check('hello comes again after the live server was lost', again['tenant'] == s.library.tenant, again)
    s.check('... within seconds', time.monotonic() - began < 15)
    w.drop()

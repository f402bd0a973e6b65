"""The id of a bot where a public key may be: what it opens, for whom, and when that ends."""
import http.client
import time

import harness as h
import scene as scenery
import sock
import talk
from people import Person

CONFIG, CHAT = '/api/widget/config', '/api/widget/chat'
NOBODY = 'bot_' + '0' * 32


def keyless(s, tenant=None, **more):
    """A bot that has no key of any kind."""
    origins = [w for o in more.get('origins', ('*',)) for w in ('--origin', o)]
    words = ['--model', more.get('model', scenery.QUICK), *origins]
    if more.get('server_use', True):
        words.append('--server-use')
    return scenery.made('bot', 'add', tenant or scenery.tenant('by-id'), 'By id', *words)['botId']


def key(tenant, kind='public', bot=None):
    return scenery.made('key', 'add', tenant, '--' + kind, *(('--bot', bot) if bot else ()))


def revoke(tenant, made):
    h.ctl('key', 'revoke', tenant, made['keyId'])


def opens(s, bot, **more):
    return s.send('GET', CONFIG, headers={'x-api-key': bot}, **more)


def everywhere(s, words, bot, status, seconds=5):
    for name, port in s.ports.items():
        got = s.until(lambda: opens(s, bot, port=port), lambda a: a.status == status, seconds)
        s.same(f'{words}, gateway {name}', got.status, status)


def test_it_opens_what_a_public_key_opens(s):
    bot = s.quick.id
    for words, path, headers in (
        ('x-api-key', CONFIG, {'x-api-key': bot}),
        ('Bearer', CONFIG, {'authorization': 'Bearer ' + bot}),
        ('the query', f'{CONFIG}?apiKey={bot}', {}),
        ('the path', f'{CONFIG}/{bot}', {}),
    ):
        a = s.send('GET', path, headers=headers)
        s.check(f'{words}: the configuration of that bot', a.status == 200 and a.json['botId'] == bot, a)
    a = s.send('POST', CHAT, headers={'x-api-key': bot}, body=dict(message='Whole, please'))
    s.check('a whole answer', a.status == 200 and a.json['finishReason'] == 'stop', a)
    told = s.stream(headers={'x-api-key': bot}, body=dict(message='Told, please')).read()
    s.check('a stream', told.done is not None, told.names)
    told = s.stream(f'/chat/stream?message=hi&apiKey={bot}', 'GET').read()
    s.check('... with the id in the query', told.done is not None, told.names)
    history = f'/api/widget/sessions/{a.json["sessionId"]}/messages'
    s.same('history', s.send('GET', history, headers={'x-api-key': bot}).status, 200)
    a = s.send('POST', f'/api/chat/{bot}', headers={'x-api-key': bot}, body=dict(message='hi'))
    s.same('the path that names the same bot', a.status, 200)


def test_a_socket(s):
    words = ('cc.v1', 'cc.key.' + s.quick.id)
    socket = sock.Socket(s.port, '/ws/chat/a-page-of-its-own-0123456789', protocols=words)
    s.same('a WebSocket takes it among the subprotocols', socket.answer.status, 101)
    socket.sock.close()
    try:
        sock.Socket(s.port, '/ws/dashboard', protocols=('cc.v1', 'cc.key.' + s.quick.id))
        s.check('... and that of the back office does not', False)
    except sock.Refused as e:
        s.problem('... and that of the back office does not', e.answer, 403, 'forbidden')


def test_forms(s):
    good = s.quick.id
    for words, bad in (
        ('an unknown one', NOBODY),
        ('a shorter one', good[:-1]),
        ('a longer one', good + '0'),
        ('upper case', good.upper().replace('BOT_', 'bot_')),
        ('another prefix', good.replace('bot_', 'ten_')),
        ('the id of the tenant', s.house),
        ('one with a blank inside', good[:10] + ' ' + good[11:]),
        ('one with a quote', good[:-1] + "'"),
    ):
        s.problem(words, opens(s, bad), 401, 'unauthorized')
        a = s.send('POST', CHAT, headers={'x-api-key': bad}, body=dict(message='hi'))
        s.problem(f'{words}, with a body', a, 401, 'unauthorized')
    none = keyless(s)
    s.same(
        'a bot without a key is told like one that is not there',
        opens(s, none).json['detail'],
        opens(s, NOBODY).json['detail'],
    )


def test_which_key_it_stands_for(s):
    house = scenery.tenant('keys')
    bot, sister = keyless(s, house), keyless(s, house)
    s.problem('no key', opens(s, bot), 401, 'unauthorized')
    key(house, 'secret')
    key(house, 'secret', bot)
    everywhere(s, 'secret keys do not count', bot, 401)
    own = key(house, bot=bot)
    everywhere(s, 'a public one of its own', bot, 200, 10)
    s.problem('... is not for its sister', opens(s, sister), 401, 'unauthorized')
    all_bots = key(house)
    everywhere(s, 'one for all bots is', sister, 200, 10)
    s.same('... as the sister', opens(s, sister).json['botId'], sister)
    revoke(house, own)
    everywhere(s, 'when its own is revoked, that for all takes over', bot, 200)
    s.same('... as the bot', opens(s, bot).json['botId'], bot)
    revoke(house, all_bots)
    for name in (bot, sister):
        everywhere(s, 'within 5 s of the last one', name, 401)


def test_it_counts_as_that_key(s):
    ada = Person(s, 'counted').register()
    bot = ada.send('POST', '/api/bots', body=dict(name='Counted', serverUse=True, provider='builtin')).json['id']
    path = f'/api/dashboard/clients/{ada.tenant}/keys'
    a = ada.send('POST', path, body=dict(name='slow', kind="public", botId=bot, requestsPerMinute=2))
    s.same('a key with a rate of its own', a.status, 201)
    answers = [s.send('POST', CHAT, headers={'x-api-key': bot}, body=dict(message='hi')) for _ in range(3)]
    s.same('its rate holds for the id', [a.status for a in answers], [200, 200, 429])
    a = s.send('POST', CHAT, key=a.json['key'], body=dict(message='hi'))
    s.problem('... and both count together', a, 429, 'rate_limited')


def test_it_is_bound_to_its_bot(s):
    house = scenery.tenant('bound')
    bot, sister = keyless(s, house), keyless(s, house)
    public = key(house)['key']
    headers = {'x-api-key': bot}
    s.same('the key for all may choose', s.send('POST', f'/api/chat/{sister}', key=public, body=dict(message='hi')).status, 200)
    for words, other in (('its sister', sister), ("another tenant's bot", s.foreign.id)):
        a = s.send('POST', f'/api/chat/{other}', headers=headers, body=dict(message='hi'))
        s.problem(f'{words} is not there', a, 404, 'not_found')
    said = s.ask(s.foreign, 'Mine').json
    theirs = s.send('POST', CHAT, headers={'x-api-key': sister}, body=dict(message='hi')).json
    for whose, talk_of in (("another tenant's", said), ("its sister's", theirs)):
        session, answer = talk_of['sessionId'], talk_of['answerId']
        for method, path, body, code in (
            ('GET', f'/api/widget/sessions/{session}/messages', None, 'session_unknown'),
            ('DELETE', f'/api/widget/sessions/{session}', None, 'session_unknown'),
            ('GET', f'/api/widget/answers/{answer}/stream', None, 'not_found'),
            ('POST', f'/api/widget/answers/{answer}/feedback', dict(rating='up'), 'not_found'),
            ('POST', CHAT, dict(message='hi', sessionId=session), 'session_unknown'),
        ):
            a = s.send(method, path, headers=headers, body=body)
            s.problem(f'{whose}: {method} {path[:28]}', a, 404, code)


def test_it_opens_nothing_else(s):
    bot = s.quick.id
    client = f'/api/dashboard/clients/{s.house}'
    for method, path, body in (
        ('GET', '/api/bots', None),
        ('GET', f'/api/bots/{bot}', None),
        ('PUT', f'/api/bots/{bot}', dict(name='mine')),
        ('DELETE', f'/api/bots/{bot}', None),
        ('GET', f'/api/bots/{bot}/identity', None),
        ('GET', f'/api/dashboard/widget/{s.house}', None),
        ('GET', client + '/keys', None),
        ('POST', client + '/keys', dict(name='mine', kind='secret')),
        ('GET', '/api/dashboard/documents', None),
        ('POST', '/process-document', dict(filename='a.txt', fileType='text/plain', fileData='YQ==')),
        ('GET', '/api/dashboard/conversations', None),
        ('GET', '/api/auth/me', None),
    ):
        for headers in ({'x-api-key': bot}, {'authorization': 'Bearer ' + bot}):
            a = s.send(method, path, headers=headers, body=body)
            s.problem(f'{method} {path[:40]} with {list(headers)[0]}', a, 403, 'forbidden')
    a = s.send('GET', f'/api/bots?apiKey={bot}')
    s.check('... nor in the query', a.status in (401, 403), a)


def test_pages_are_looked_at(s):
    bot, good = s.page.id, scenery.ORIGIN
    headers = {'x-api-key': bot}
    s.problem('no Origin', opens(s, bot), 403, 'origin_not_allowed')
    for words, origin in (('an origin that is not on the list', 'https://evil.example'), ('no real one', 'null')):
        for method, path, body in (('GET', CONFIG, None), ('POST', CHAT, dict(message='hi'))):
            a = s.send(method, path, headers={**headers, 'origin': origin}, body=body)
            s.problem(f'{words}, {method}', a, 403, 'origin_not_allowed')
            s.same('... gets no CORS header', a.header('access-control-allow-origin'), None)
    a = s.send('POST', CHAT, headers={**headers, 'origin': good}, body=dict(message='hi'))
    s.check('one that is', a.status == 200 and a.header('access-control-allow-origin') == good, a)
    try:
        sock.Socket(s.port, '/ws/chat/a-page-of-its-own-0123456789', protocols=('cc.v1', 'cc.key.' + bot),
                    headers={'origin': 'https://evil.example'})
        s.check('a WebSocket from elsewhere', False)
    except sock.Refused as e:
        s.problem('a WebSocket from elsewhere', e.answer, 403, 'origin_not_allowed')


def test_a_deleted_bot(s):
    ada = Person(s, 'deleting').register()
    bot = ada.send('POST', '/api/bots', body=dict(name='Gone soon', serverUse=True)).json['id']
    path = f'/api/dashboard/clients/{ada.tenant}/keys'
    s.same('a key for all bots', ada.send('POST', path, body=dict(name='all', kind='public')).status, 201)
    everywhere(s, 'a bot is there', bot, 200, 10)
    s.same('it is deleted', ada.send('DELETE', '/api/bots/' + bot).status, 204)
    everywhere(s, 'within 5 s its id opens nothing, though the key lives', bot, 401)


def test_a_stream_ends_with_the_key(s):
    house = scenery.tenant('streams')
    bot = keyless(s, house, model=scenery.LASTING)
    first, second = key(house, bot=bot), key(house, bot=bot)
    stream = s.stream(headers={'x-api-key': bot}, body=dict(message='Tell me all.'))
    s.check('an answer has begun', stream.first('token') is not None, stream)
    revoke(house, first)
    everywhere(s, 'another key has taken over', bot, 200)
    s.check('the answer goes on', stream.first('token') is not None and not stream.ended, stream)
    revoke(house, second)
    began = time.monotonic()
    last = stream.first('error')
    took = time.monotonic() - began
    s.check('with the last key it ends', last is not None and last.data['code'] == 'unauthorized', last)
    stream.read()
    s.check('... within 5 s', stream.ended and took < 5, took)


def test_programs_inside_are_told(s):
    secret = {'x-internal-secret': scenery.INTERNAL}
    a = s.send('POST', '/internal/validate-client', headers=secret, body=dict(apiKey=s.quick.id))
    got = a.json
    s.same(
        'who asks whether it is good hears of the key',
        (a.status, got['valid'], got['kind'], got['clientId'], got['botId'], got['scopes']),
        (200, True, 'public', s.house, s.quick.id, ['chat']),
    )
    a = s.send('POST', '/internal/validate-client', headers=secret, body=dict(apiKey=NOBODY))
    s.same('... or that it is not', a.json, {'valid': False})


def test_it_is_looked_at_before_a_large_body_is_read(s):
    """As a secret key's routes do: nobody sends megabytes to be told that he may not."""
    c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=10)
    c.putrequest('POST', '/api/dashboard/documents/upload')
    for name, value in (('x-api-key', s.quick.id), ('content-type', 'multipart/form-data; boundary=x'),
                        ('content-length', str(5 * 1024 * 1024))):
        c.putheader(name, value)
    c.endheaders()
    r = c.getresponse()
    s.problem('refused by the head alone', talk.Answer(r, r.read()), 403, 'forbidden')
    c.close()

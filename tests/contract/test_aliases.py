"""Other names for the same routes."""
import urllib.parse
import uuid


def test_chat(s):
    for path in ('/chat', '/api/chat/message', f'/api/chat/{s.quick.id}'):
        a = s.ask(s.quick, path=path)
        s.check(
            f'POST {path} gives a whole answer',
            a.status == 200 and a.type == 'application/json' and a.json['message'],
            a,
        )
        for words, more in (
            ('"stream": true', dict(body=dict(message='hi', stream=True))),
            ('Accept: text/event-stream', dict(body=dict(message='hi'), headers={'accept': 'text/event-stream'})),
        ):
            p = s.stream(path, key=s.quick.public, **more).read()
            s.check(f'POST {path} with {words} streams', p.done and p.text == p.done['text'], p.names)
    p = s.stream('/chat/stream', key=s.quick.public, body=dict(message='hi')).read()
    s.check('POST /chat/stream streams', p.done and p.text == p.done['text'], p.names)


def test_event_source(s):
    """GET, with everything in the query: EventSource can do no more."""
    name, ident = uuid.uuid4().hex, uuid.uuid4().hex
    query = urllib.parse.urlencode(dict(message='Grüße & 漢?', sessionId=name, messageId=ident))
    p = s.stream('/chat/stream?' + query, method='GET', key=s.quick.public).read()
    s.check('GET /chat/stream streams', p.done and p.text == p.done['text'], p.names)
    s.same(
        'its question came through',
        [m['text'] for m in s.stored(p.answer_id) if m['role'] == 'user'],
        ['Grüße & 漢?'],
    )
    s.same('its session, too', p.events[0].data['sessionId'], name)
    q = s.stream('/chat/stream?' + query + '&apiKey=' + s.quick.public, method='GET').read()
    s.same('with the key in the query; the same messageId, the same answer', q.done and q.answer_id, p.answer_id)
    s.problem(
        'GET /chat/stream without a message',
        s.send('GET', '/chat/stream', key=s.quick.public),
        400,
        'message_length',
    )


def test_history_and_clearing(s):
    session = s.ask(s.quick, 'By another name').json['sessionId']
    one = s.send('GET', f'/api/widget/sessions/{session}/messages', key=s.quick.public).json
    s.same(
        'GET /api/chat/history/{sessionId} is the history',
        s.send('GET', f'/api/chat/history/{session}', key=s.quick.public).json,
        one,
    )
    a = s.send('DELETE', f'/api/chat/{s.quick.id}/session/{session}', key=s.quick.public)
    s.same('DELETE /api/chat/{botId}/session/{sessionId} clears', a.status, 204)
    s.same('... it', s.send('GET', f'/api/chat/history/{session}', key=s.quick.public).json['items'], [])


def test_bots_by_id(s):
    for bot in ('bot_00000000000000000000000000000000', 'hello', s.slow.id, s.foreign.id):
        a = s.ask(s.quick, path=f'/api/chat/{bot}')
        s.problem(f'a key of one bot, POST /api/chat/{bot[:12]}', a, 404, 'not_found')

"""A visitor's WebSocket: what it says and is told; that a message is a question as a POST is one."""
import json
import os
import subprocess
import time

import scene as scenery
import sock
import talk
from chat_socket import ENDS, as_events, events, name, not_opened, opened, refused, text_of
from test_once import of_tenant

WS = os.path.join(scenery.h.ROOT, 'tests', 'contract', 'ws')


# ---- the handshake ----


def test_who_may(s):
    t = opened(s, s.quick)
    s.same('cc.v1 is chosen', t.socket.answer.header('sec-websocket-protocol'), 'cc.v1')
    s.same('closing comes back', t.socket.close(1000), 1000)
    for words, more in {
        'a public key in a header': dict(headers={'x-api-key': s.quick.public}),
        'a secret key in a header': dict(key=s.quick.secret),
        'a public key in the query': dict(query='?apiKey=' + s.quick.public),
    }.items():
        path = '/ws/chat/' + name() + more.pop('query', '')
        w = sock.Socket(s.port, path, **more)
        s.same(f'{words} opens it', w.text()['type'], 'hello')
        s.same('... without a protocol', w.answer.header('sec-websocket-protocol'), None)
        w.send(dict(type='message', message='hi'))
        s.same('... and asks', w.until(lambda f: f['type'] in ENDS)[-1]['type'], 'done')
        w.drop()
    t = opened(s, s.quick, key=s.quick.id)
    s.same('the id of the bot stands for its key', t.ask()[-1]['type'], 'done')
    t.drop()
    not_opened(s, 'no key', 401, 'unauthorized')
    not_opened(s, 'a key that nobody has', 401, 'unauthorized', protocols=['cc.v1', 'cc.key.pk_live_' + 'a' * 36])
    path = '/ws/chat/' + name()
    s.problem('a plain GET', s.send('GET', path, key=s.quick.public), 400, 'invalid_request')
    s.problem('POST', s.send('POST', path, key=s.quick.public), 405, 'method_not_allowed')


def test_which_session(s):
    key = ['cc.v1', 'cc.key.' + s.quick.public]
    ours = s.ask(s.quick).json['sessionId']
    t = opened(s, s.quick, ours)
    s.check('one of ours that is there', t.ask()[-1]['type'] == 'done')
    s.same('... is asked in', len(s.send('GET', f'/api/widget/sessions/{ours}/messages',
                                         key=s.quick.public).json['items']), 4)
    t.drop()
    theirs = s.ask(s.foreign).json['sessionId']
    own = name()
    s.ask(s.foreign, sessionId=own)
    for words, session in {
        'one of ours that is not there': 'ses_' + '0' * 32,
        "another tenant's": theirs,
        "a sister's": s.ask(s.slow).json['sessionId'],
        'one that is too short': 'short',
        'one of other letters': 'a.name.with.dots',
    }.items():
        not_opened(s, words, 404, 'session_unknown', session=session, protocols=key)
    t = opened(s, s.quick, own)
    s.check("another tenant's own name is a name of its own", t.ask()[-1]['type'] == 'done')
    t.drop()
    sisters = name()
    s.ask(s.slow, sessionId=sisters)
    not_opened(s, "a sister's own name", 404, 'session_unknown', session=sisters, protocols=key)
    t = opened(s, s.quick, 'eight-or')
    t.ask(messageId='m-1')
    t.say('message', message='again', messageId='m-1')
    refused(s, 'a short name is told to nobody who repeats', t.end(), 403, 'forbidden', messageId='m-1')
    t.drop()


def test_which_page(s):
    words = ['cc.v1', 'cc.key.' + s.page.public]
    not_opened(s, 'no page', 403, 'origin_not_allowed', protocols=words)
    for origin in ('https://evil.example', 'null'):
        not_opened(s, f'a page of {origin}', 403, 'origin_not_allowed', protocols=words, headers={'origin': origin})
    not_opened(s, 'a secret key from a strange page', 403, 'origin_not_allowed',
               protocols=['cc.v1', 'cc.key.' + s.page.secret], headers={'origin': 'https://evil.example'})
    for origin in (scenery.ORIGIN, 'https://a.wild.example', f'http://127.0.0.1:{s.port}'):
        t = opened(s, s.page, headers={'origin': origin})
        s.same(f'a page of {origin} asks', t.ask()[-1]['type'], 'done')
        t.drop()


# ---- a message ----


def test_an_answer_is_told_as_a_stream_tells_it(s):
    t = opened(s, s.slow)
    frames = t.ask('Tell me all', messageId='m-1')
    accepted, rest = frames[0], frames[1:]
    wanted = dict(type='accepted', sessionId=t.session, messageId='m-1')
    s.check('accepted is first, with ids and position',
            wanted.items() <= accepted.items() and accepted['position'] >= 0, accepted)
    answer = accepted['answerId']
    s.check('every frame names the answer', all(f['answerId'] == answer for f in frames), frames[:3])
    s.check('... and has an id', all(talk.EVENT_ID.match(f['id']) for f in rest), rest[:3])
    p = s.stream(f'/api/widget/answers/{answer}/stream', method='GET', key=s.slow.public).read()
    s.same('a stream of the same answer tells the same, event by event', as_events(rest), events(p))
    done = rest[-1]
    s.check('the tokens are the text', text_of(rest) == done['text'] == p.text and len(p.text) > 40, done)
    s.same('... as it is stored', [m['text'] for m in s.stored(answer)], ['Tell me all', done['text']])
    q = s.told(s.slow, 'Tell me all')
    s.same('a POST of the same question is told the same text', q.text, done['text'])
    s.same('... with events of the same names', [f['type'] for f in rest], q.names[1:])
    s.same('one message, one generation', s.row(answer)['attempt'], '1')
    t.drop()


def test_a_conversation_goes_on(s):
    t = opened(s, s.quick)
    answers = [t.ask(f'Question {i}')[0]['answerId'] for i in range(3)]
    s.same('three answers on one socket', len(set(answers)), 3)
    items = s.send('GET', f'/api/widget/sessions/{t.session}/messages', key=s.quick.public).json['items']
    s.same('all are in its session, in order', [m['text'] for m in items if m['role'] == 'user'],
           ['Question 0', 'Question 1', 'Question 2'])
    posted = s.ask(s.quick, 'Question 3', sessionId=t.session)
    s.same('a POST goes on in it', posted.json['sessionId'], t.session)
    t.ask('with metadata', metadata={'page': '/a'}, sessionId=t.session)
    s.same('metadata and its own sessionId may be said', t.seen[-1]['type'], 'done')
    t.drop()


def test_a_repeated_message_finds_its_answer(s):
    t = opened(s, s.slow)
    before, ident = of_tenant(s.house), name()
    t.say('message', message='Once', messageId=ident)
    first = t.first('accepted')['answerId']
    t.first('token')
    u = opened(s, s.slow, t.session)
    frames = u.ask('Once', messageId=ident)
    t.end()
    s.same('on another socket it is attached', frames[0]['answerId'], first)
    s.check('... and told from its beginning',
            text_of(frames) == text_of(t.seen) == t.seen[-1]['text'], (frames[1], t.seen[-1]))
    posted = s.told(s.slow, 'Once', messageId=ident, sessionId=t.session)
    s.same('a POST is attached, too', (posted.answer_id, posted.text), (first, text_of(t.seen)))
    again = t.ask('Once', messageId=ident)
    s.same('and once more on the first', (again[0]['answerId'], text_of(again)), (first, posted.text))
    s.same('one answer, one generation', (of_tenant(s.house) - before, s.row(first)['attempt']), (1, '1'))
    t.drop(), u.drop()


def test_four_at_once(s):
    t = opened(s, s.slow)
    for i in range(5):
        t.say('message', message=f'Question {i}', messageId=f'm-{i}')
    frame = t.first('error')
    refused(s, 'the fifth at once', frame, 429, 'tenant_busy', messageId='m-4')
    s.check('... may be tried again', frame['retryable'] is True and frame['retryAfter'] >= 1, frame)
    while sum(f['type'] == 'done' for f in t.seen) < 4:
        t.next()
    answers = {f['messageId']: f['answerId'] for f in t.seen if f['type'] == 'accepted'}
    s.same('the four are answered', sorted(answers), [f'm-{i}' for i in range(4)])
    done = {f['answerId']: f['text'] for f in t.seen if f['type'] == 'done'}
    s.check('... each with its own text', all(text_of(t.seen, a) == done[a] for a in answers.values()), done)
    s.same('... that is stored with its own question',
           {m: s.stored(a)[0]['text'] for m, a in answers.items()}, {f'm-{i}': f'Question {i}' for i in range(4)})
    s.same('then there is room again', t.ask('more')[-1]['type'], 'done')
    t.drop()


def test_an_answer_that_fails(s):
    t = opened(s, s.refused)
    end = t.ask('hi')[-1]
    s.check('it ends with an error that names it',
            (end['type'], end['code'], end.get('answerId')) == ('error', 'upstream_refused', t.seen[1]['answerId']), end)
    s.check('... and has an event id', talk.EVENT_ID.match(end['id']), end)
    t.drop()


# ---- resume ----


def test_resume_at_an_exact_token(s):
    t = opened(s, s.slow)
    frames = t.ask('To be joined')
    answer, told = frames[0]['answerId'], frames[1:]
    u = opened(s, s.slow)
    wrong = []
    for i, f in enumerate(told[:-1]):
        u.seen = []
        u.say('resume', answerId=answer, after=f['id'])
        u.end(answer)
        if u.seen != told[i + 1:]:
            wrong.append((f['id'], u.seen[:2]))
    s.check(f'after each of {len(told) - 1} events exactly the rest is told', not wrong, wrong[:3])
    u.seen = []
    u.say('resume', answerId=answer)
    u.end(answer)
    s.same('without a position all of it', u.seen, told)
    u.say('resume', answerId=answer, after='0-0')
    u.seen = []
    u.end(answer)
    s.same('from 0-0, too', u.seen, told)
    t.drop(), u.drop()


def test_resume_while_it_runs(s):
    """The socket is cut at five tokens; what is told together is the answer, once."""
    t = opened(s, s.slow)
    t.say('message', message='Cut me five times', messageId='cut')
    answer = t.first('accepted')['answerId']
    told = []
    for cut in (2, 5, 9, 14, 20):
        while sum(f['type'] == 'token' for f in told) < cut:
            told.append(t.next())
        t.drop()
        t = opened(s, s.slow, t.session, port=s.ports[('main', 'strict')[cut % 2]])
        t.say('resume', answerId=answer, after=told[-1]['id'])
    while not told or told[-1]['type'] not in ENDS:
        told.append(t.next())
    ids = [f['id'] for f in told]
    s.check('no event twice, none left out', len(set(ids)) == len(ids) == int(ids[-1].split('-')[1]), ids)
    s.check('the text is whole', text_of(told) == told[-1]['text'] == s.stored(answer)[1]['text'], told[-1])
    s.same('one generation', s.row(answer)['attempt'], '1')
    t.drop()


def test_resume_of_what_is_not_there(s):
    t = opened(s, s.quick)
    theirs = s.ask(s.foreign).json['answerId']
    sisters = s.ask(s.slow).json['answerId']
    for words, answer in {'nobody has': 'ans_' + '0' * 32, 'another tenant has': theirs, 'a sister has': sisters}.items():
        for type in ('resume', 'stop'):
            t.say(type, answerId=answer)
            refused(s, f'{type} of an answer that {words}', t.next(), 404, 'not_found', answerId=answer)
    s.same('the socket stays', t.ask()[-1]['type'], 'done')
    t.drop()


# ---- stop ----


def test_stop(s):
    t = opened(s, s.lasting)
    t.say('message', message='Stop me')
    answer = t.first('accepted')['answerId']
    t.first('token')
    began = time.monotonic()
    t.say('stop')
    end = t.end(answer)
    s.check('the running one ends at once', end['finishReason'] == 'cancelled' and time.monotonic() - began < 2, end)
    s.same('... with what was told', text_of(t.seen), end['text'])
    s.check('stop is said back', dict(type='stop', answerId=answer, state='stopping') in t.seen, t.seen[-4:])
    s.same('it is stored as cancelled', s.row(answer)['state'], 'cancelled')
    t.say('stop', answerId=answer)
    s.same('stopping again changes nothing', t.next(), dict(type='stop', answerId=answer, state='cancelled'))
    t.say('stop')
    refused(s, 'nothing runs', t.next(), 404, 'not_found')
    t.drop()


def test_stop_of_one_of_two(s):
    t = opened(s, s.lasting)
    answers = []
    for i in range(2):
        t.say('message', message=f'Stop {i}')
        answers.append(t.first('accepted')['answerId'])
    t.say('stop', answerId=answers[0])
    s.same('the one that is named ends', t.end()['answerId'], answers[0])
    t.say('stop')
    s.same('then the other', t.end()['answerId'], answers[1])
    t.drop()


def test_stop_at_the_same_time(s):
    """Both frames in one packet: the answer has no id yet."""
    t = opened(s, s.lasting)
    w = t.socket
    w.raw(w.frame(sock.TEXT, json.dumps(dict(type='message', message='Stop me'))) + w.frame(sock.TEXT, '{"type":"stop"}'))
    s.same('it is stopped as soon as it has one', t.end()['finishReason'], 'cancelled')
    t.drop()


# ---- what is no frame ----


def test_ping(s):
    t = opened(s, s.slow)
    t.say('ping')
    s.same('ping is answered', t.next(), dict(type='pong'))
    t.say('message', message='hi')
    t.first('token')
    t.say('ping')
    s.same('... while an answer is told', t.first('pong'), dict(type='pong'))
    s.same('... which goes on', t.end()['type'], 'done')
    t.drop()


def test_bad_frames(s):
    t = opened(s, s.quick)
    answer = 'ans_' + '0' * 32
    long = 'x' * 2001
    for words, said, code, member, ids in (
        ('no JSON', 'hello', 'invalid_request', '', {}),
        ('no object', '[1]', 'invalid_request', 'object', {}),
        ('no type', '{}', 'invalid_request', 'type', {}),
        ('another type', '{"type":"sing"}', 'invalid_request', 'type', {}),
        ('no message', '{"type":"message","messageId":"m-1"}', 'message_length', 'message', dict(messageId='m-1')),
        ('an empty message', '{"type":"message","message":" "}', 'message_length', 'message', {}),
        ('a long message', json.dumps(dict(type='message', message=long)), 'message_length', 'message', {}),
        ('a message that is a number', '{"type":"message","message":1}', 'invalid_request', 'message', {}),
        ('a bad messageId', '{"type":"message","message":"a","messageId":"a b"}', 'invalid_request', 'messageId', {}),
        ('metadata that are none', '{"type":"message","message":"a","metadata":7}', 'invalid_request', 'metadata', {}),
        ('another session', '{"type":"message","message":"a","sessionId":"another-one"}', 'invalid_request', 'sessionId', {}),
        ('resume of nothing', '{"type":"resume"}', 'invalid_request', 'answerId', {}),
        ('resume of what is no id', '{"type":"resume","answerId":"x"}', 'invalid_request', 'answerId', {}),
        ('a bad position', json.dumps(dict(type='resume', answerId=answer, after='x')), 'invalid_request', 'after',
         dict(answerId=answer)),
        ('stop of what is no id', '{"type":"stop","answerId":7}', 'invalid_request', 'answerId', {}),
    ):
        t.socket.send(said)
        refused(s, words, t.next(), 400, code, member, **ids)
    t.say('message', message='a', metadata={'x': 'y' * 5000})
    refused(s, 'large metadata', t.next(), 413, 'too_large', 'metadata')
    s.same('the socket is as good as before', t.ask('x' * 2000)[-1]['type'], 'done')
    t.drop()


# ---- what others make of it ----


def test_their_client(s):
    """npm's ws, which nobody here wrote."""
    out = subprocess.run(
        ['node', 'chat.mjs', str(s.port), s.slow.public, name()], cwd=WS, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60,
    )
    s.same('ws: it ran', (out.returncode, out.stderr.decode()), (0, ''))
    said = json.loads(out.stdout)
    s.same('ws: cc.v1 was chosen', said['protocol'], 'cc.v1')
    s.same('ws: hello, pong', said['first'], ['hello', 'pong'])
    s.check('ws: the text is whole', said['text'] and said['text'] == said['done'], said)
    s.same('ws: cut in the middle and resumed, it is the same', said['resumed'], said['text'])
    s.same('ws: a ping of the protocol comes back with what it carries', said['ponged'], 'are you there')
    s.same('ws: compression is offered and not taken', said['extensions'], '')
    s.same('ws: a large message in pieces is one', said['pieces'], 'pong')
    s.same('ws: what is too large is closed with', said['tooLarge'], 1009)
    s.same('ws: it closes with', said['code'], 1000)

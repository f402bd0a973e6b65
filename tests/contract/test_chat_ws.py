"""A visitor's WebSocket: what it says and is told; that a message is a question as a POST is one."""
import base64
import json
import os
import signal
import subprocess
import time
import uuid

import scene as scenery
import sock
import talk
import visitors as v
from people import Person
from test_dashboard_ws import connections
from test_identity import Shop
from test_once import of_tenant

WS = os.path.join(scenery.h.ROOT, 'tests', 'contract', 'ws')
PROBLEM = set(talk.PROBLEM)
ENDS = ('done', 'error')


def name():
    return uuid.uuid4().hex


class Talk:
    """One socket; keeps what it was told."""

    def __init__(self, s, bot, session=None, port=None, words=(), key=None, **more):
        self.s, self.session = s, session or name()
        self.socket = sock.Socket(
            port or s.port,
            '/ws/chat/' + self.session,
            protocols=['cc.v1', 'cc.key.' + (key or bot.public), *words],
            **more,
        )
        self.seen = []

    def say(self, type, **members):
        self.socket.send(dict(type=type, **members))

    def next(self):
        self.seen.append(self.socket.text())
        return self.seen[-1]

    def until(self, good):
        """The first good one."""
        while not good(self.next()):
            pass
        return self.seen[-1]

    def first(self, type, **members):
        wanted = dict(type=type, **members)
        return self.until(lambda f: wanted.items() <= f.items())

    def end(self, answer=None):
        """Of that answer, or of any."""
        return self.until(lambda f: f['type'] in ENDS and (not answer or f.get('answerId') == answer))

    def ask(self, message='What is there?', **members):
        """Told to its end; the frames of that answer."""
        before = len(self.seen)
        self.say('message', message=message, **members)
        self.end()
        return self.seen[before:]

    def drop(self):
        self.socket.drop()


def opened(s, bot, *more, **words):
    t = Talk(s, bot, *more, **words)
    hello = t.next()
    assert hello == dict(type='hello', sessionId=t.session), hello
    return t


def text_of(frames, answer=None):
    """Tokens of the last attempt, joined."""
    out = ''
    for f in frames:
        if answer and f.get('answerId') != answer:
            continue
        out = '' if f['type'] == 'start' else out
        out += f['text'] if f['type'] == 'token' else ''
    return out


def as_events(frames):
    """(name, id, data) as SSE tells them."""
    own = ('type', 'id', 'answerId')
    return [(f['type'], f.get('id'), {k: x for k, x in f.items() if k not in own}) for f in frames]


def events(stream):
    return [(e.name, e.id, e.data) for e in stream.events]


def refused(s, words, frame, status, code, member='', **ids):
    """An error frame: a problem object, with the ids of what it is about and no others."""
    fields = {k: frame.get(k) for k in ('type', 'status', 'code')}
    s.same(f'{words}: {status} {code}', fields, dict(type='error', status=status, code=code))
    s.check('... as a problem', PROBLEM - {'type'} <= set(frame) and frame['traceId'].startswith('req_'), frame)
    s.same('... of just that', {k: frame[k] for k in ('messageId', 'answerId') if k in frame}, ids)
    s.check(f'... that names {member or "it"}', member in frame['detail'], frame['detail'])


def not_opened(s, words, status, code, session=None, bot=None, protocols=(), port=None, **more):
    try:
        w = sock.Socket(port or s.port, '/ws/chat/' + (session or name()), protocols=protocols, **more)
        w.drop()
        s.check(f'{words}: {status} {code}', False, 'it was opened')
    except sock.Refused as e:
        s.problem(words, e.answer, status, code)


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


# ---- identity ----


def word_of(proof):
    """The proof's headers as a word of the subprotocols."""
    if 'x-visitor-token' in proof:
        return 'cc.visitor.' + proof['x-visitor-token']
    ident = base64.urlsafe_b64encode(proof['x-visitor-id'].encode('latin-1')).decode().rstrip('=')
    return f'cc.visitor.{ident}.{proof["x-visitor-exp"]}.{proof["x-visitor-hash"]}'


def test_a_signed_visitor(s):
    shop = Shop(s, 'required')
    ada, ben = shop.somebody('ada'), shop.somebody('漢字?>')
    by_token = v.token(shop.secret, sub='ada', name='Ada L.')
    t = opened(s, shop.bot, words=[word_of(ada.proof)])
    t.ask('Who am I?')
    s.same('his proof as id, exp and hash: the conversation is his', ada.history(t.session).status, 200)
    s.problem('... and not of another', ben.history(t.session), 404, 'session_unknown')
    u = opened(s, shop.bot, t.session, words=['cc.visitor.' + by_token])
    s.same('as a token: the same person, who goes on', u.ask('And now?')[-1]['type'], 'done')
    s.same('two questions', len(ada.history(t.session).json['items']), 4)
    w = Talk(s, shop.bot, t.session, headers=ada.proof)
    s.same('as headers, too', w.next()['type'], 'hello')
    x = opened(s, shop.bot, words=[word_of(ben.proof)])
    s.same('an id of any script', x.ask()[-1]['type'], 'done')
    s.same('... is his', ben.history(x.session).status, 200)
    answer = t.seen[-1]['answerId']
    for type in ('resume', 'stop'):
        x.say(type, answerId=answer)
        refused(s, f"{type} of another visitor's answer", x.next(), 404, 'not_found', answerId=answer)
    words = ['cc.v1', 'cc.key.' + shop.bot.public]
    not_opened(s, "another visitor's session", 404, 'session_unknown', session=t.session,
               protocols=[*words, word_of(ben.proof)])
    not_opened(s, 'nobody, where somebody is wanted', 401, 'identity_required', protocols=words)
    for c in (t, u, w, x):
        c.drop()


def test_a_proof_that_is_not_right(s):
    shop, other = Shop(s), Shop(s)
    now = int(time.time())
    good = v.hashed(shop.secret, 'ada', now + 600)
    cases = {
        'of another bot': word_of(v.hashed(other.secret, 'ada', now + 600)),
        'that has expired': word_of(v.hashed(shop.secret, 'ada', now - 1)),
        'for more than a day': word_of(v.hashed(shop.secret, 'ada', now + 2 * 86400)),
        'for another person': word_of({**good, 'x-visitor-id': 'ben'}),
        'cut': word_of(good)[:-1],
        'without a hash': word_of({**good, 'x-visitor-hash': ''}),
        'without an id': word_of({**good, 'x-visitor-id': ''}),
        'of two parts': 'cc.visitor.YWRh.1',
        'of nothing': 'cc.visitor.',
        'with an id that is no base64url': f'cc.visitor.YW~h.{now + 600}.{good["x-visitor-hash"]}',
        'of a token of another bot': 'cc.visitor.' + v.token(other.secret, sub='ada'),
        'of a token cut': 'cc.visitor.' + v.token(shop.secret, sub='ada')[:-1],
        'of alg none': 'cc.visitor.' + v.token(shop.secret, {'alg': 'none', 'typ': 'JWT'}, sub='ada'),
    }
    words = ['cc.v1', 'cc.key.' + shop.bot.public]
    for what, word in cases.items():
        not_opened(s, f'a proof {what}', 401, 'unauthorized', protocols=[*words, word])
    not_opened(s, 'two proofs', 401, 'unauthorized', protocols=[*words, word_of(good)], headers=good)
    v.identity(s, shop.bot, 'off')
    t = s.until(lambda: attempt(s, shop.bot, ['cc.visitor.x']), bool, 6)
    s.check('where nobody is asked it does not matter', t)
    t.drop()


def attempt(s, bot, words):
    try:
        return opened(s, bot, words=words)
    except sock.Refused:
        return None


def test_a_proof_that_ends(s):
    shop = Shop(s)
    proof = v.hashed(shop.secret, 'ada', int(time.time()) + 3)
    t = opened(s, shop.bot, words=[word_of(proof)])
    s.same('before', t.ask()[-1]['type'], 'done')
    late = s.until(lambda: t.ask()[-1], lambda f: f['type'] == 'error', 6)
    refused(s, 'a message after it has expired', late, 401, 'unauthorized', 'expired')
    t.drop()


def test_a_secret_that_was_changed(s):
    shop = Shop(s)
    t = opened(s, shop.bot, words=[word_of(shop.somebody('ada').proof)])
    t.ask()
    s.send('POST', f'/api/bots/{shop.bot.id}/identity/rotate', key=shop.office, body={})
    began = time.monotonic()
    refused(s, 'messages of an open socket are refused',
            s.until(lambda: t.ask()[-1], lambda f: f['type'] == 'error', 6), 401, 'unauthorized')
    s.check('... within 5 s', time.monotonic() - began < 5)
    t.drop()


# ---- limits ----


def test_messages_are_counted_as_posts_are(s):
    cap = 6
    who = Person(s).register()
    a = who.send('POST', '/api/bots', dict(name='bot', allowedOrigins=['*'], serverUse=True,
                                           limits=dict(requestsPerMinute=cap)))
    bot = a.json['id']
    scenery.made('bot', 'set', who.tenant, bot, '--model', scenery.QUICK)
    key = who.send('POST', f'/api/dashboard/clients/{who.tenant}/keys', dict(kind='public', botId=bot)).json['key']
    t = Talk(s, None, key=key)
    t.next()
    u = Talk(s, None, key=key)
    u.next()
    ends = [c.ask(f'Question {i}')[-1]['type'] for i in range(2) for c in (t, u)]
    posts = [s.send('POST', '/api/widget/chat', key=key, body=dict(message='hi')).status for _ in range(cap - 4)]
    s.same(f'{cap} come in, over two sockets and by POST', (ends, posts), (['done'] * 4, [200] * (cap - 4)))
    t.say('message', message='one more', messageId='m-9')
    frame = t.end()
    refused(s, 'one more', frame, 429, 'rate_limited', messageId='m-9')
    s.check('... is told when to come back', 1 <= frame['retryAfter'] <= 120 and frame['retryable'], frame)
    s.problem('... as by POST', s.send('POST', '/api/widget/chat', key=key, body=dict(message='hi')), 429, 'rate_limited')
    t.say('ping')
    s.same('a ping costs nothing', t.next(), dict(type='pong'))
    t.drop(), u.drop()


def test_rates_of_a_session_and_of_an_address(s):
    port = s.extra_gateway('socket-rates', CC_RATE_VISITOR=3, CC_RATE_ADDRESS=5)
    paid = scenery.Bot(scenery.tenant('socket rates'), 'socket rates', scenery.QUICK)
    t, u = opened(s, paid, port=port), opened(s, paid, port=port)
    s.same('three of a session come in', [t.ask()[-1]['type'] for _ in range(3)], ['done'] * 3)
    refused(s, 'the fourth', t.ask()[-1], 429, 'rate_limited')
    s.same('two more of the address', [u.ask()[-1]['type'] for _ in range(2)], ['done'] * 2)
    refused(s, 'the sixth', u.ask()[-1], 429, 'rate_limited')
    server = opened(s, paid, port=port, key=paid.secret)
    s.same("the tenant's server is not touched", server.ask()[-1]['type'], 'done')
    for c in (t, u, server):
        c.drop()


def test_open_answers_and_sockets_of_a_tenant(s):
    port = s.extra_gateway('socket-caps', CC_INFLIGHT_TENANT=2, CC_SOCKETS_TENANT=3)
    capped = scenery.Bot(scenery.tenant('socket caps'), 'socket caps', scenery.LASTING)
    t = opened(s, capped, port=port)
    for i in range(3):
        t.say('message', message='last', messageId=f'm-{i}')
    frame = t.first('error')
    refused(s, 'an answer more than a tenant may have open', frame, 429, 'tenant_busy', messageId=frame['messageId'])
    t.say('stop'), t.end()
    t.say('stop'), t.end()
    more = [opened(s, capped, port=port) for _ in range(2)]
    not_opened(s, 'a fourth socket', 429, 'tenant_busy', port=port, protocols=['cc.v1', 'cc.key.' + capped.public])
    other = opened(s, s.foreign, port=port)
    s.same('another tenant is not touched', other.ask()[-1]['type'], 'done')
    more[0].socket.close()
    again = s.until(lambda: attempt_at(s, capped, port), bool, 5)
    s.check('one that was closed makes room', again)
    for c in (t, more[1], other, again):
        c.drop()


def attempt_at(s, bot, port):
    try:
        return opened(s, bot, port=port)
    except sock.Refused:
        return None


# ---- the end ----


def state_of(s, answer):
    return (s.row(answer) or {}).get('state')


def test_when_the_client_goes(s):
    """Its answers are left: cancelled after the grace time, unless somebody looks on."""
    t = opened(s, s.lasting)
    answers = []
    for i in range(2):
        t.say('message', message=f'Left {i}')
        answers.append(t.first('accepted')['answerId'])
    t.first('token', answerId=answers[1])
    t.drop()
    u = opened(s, s.lasting, t.session)
    u.say('resume', answerId=answers[1])
    u.first('token')
    s.until(lambda: state_of(s, answers[0]), lambda x: x != 'running', 15)
    s.same('one that nobody looks at is cancelled', state_of(s, answers[0]), 'cancelled')
    s.same('one that somebody has joined goes on', state_of(s, answers[1]), 'running')
    s.same('... and comes', u.first('token')['answerId'], answers[1])
    u.socket.close()
    s.until(lambda: state_of(s, answers[1]), lambda x: x != 'running', 15)
    s.same('a socket that was closed leaves it, too', state_of(s, answers[1]), 'cancelled')


def test_a_key_that_is_taken_away(s):
    made = scenery.made('key', 'add', s.house, '--public', '--bot', s.lasting.id)
    t = Talk(s, None, key=made['key'])
    t.next()
    t.say('message', message='Last for long')
    answer = t.first('token')['answerId']
    scenery.made('key', 'revoke', s.house, made['keyId'])
    began = time.monotonic()
    try:
        end = t.end(answer)
        s.same('the running answer ends with an error', (end['type'], end['code']), ('error', 'unauthorized'))
    except EOFError:
        pass  # the socket may be the first to hear of it
    code = 1008 if t.seen[-1]['type'] != 'error' else t.socket.closed()
    s.same('the socket is closed with 1008', code, 1008)
    s.check('... within 5 s', time.monotonic() - began < 5, time.monotonic() - began)
    not_opened(s, '... and no other is opened', 401, 'unauthorized', protocols=['cc.v1', 'cc.key.' + made['key']])
    t.drop()


def test_a_gateway_that_stops(s):
    port = s.extra_gateway('socket-leaving')
    t = opened(s, s.slow, port=port)
    t.say('message', message='Told by two gateways', messageId='two')
    answer = t.first('accepted')['answerId']
    t.first('token')
    s.fleet.kill('gateway-socket-leaving', signal.SIGTERM)
    try:
        while True:
            t.next()
    except EOFError as e:
        s.same('it closes with 1001', str(e), 'closed with 1001')
    t.drop()
    told = [f for f in t.seen if f.get('answerId') == answer and f.get('id')]
    u = opened(s, s.slow, t.session)
    u.say('resume', answerId=answer, after=told[-1]['id'])
    u.end(answer)
    told += [f for f in u.seen if f.get('answerId') == answer]
    s.check('another tells the rest', text_of(told) == told[-1]['text'] == s.stored(answer)[1]['text'], told[-1])
    u.drop()


def test_many_come_and_go(s):
    """Dropped at any moment, nothing is left of them; the next is served."""
    for i in range(30):
        t = opened(s, s.quick)
        if i % 3:
            t.say('message', message='Goodbye')
        if i % 3 == 2:
            t.first('accepted')
        t.drop()
    t = opened(s, s.quick)
    s.same('the next one is served', t.ask()[-1]['type'], 'done')
    t.drop()


def test_who_does_not_read_is_cut_off(s):
    t = opened(s, s.quick)
    port = f'{t.socket.sock.getsockname()[1]:04X}'
    t.socket.sock.settimeout(1)
    frame, cut = t.socket.frame(sock.TEXT, '{"type":"sing"}') * 30, False
    end = time.monotonic() + 60
    while not cut and time.monotonic() < end:
        try:
            t.socket.raw(frame)
        except OSError:
            cut = True
        cut = cut or port not in connections(s.port)
    s.check('who asks and does not read is cut off', cut)
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

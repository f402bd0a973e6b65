"""Conversations as they happen, on the sockets of the tenant's back offices."""
import json
import time

import scene as scenery
import sock

LIST = '/api/dashboard/conversations'


def opened(s, key, port=None):
    w = sock.Socket(port or s.port, key=key)
    s.same('hello', w.text()['type'], 'hello')
    return w


def frames(w, n, seconds=20):
    """The next n of conversations; a ping of the server's wakes us to see that none came."""
    seen, end = [], time.monotonic() + seconds
    while len(seen) < n:
        assert time.monotonic() < end, f'{n} frames were to come: {seen}'
        op, data = w.next()
        assert op in (sock.TEXT, sock.PING), (op, data)
        if op == sock.PING:
            w.send(data, op=sock.PONG)
        elif (frame := json.loads(data))['type'] == 'conversation':
            seen.append(frame)
    return seen


def quiet(w):
    """Frames of conversations that came before the answer to a ping."""
    w.send(dict(type='ping'))
    return [f for f in w.until(lambda f: f['type'] == 'pong') if f['type'] == 'conversation']


def test_a_question_and_its_answer(s):
    w = opened(s, s.quick.secret)
    a = s.ask(s.quick, 'Is this told?').json
    asked, answered = frames(w, 2)
    s.same('a question is told', asked, dict(type='conversation', id=a['sessionId'], botId=s.quick.id,
                                            event='question', answerId=a['answerId']))
    s.same('... and its answer', answered, dict(type='conversation', id=a['sessionId'], botId=s.quick.id,
                                               event='answer', answerId=a['answerId'], state='done'))
    s.check('nothing of what was said', 'told' not in str([asked, answered]))
    name = 'an-own-name-of-a-session'
    s.ask(s.quick, sessionId=name), s.ask(s.quick, sessionId=name)
    s.same('a client\'s own name is told as it is', {f['id'] for f in frames(w, 4)}, {name})
    body = dict(message='once', messageId='live-' + a['answerId'][4:20], sessionId=name)
    s.ask(s.quick, **body), s.ask(s.quick, **body)
    s.same('the same question twice is told once', [f['event'] for f in frames(w, 2) + quiet(w)],
           ['question', 'answer'])
    w.drop()


def test_ends_of_all_kinds(s):
    w = opened(s, s.refused.secret)
    s.ask(s.refused)
    s.same('a failure is told', frames(w, 2)[1]['state'], 'failed')
    w.drop()
    w = opened(s, s.lasting.secret)
    stream = s.stream(key=s.lasting.public, body=dict(message='long'))
    stream.first('token')
    s.send('POST', f'/api/widget/answers/{stream.answer_id}/stop', key=s.lasting.public)
    s.same('a stop is told', [f.get('state') for f in frames(w, 2)], [None, 'cancelled'])
    stream.close()
    w.drop()


def test_marks_are_told(s):
    w = opened(s, s.quick.secret)
    session = s.ask(s.quick).json['sessionId']
    frames(w, 2)
    for method, what, body in (('POST', 'flag', dict(flagged=True)), ('PUT', 'labels', dict(labels=['x'])),
                               ('POST', 'close', dict(closed=True)), ('POST', 'assign', dict(userId=None))):
        s.send(method, f'{LIST}/{session}/{what}', key=s.quick.secret, body=body)
        s.same(f'{what} is told', frames(w, 1)[0], dict(type='conversation', id=session, botId=s.quick.id, event=what))
    s.send('POST', f'{LIST}/{session}/flag', key=s.quick.secret, body=dict(flagged=5))
    s.same('what was refused is not', quiet(w), [])
    w.drop()


def test_who_hears(s):
    whole = scenery.made('key', 'add', s.house, '--secret')['key']
    all_of_it, own, other, foreign = (opened(s, k) for k in (whole, s.quick.secret, s.slow.secret, s.foreign.secret))
    elsewhere = opened(s, s.quick.secret, s.ports['strict'])
    session = s.ask(s.quick).json['sessionId']
    for words, w in (('a key for all bots', all_of_it), ('a key of the bot', own), ('at another gateway', elsewhere)):
        s.same(f'{words} hears it', [(f['id'], f['event']) for f in frames(w, 2)],
               [(session, 'question'), (session, 'answer')])
    for words, w in (('a key of another bot', other), ('another tenant', foreign)):
        s.same(f'{words} does not', quiet(w), [])
    for w in (all_of_it, own, other, foreign, elsewhere):
        w.drop()


def test_asking_does_not_wait_for_the_live_server(s):
    """While it stands still a question is let in all the same."""
    w = opened(s, s.quick.secret)
    s.ask(s.quick)
    frames(w, 2)
    scenery.h.server('redis-live', 'kill')
    a = s.until(lambda: s.ask(s.quick), lambda a: a.status == 200)
    s.same('a question is answered after it was lost', a.status, 200)
    s.until(lambda: s.ask(s.quick), lambda a: a.status == 200)
    s.check('... and told again', w.until(lambda f: f['type'] == 'conversation')[-1]['botId'] == s.quick.id)
    w.drop()

"""A visitor's WebSocket: whoever ends it, its answers are left as a stream leaves them."""
import signal
import time

import scene as scenery
import sock
from chat_socket import Talk, not_opened, opened, text_of
from test_dashboard_ws import connections


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


def test_the_live_server_is_lost(s):
    t = opened(s, s.slow)
    t.say('message', message='Told through a loss')
    answer = t.first('accepted')['answerId']
    t.first('token')
    scenery.h.server('redis-live', 'kill')
    end = t.end(answer)
    s.check('the answer is told to its end', text_of(t.seen) == end.get('text') == s.stored(answer)[1]['text'], end)
    s.same('... once', s.row(answer)['state'], 'done')
    s.same('and the socket asks on', s.until(lambda: t.ask()[-1]['type'], lambda x: x == 'done', 15), 'done')
    t.drop()


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

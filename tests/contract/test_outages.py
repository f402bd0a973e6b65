"""A store that is gone: refused at once and told when to come again; then all is as before."""
import time

import harness as h
import talk

STORES = {'pg': 'postgres', 'redis-queue': 'redisQueue', 'redis-live': 'redisLive'}


def refusal(s):
    """A chat is refused as a problem that may be tried again: (answer, seconds)."""
    began = time.monotonic()
    a = s.ask(s.quick, 'Is anybody there?')
    return a, time.monotonic() - began


def judge_outage(s, name, component):
    health = s.until(lambda: s.send('GET', '/health'), lambda a: a.status == 503, 5)
    s.check(
        f'{name} away: /health is 503, degraded, and says which',
        health.status == 503
        and health.json['status'] == 'degraded'
        and {k for k, v in health.json['components'].items() if v == 'down'} >= {component},
        health,
    )
    s.check(
        f'{name} away: the others are up',
        all(v != 'down' for k, v in health.json['components'].items() if k not in (component, 'vectors')),
        health,
    )
    ready = s.send('GET', '/health/ready')
    s.check(
        f'{name} away: not ready, but alive',
        ready.status == 503 and s.send('GET', '/health/live').status == 200,
        ready,
    )
    seen = [refusal(s) for _ in range(5)]
    wrong = [x for a, _ in seen if (x := talk.problem_faults(a, 503, 'unavailable'))]
    s.check(f'{name} away: a chat gets 503 unavailable with Retry-After', not wrong, wrong)
    s.check(f'{name} away: within 100 ms', sorted(t for _, t in seen)[2] < 0.1, [round(t, 3) for _, t in seen])


def embedded(s):
    return s.send('POST', '/embed', key=s.quick.secret, body=dict(texts=['again']))


def test_each_store(s):
    s.ask(s.quick)  # the key is known by now
    for name, component in STORES.items():
        h.server(name, 'stop')
        judge_outage(s, name, component)
        h.server(name, 'start')
        back = time.monotonic()
        ready = s.until(lambda: s.send('GET', '/health/ready'), lambda a: a.status == 200, 10)
        s.check(
            f'{name} back: ready within 3 s',
            ready.status == 200 and time.monotonic() - back < 3,
            (ready, time.monotonic() - back),
        )
        answer = s.until(lambda: s.ask(s.quick, 'And now?'), lambda a: a.status == 200, 10)
        s.check(
            f'{name} back: questions are answered', answer.status == 200 and time.monotonic() - back < 5, answer
        )
        vectors = s.until(lambda: embedded(s), lambda a: a.status == 200, 10)
        s.same(f'{name} back: workers are asked for vectors again', vectors.status, 200)


def test_an_open_stream_outlives_it(s):
    for name, how in (('redis-live', 'kill'), ('redis-queue', 'kill'), ('pg', 'immediate')):
        p = s.stream(key=s.slow.public, body=dict(message=f'Through the end of {name}'))
        p.first('token')
        h.server(name, how)
        p.read()
        s.check(
            f'{name}, {how}: the stream comes to its end, exact', p.done and p.text == p.done['text'], p.names[-3:]
        )
        stored = [m['text'] for m in s.stored(p.answer_id) if m['role'] == 'assistant']
        s.same(f'{name}, {how}: stored once', stored, [p.text])
        s.until(lambda: s.send('GET', '/health/ready'), lambda a: a.status == 200, 10)

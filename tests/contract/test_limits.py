"""How much is let in: requests a minute, open answers, the length of the queue."""
import http.client
import uuid

import scene as scenery
import talk
from test_once import parallel


def statuses(answers):
    out = {}
    for a in answers:
        name = (
            repr(a)
            if isinstance(a, Exception)
            else f'{a.status} {a.json["code"]}'
            if a.type.endswith('problem+json')
            else str(a.status)
        )
        out[name] = out.get(name, 0) + 1
    return out


def burst(s, bot, n, at_once, port, key=None, **body):
    """n whole answers, some at a time."""
    answers = []
    for i in range(0, n, at_once):
        answers += parallel(
            min(at_once, n - i),
            lambda _: s.send(
                'POST', '/api/widget/chat', key=key or bot.secret, body=dict(message='hi', **body), port=port
            ),
        )
    return answers


def test_a_free_tenant(s):
    free = scenery.Bot(scenery.tenant('free', 'free'), 'free', scenery.QUICK)
    port = s.ports['strict']
    s.same('100 requests in a minute are let in', statuses(burst(s, free, 100, 10, port)), {'200': 100})
    a = s.send('POST', '/api/widget/chat', key=free.secret, body=dict(message='hi'), port=port)
    s.problem('the 101st', a, 429, 'rate_limited')
    s.check(
        'Retry-After is within two minutes', 1 <= int(a.header('retry-after') or 0) <= 120, a.header('retry-after')
    )
    s.check('it may be tried again', a.json.get('retryable') is True, a)
    p = s.stream(key=free.secret, body=dict(message='hi'), port=port)
    s.problem('the stream route counts, too', p.read(), 429, 'rate_limited')
    other = scenery.Bot(scenery.tenant('free too', 'free'), 'free too', scenery.QUICK)
    s.same(
        'another tenant is not touched',
        s.send('POST', '/api/widget/chat', key=other.secret, body=dict(message='hi'), port=port).status,
        200,
    )


def test_a_paid_tenant(s):
    paid = scenery.Bot(scenery.tenant('paid'), 'paid', scenery.QUICK)
    seen = burst(s, paid, 120, 12, s.ports['strict'])
    s.same('a paid tenant has more than 100', statuses(seen), {'200': 120})


def test_a_session(s):
    paid = scenery.Bot(scenery.tenant('session'), 'session', scenery.QUICK)
    name = uuid.uuid4().hex
    s.same(
        '30 requests of a session in a minute are let in',
        statuses(burst(s, paid, 30, 6, s.ports['strict'], sessionId=name)),
        {'200': 30},
    )
    s.problem('the 31st', burst(s, paid, 1, 1, s.ports['strict'], sessionId=name)[0], 429, 'rate_limited')


def test_an_address(s):
    paid = scenery.Bot(scenery.tenant('address'), 'address', scenery.QUICK)
    seen = burst(s, paid, 60, 10, s.ports['strict'], key=paid.public)
    s.same('60 requests of visitors at one address are let in', statuses(seen), {'200': 60})
    s.problem('the 61st', burst(s, paid, 1, 1, s.ports['strict'], key=paid.public)[0], 429, 'rate_limited')
    s.same('the tenant\'s server is not touched', burst(s, paid, 1, 1, s.ports['strict'])[0].status, 200)


def test_an_address_that_asks_nothing(s):
    """What visitors do beside questions counts for the account, so one of them may not do all of it."""
    paid = scenery.Bot(scenery.tenant('caller'), 'caller', scenery.QUICK)
    session = s.ask(paid).json['sessionId']
    path = f'/api/widget/sessions/{session}/files/fil_{uuid.uuid4().hex}'

    def seen(key, n):
        return parallel(n, lambda _: s.send('DELETE', path, key=key, port=s.ports['strict']))

    s.same('60 calls of visitors at one address are let in', statuses(seen(paid.public, 60)), {'404 not_found': 60})
    s.problem('the 61st', seen(paid.public, 1)[0], 429, 'rate_limited')
    s.same('questions are counted for themselves', burst(s, paid, 1, 1, s.ports['strict'], key=paid.public)[0].status,
           200)
    s.same('the tenant\'s server is not touched', seen(paid.secret, 1)[0].status, 404)


def announce(s, size):
    """The head of a file that somebody means to give to a conversation, and no more."""
    c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=10)
    c.putrequest('POST', f'/api/widget/sessions/{uuid.uuid4().hex}/files')
    for name, value in (('x-api-key', s.quick.id), ('content-type', 'multipart/form-data; boundary=x'),
                        ('content-length', str(size))):
        c.putheader(name, value)
    c.endheaders()
    return c


def test_files_on_their_way_leave_room_for_questions(s):
    """Whoever announces large bodies takes what is there for these, and nothing of what questions need."""
    held = [announce(s, size) for size in (42 << 20, 4 << 20, 400 << 10, 20 << 10) for _ in range(16)]
    r = announce(s, 5 << 20).getresponse()
    s.problem('there is no room for one more', talk.Answer(r, r.read()), 503, 'busy')
    s.same('questions are answered', [s.ask(s.quick, f'Still {i}?').status for i in range(8)], [200] * 8)
    for c in held:
        c.close()
    body, kind = talk.multipart([('file', 'room.txt', 'text/plain', b'There is room again. ' * 20000)])
    path = f'/api/widget/sessions/{uuid.uuid4().hex}/files'
    again = s.until(lambda: s.send('POST', path, key=s.quick.public, body=body, headers={'content-type': kind}),
                    lambda a: a.status == 201)
    s.same('there is room when they have left', again.status, 201)


def open_streams(s, bot, n):
    def one(i):
        p = s.stream(key=bot.public, body=dict(message=f'open {i}'), port=s.ports['capped'])
        if p.status == 200:
            p.first('accepted')
        else:
            p.read()
        return p

    return parallel(n, one)


def leave(s, bot, streams):
    for p in streams:
        s.send('POST', f'/api/widget/answers/{p.answer_id}/stop', key=bot.secret, body={}, port=s.ports['capped'])
        p.read()


def admitted(seen):
    return [p for p in seen if not isinstance(p, Exception) and p.status == 200]


def refused(seen, status, code):
    return [p for p in seen if not isinstance(p, Exception) and talk.problem_faults(p, status, code) == '']


def test_fifty_at_the_cap(s):
    """Five open answers of a tenant, twelve of all: exactly so many come in, the others are told to wait."""
    bots = [scenery.Bot(scenery.tenant(f'cap {i}'), f'cap {i}', scenery.LASTING) for i in range(3)]
    held = []
    for i, (let_in, status, code) in enumerate(
        ((5, 429, 'tenant_busy'), (5, 429, 'tenant_busy'), (2, 503, 'busy'))
    ):
        seen = open_streams(s, bots[i], 50)
        held.append(admitted(seen))
        s.same(f'tenant {i + 1}: 50 at once, exactly {let_in} are let in', len(held[i]), let_in)
        s.same(
            f'tenant {i + 1}: the others get {status} {code} with Retry-After',
            len(refused(seen, status, code)),
            50 - let_in,
        )
    for bot, streams in zip(bots, held):
        leave(s, bot, streams)
    s.same('all that were let in came to an end', {p.names[-1] for streams in held for p in streams}, {'done'})
    room = scenery.Bot(bots[0].tenant, 'room', scenery.QUICK)
    a = s.until(lambda: s.ask_at('capped', room), lambda a: a.status == 200, 5)
    s.same('then there is room again', a.status, 200)

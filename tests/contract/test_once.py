"""One message, one answer: however often, from however many places it is asked."""
import threading
import uuid

import harness as h

AT_ONCE = 50


def parallel(n, fn):
    """fn(i) on n threads that begin together; results in order, exceptions included."""
    gate, out = threading.Barrier(n), [None] * n

    def run(i):
        gate.wait()
        try:
            out[i] = fn(i)
        except Exception as e:
            out[i] = e

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def of_tenant(tenant):
    return int(h.sql(f"SELECT count(*) FROM answers WHERE tenant_id = '{tenant}'")[0][0])


def judge(s, words, seen, grown):
    bad = [x for x in seen if isinstance(x, Exception) or x.status != 200 or not x.done]
    s.check(f'{words}: {len(seen)} are answered', not bad, bad[:3])
    seen = [x for x in seen if x not in bad]
    s.same(f'{words}: one answer', len({x.answer_id for x in seen}), 1)
    s.same(f'{words}: one session', len({x.events[0].data['sessionId'] for x in seen}), 1)
    s.check(f'{words}: every text is exact', all(x.text == x.done['text'] == seen[0].text for x in seen))
    s.same(
        f'{words}: one row, one generation',
        (grown, s.row(seen[0].answer_id)['attempt'], len(s.stored(seen[0].answer_id))),
        (1, '1', 2),
    )


def test_fifty_at_once(s):
    ports = [s.ports['main'], s.ports['capped']]
    for words, session in (('in a session', uuid.uuid4().hex), ('without a session', None)):
        body = dict(message='Asked by many', messageId=uuid.uuid4().hex)
        if session:
            body['sessionId'] = session
        before = of_tenant(s.house)
        seen = parallel(AT_ONCE, lambda i: s.stream(key=s.slow.public, body=body, port=ports[i % 2]).read())
        judge(s, f'one messageId {words}', seen, of_tenant(s.house) - before)


def test_repeated_later(s):
    body = dict(messageId=uuid.uuid4().hex)
    first = s.ask(s.quick, 'Once', **body).json
    again = s.ask(s.quick, 'Once', **body).json
    s.same(
        'the same message later: the same answer',
        (again['answerId'], again['message'], again['sessionId']),
        (first['answerId'], first['message'], first['sessionId']),
    )
    p = s.told(s.quick, 'Once', **body)
    s.same('as a stream, too', (p.answer_id, p.text), (first['answerId'], first['message']))
    other = s.ask(s.quick, 'Once', messageId=uuid.uuid4().hex).json
    s.check('another messageId: another answer', other['answerId'] != first['answerId'])
    theirs = s.ask(s.foreign, 'Once', **body).json
    s.check('another tenant\'s messageId is another message', theirs['answerId'] != first['answerId'])


def test_header(s):
    key = {'idempotency-key': uuid.uuid4().hex}
    first, again = (
        s.send('POST', '/api/widget/chat', key=s.quick.public, body=dict(message='Once'), headers=key).json
        for _ in range(2)
    )
    s.same('Idempotency-Key does the same', first['answerId'], again['answerId'])


def test_forms(s):
    for words, ident in (('65 letters', 'a' * 65), ('a space', 'a b'), ('an umlaut', 'ü')):
        s.problem(f'a messageId with {words}', s.ask(s.quick, messageId=ident), 400, 'invalid_request')
    s.same('one of 64 letters is taken', s.ask(s.quick, messageId='a' * 64).status, 200)

"""Joining a stream again: at every position, while it runs, when it has ended, when Redis forgot it."""
import os
import subprocess
import threading

import talk


def join(s, bot, answer, after=None, header=None, port=None):
    path = f'/api/widget/answers/{answer}/stream' + (f'?after={after}' if after else '')
    return s.stream(
        path,
        method='GET',
        key=bot.public,
        headers={'last-event-id': header} if header else None,
        port=port or s.port,
    )


def rest(events, ident):
    """What came after the event of that id."""
    order = [e.id for e in events]
    return events[order.index(ident) + 1 :]


def test_at_every_position_of_an_ended_answer(s):
    p = s.told(s.slow, 'To be joined')
    events = p.events[1:]
    wrong = []
    for e in events:
        for kind in ('after', 'header'):
            again = join(s, s.slow, p.answer_id, **{kind: e.id}).read()
            if again.events != rest(events, e.id):
                wrong.append((kind, e.id, again.names))
    s.check(f'Last-Event-ID and ?after= at {len(events)} positions give exactly the rest', not wrong, wrong[:5])
    for words, again in (
        ('without a position', join(s, s.slow, p.answer_id).read()),
        ('from 0-0', join(s, s.slow, p.answer_id, after='0-0').read()),
    ):
        s.same(f'all of it {words}', again.events, events)
        s.same('... with retry first', again.body[:12], b'retry: 2000\n')
    both = join(s, s.slow, p.answer_id, after=events[3].id, header=events[1].id).read()
    s.same('?after= wins over the header', both.events, rest(events, events[3].id))
    s.same(
        'another gateway tells the same', join(s, s.slow, p.answer_id, port=s.ports['strict']).read().events, events
    )


def test_at_every_position_while_it_runs(s):
    """A second viewer joins at each event, as soon as the first one has it."""
    p = s.stream(key=s.slow.public, body=dict(message='Joined by many'))
    joined, threads = [], []
    for e in p:
        if not e.id or e.name == 'done':
            continue
        port = s.ports[('main', 'strict')[len(joined) % 2]]
        q = join(s, s.slow, p.answer_id, port=port, **{('after', 'header')[len(joined) // 2 % 2]: e.id})
        joined.append((e.id, q))
        threads.append(threading.Thread(target=q.read, daemon=True))
        threads[-1].start()
    for t in threads:
        t.join(30)
    wrong = [(i, q.status, q.names) for i, q in joined if q.events != rest(p.events, i)]
    s.check(
        f'{len(joined)} viewers that join in the middle see exactly the rest',
        len(joined) > 20 and not wrong,
        wrong[:5],
    )
    s.same('one generation for all of them', (s.row(p.answer_id)['attempt'], len(s.stored(p.answer_id))), ('1', 2))


def test_when_redis_has_forgotten(s):
    p = s.told(s.slow, 'To be forgotten')
    tokens = p.named('token')
    subprocess.run(
        ['redis-cli', '-s', os.environ['CC_REDIS_LIVE'].removeprefix('unix:'), 'flushall'],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for words, where in (
        ('from the start', {}),
        ('from the middle', dict(after=tokens[len(tokens) // 2].id)),
        ('from the end', dict(after=p.events[-1].id)),
    ):
        again = join(s, s.slow, p.answer_id, **where).read()
        s.same(f'{words}: told from PostgreSQL as a later attempt', again.names, ['start', 'token', 'done'])
        s.check(f'{words}: its start clears the partial text', again.events[0].data['attempt'] > 1, again.events[0])
        s.check(f'{words}: the same text', again.text == p.text == again.done['text'], again.text)
        s.same(
            f'{words}: the same message and usage',
            (again.done['messageId'], again.done['usage']),
            (p.done['messageId'], p.done['usage']),
        )
    half = join(s, s.slow, p.answer_id, after=again.events[1].id).read()
    s.same('it can be joined in the middle, too', half.events, again.events[2:])
    s.same('nothing was generated again', (s.row(p.answer_id)['attempt'], len(s.stored(p.answer_id))), ('1', 2))


def test_a_failed_one(s):
    p = s.told(s.refused)
    again = join(s, s.refused, p.answer_id).read()
    s.same(
        'a failed answer tells its error again',
        (again.names[-1], again.events[-1].data['code']),
        ('error', 'upstream_refused'),
    )


def test_what_is_no_position(s):
    p = s.told(s.quick)
    for bad in ('x', '1', '1-', '-1', '1-2-3', '1-x', ' 1-1', '99999999999999999999999-1'):
        a = s.send(
            'GET', f'/api/widget/answers/{p.answer_id}/stream?after={bad.replace(" ", "%20")}', key=s.quick.public
        )
        s.problem(f'?after={bad}', a, 400, 'invalid_request')
    for ident in ('ans_00000000000000000000000000000000', 'ans_x', 'hello'):
        a = s.send('GET', f'/api/widget/answers/{ident}/stream', key=s.quick.public)
        s.problem(f'joining {ident}', a, 404, 'not_found')
    late = join(s, s.quick, p.answer_id, after='7-1').read()
    s.check(
        'a position beyond the end is no error, and nothing is told twice',
        late.status == 200 and late.names in ([], ['start', 'token', 'done']),
        late.names,
    )
    s.check('ids stay ids', all(talk.EVENT_ID.match(e.id) for e in late.events), late.events)

"""The stream of events: which, in which order, with which ids, and that the text is exact."""
import json
import re
import time

import scene as scenery
import talk

SHAPES = {
    'accepted': {'answerId': str, 'sessionId': str, 'position': int},
    'start': {'attempt': int},
    'token': {'text': str},
    'sources': {'items': list},
    'done': {'messageId': str, 'text': str, 'usage': dict, 'finishReason': str, 'cached': bool},
}


def grammar(names):
    """accepted, start, sources?, token*, one of done and error: as one word of letters."""
    letters = dict(accepted='a', start='s', sources='q', token='t', done='d', error='e')
    return ''.join(letters.get(n, '?') for n in names)


def test_head_and_order(s):
    p = s.told(s.slow, 'Tell me slowly')
    s.check('200 text/event-stream', p.status == 200 and p.type == 'text/event-stream', p.headers)
    s.same('Cache-Control', p.header('cache-control'), 'no-store')
    s.same('X-Accel-Buffering', p.header('x-accel-buffering'), 'no')
    s.check('no Content-Length', p.header('content-length') is None, p.headers)
    s.same('retry is told once, first', (p.retries, p.body.startswith(b'retry: 2000\n')), (['2000'], True))
    s.check('accepted, start, token..., done', re.fullmatch('ast+d', grammar(p.names)), p.names)
    s.same('nothing else is in it', p.odd, [])
    s.check('the stream ends after it', p.ended)
    s.check(
        'tokens come one after another',
        len(p.named('token')) >= 10 and p.named('token')[-1].at - p.named('token')[0].at > 0.5,
        [round(e.at - p.began, 2) for e in p.named('token')],
    )


def test_every_event_has_its_shape(s):
    p = s.told(s.slow)
    for name, members in SHAPES.items():
        for e in p.named(name)[:3]:
            wrong = [k for k, kind in members.items() if not isinstance(e.data.get(k), kind)]
            s.check(f'{name} is as described', not wrong, e.data)
    s.same('usage has its three figures', sorted(p.done['usage']), ['cachedTokens', 'inputTokens', 'outputTokens'])
    s.same('start names the first attempt', p.named('start')[0].data, {'attempt': 1})
    s.check(
        'ids have their prefixes',
        p.answer_id.startswith('ans_') and p.done['messageId'].startswith('msg_'),
        p.events[0],
    )
    lines = [x for x in p.body.split(b'\n') if x.startswith(b'data: ')]
    s.check(
        'data is one line of compact JSON',
        all(json.dumps(json.loads(x[6:])) for x in lines) and len(lines) == len(p.events),
    )


def test_ids(s):
    p = s.told(s.slow)
    idents = [e.id for e in p.events if e.name != 'accepted']
    s.check('ids are <attempt>-<seq>', all(i and talk.EVENT_ID.match(i) for i in idents), idents)
    s.same('they grow by one from 1-1', idents, [f'1-{n}' for n in range(1, len(idents) + 1)])


def test_the_text_is_exact(s):
    for bot in (s.slow, s.quick):
        p = s.told(bot, f'Exactly, {bot.id}')
        stored = [m['text'] for m in s.stored(p.answer_id) if m['role'] == 'assistant']
        s.check(
            'joined tokens are done.text, byte for byte',
            p.text.encode() == p.done['text'].encode() and p.text,
            (p.text, p.done),
        )
        s.same('it is the stored text', stored, [p.text])
    s.check('it has more than ASCII in it', any(ord(c) > 0xFFFF for c in s.told(s.slow).text))


def test_a_failure_ends_it(s):
    p = s.told(s.refused)
    s.check('accepted, start, error', re.fullmatch('as?e', grammar(p.names)), p.names)
    problem = p.events[-1].data
    wrong = [k for k, kind in talk.PROBLEM.items() if not isinstance(problem.get(k), kind)]
    s.check('error is the problem object', not wrong, problem)
    s.same('its code and status', (problem.get('code'), problem.get('status')), ('upstream_refused', 502))
    s.same('its traceId is the request\'s X-Request-Id', problem.get('traceId'), p.header('x-request-id'))
    s.check('error has an id', talk.EVENT_ID.match(p.events[-1].id or ''), p.events[-1])
    cut = scenery.Bot(s.house, 'cut', 'scripted:mock-cut5-len50')
    p = s.told(cut)
    s.check('cut in the middle: tokens, then one error', re.fullmatch('as(t+)(st+)*s?e', grammar(p.names)), p.names)


def test_http_1_0(s):
    """Without chunks, ended by the connection."""
    body = json.dumps(dict(message='old client')).encode()
    import socket

    with socket.create_connection(('127.0.0.1', s.port), timeout=20) as c:
        c.sendall(
            b'POST /api/widget/chat/stream HTTP/1.0\r\nHost: localhost\r\nx-api-key: %s\r\ncontent-type: application/json\r\n'
            b'content-length: %d\r\n\r\n%s' % (s.quick.public.encode(), len(body), body)
        )
        out = b''
        while chunk := c.recv(65536):
            out += chunk
    top, _, rest = out.partition(b'\r\n\r\n')
    s.check(
        'an HTTP/1.0 client gets it unchunked or is refused',
        (b' 200 ' in top and b'chunked' not in top.lower() and b'event: done' in rest) or b' 505 ' in top,
        out[:300],
    )


def test_a_quiet_stream_says_that_it_lives(s):
    if not s.full:
        return
    silent = scenery.Bot(s.house, 'silent', 'scripted:mock-ttft34000-len2')
    p = s.told(silent)
    gaps = [at - p.began for at in p.comments]
    s.check('a comment line every 15 s', len(gaps) == 2 and 14 < gaps[0] < 16.5 and 29 < gaps[1] < 32, gaps)
    s.same('and then its end', p.names[-1], 'done')


def test_a_client_that_leaves_stops_it(s):
    """Nobody looks on for the grace (2 s here): the answer is cancelled, what there was is charged."""
    p = s.stream(key=s.lasting.public, body=dict(message='I leave'))
    p.first('token')
    p.close()
    began = time.monotonic()
    row = s.until(lambda: s.row(p.answer_id), lambda r: r['state'] != 'running', 15)
    s.check(
        'it is cancelled after the grace',
        row['state'] == 'cancelled' and 1.5 < time.monotonic() - began < 8,
        (row, time.monotonic() - began),
    )
    s.check(
        'what there was is stored and charged',
        0 < int(row['output_tokens']) < 600
        and len([m for m in s.stored(p.answer_id) if m['role'] == 'assistant']) == 1,
        row,
    )

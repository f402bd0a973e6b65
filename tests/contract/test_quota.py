"""Limits of a day: what is held while a model works, what is refused, what comes back."""
import json
import threading
import uuid

import harness as h
import scene as scenery

CHAT, STREAM = '/api/widget/chat', '/api/widget/chat/stream'
SLOW = 'scripted:mock-ttft1500-len12-dear'
LASTING = 'scripted:mock-ttft100-itl100-len600-dear'


def limited(name, model=scenery.DEAR, **limits):
    bot = scenery.Bot(scenery.tenant(name), name, model)
    h.ctl('bot', 'set', bot.tenant, bot.id, '--max-tokens', '12', '--limits', json.dumps(limits), '--json')
    return bot


def manager(bot):
    """A key that may change limits."""
    if not hasattr(bot, 'manager'):
        scopes = ('--scope', 'edit', '--scope', 'manage')
        bot.manager = scenery.made('key', 'add', bot.tenant, '--secret', *scopes)['key']
    return bot.manager


def cap(s, bot, **limits):
    a = s.send('PUT', f'/api/bots/{bot.id}', key=manager(bot), body=dict(limits=limits))
    s.check(f'{limits} is taken', a.status == 200 and a.json['limits'] == limits, a)


def ask(s, bot, message='Why?', key=None, **more):
    port = more.pop('port', s.port)
    return s.send('POST', CHAT, key=key or bot.secret, body=dict(message=message, **more), port=port)


def refused(s, words, a, soon=False):
    s.problem(words, a, 429, 'quota_exceeded')
    s.check(f'{words}: it may be tried again', a.json.get('retryable') is True, a)
    wait = int(a.header('retry-after') or 0)
    s.check(f'{words}: Retry-After', 1 <= wait <= (10 if soon else 86400), wait)


def holds(bot):
    return h.sql(
        f"SELECT attempt, input_tokens + output_tokens, cost FROM spend_holds WHERE tenant_id = '{bot.tenant}' "
        'AND expires_at > now() ORDER BY 1'
    )


def used(bot):
    row = h.sql(
        f'SELECT sum(input_tokens + output_tokens), sum(cost) FROM usage_daily WHERE tenant_id = \'{bot.tenant}\''
    )[0]
    return [int(x or 0) for x in row]


def bound(s, words):
    """Tokens and cost that are held while a model works at "Why?"."""
    bot = limited(words, SLOW, dailyTokens=10**9)
    t = threading.Thread(target=ask, args=(s, bot))
    t.start()
    seen = s.until(lambda: holds(bot), lambda rows: rows and rows[0][0] == '1', 10)
    t.join()
    s.same('afterwards nothing is held', holds(bot), [])
    return int(seen[0][1]), int(seen[0][2])


def test_edges(s):
    path = f'/api/bots/{s.quick.id}'
    edges = {
        'requestsPerMinute': ([0, 1000001, 1.5, '5', True], [1, 1000000]),
        'dailyTokens': ([-1, 10**12 + 1, 0.5, []], [0, 10**12]),
        'dailySpend': ([-0.000001, 10**9 + 1, 0.0000001, '1', {}], [0, 0.000001, 1.25, 10**9]),
    }
    for name, (bad, good) in edges.items():
        for value in bad:
            a = s.send('PUT', path, key=manager(s.quick), body=dict(limits={name: value}))
            s.problem(f'{name} {value!r}', a, 400, 'invalid_request')
            s.check(f'{name} {value!r}: it is named', name in a.json['detail'], a)
        for value in good:
            cap(s, s.quick, **{name: value})
    a = s.send('PUT', path, key=manager(s.quick), body=dict(limits=dict(dailyMoney=1)))
    s.problem('a limit nobody knows', a, 400, 'invalid_request')
    s.check('... is named', 'dailyMoney' in a.json['detail'], a)
    cap(s, s.quick)


def test_nothing_is_allowed(s):
    for name in 'dailyTokens', 'dailySpend':
        bot = limited(name, **{name: 0})
        refused(s, f'{name} 0', ask(s, bot))
        p = s.stream(STREAM, key=bot.public, body=dict(message='Why?'))
        refused(s, f'{name} 0, as a stream', p.read())
        s.same(f'{name} 0: nothing is held', holds(bot), [])
        s.same(f'{name} 0: nobody has asked', h.sql(f"SELECT count(*) FROM answers WHERE bot_id = '{bot.id}'"), [['0']])


def test_one_before_and_one_behind(s):
    tokens, cost = bound(s, 'bound')
    for name, whole, unit in ('dailyTokens', tokens, 1), ('dailySpend', cost, 10**6):
        bot = limited(f'{name} edges', **{name: (whole - 1) / unit if unit > 1 else whole - 1})
        refused(s, f'{name}: one less than it may take', ask(s, bot))
        cap(s, bot, **{name: whole / unit if unit > 1 else whole})
        s.same(f'{name}: exactly what it may take', ask(s, bot).status, 200)
        spent = used(bot)[name == 'dailySpend']
        s.check(f'{name}: it took less', 0 < spent < whole, spent)
        for more, fits in (-1, False), (0, True):
            limit = spent + whole + more
            cap(s, bot, **{name: limit / unit if unit > 1 else limit})
            a = ask(s, bot)
            if fits:
                s.same(f'{name}: the rest is exactly what it may take', a.status, 200)
            else:
                refused(s, f'{name}: the rest is one less', a)
        s.same(f'{name}: nothing is held', holds(bot), [])


def test_the_worker_says_no(s):
    """The question fits, its prompt does not."""
    bot = limited('prompt', dailyTokens=100)
    p = s.stream(STREAM, key=bot.public, body=dict(message='Why?')).read()
    s.same('the stream begins and ends with an error', [e.name for e in p.events][-1:], ['error'])
    last = p.events[-1].data
    s.same('it says why', (last.get('code'), last.get('status')), ('quota_exceeded', 429))
    s.same('nothing is held', holds(bot), [])
    s.same('nothing is used', used(bot), [0, 0])
    row = h.sql(f"SELECT state, code, attempt FROM answers WHERE bot_id = '{bot.id}'")
    s.same('nobody tries again', row, [['failed', 'quota_exceeded', '1']])


def test_while_others_are_under_way(s):
    tokens, _ = bound(s, 'bound too')
    bot = limited('under way', SLOW, dailyTokens=tokens)
    t = threading.Thread(target=ask, args=(s, bot))
    t.start()
    s.until(lambda: holds(bot), lambda rows: rows and rows[0][0] == '1', 10)
    refused(s, 'what others hold is not there', ask(s, bot), soon=True)
    t.join()


def test_once_more(s):
    """Whoever asks the same again joins his answer, also when nothing else fits any more."""
    bot, name = limited('once more', dailyTokens=10**6), uuid.uuid4().hex
    first = ask(s, bot, messageId=name)
    again = ask(s, bot, messageId=name)
    s.same('the same answer', (again.status, again.json.get('answerId')), (200, first.json['answerId']))
    s.same('nothing is held for it', holds(bot), [])
    before = used(bot)
    cap(s, bot, dailyTokens=0)
    refused(s, 'something else', ask(s, bot))
    a = ask(s, bot, messageId=name)
    s.same('the same answer at the cap', (a.status, a.json.get('answerId')), (200, first.json['answerId']))
    s.same('it is charged once', used(bot), before)


def test_refused_for_another_reason(s):
    """Five answers of a tenant may be open at this gateway; the sixth gives back what it held."""
    bot = limited('busy', LASTING, dailyTokens=10**6)
    streams = []
    for _ in range(5):
        p = s.stream(STREAM, key=bot.public, body=dict(message='Long?'), port=s.ports['capped'])
        next(iter(p))
        streams.append(p)
    s.problem('the sixth', ask(s, bot, port=s.ports['capped']), 429, 'tenant_busy')
    s.until(lambda: holds(bot), lambda rows: len(rows) == 5 and all(r[0] == '1' for r in rows), 10)
    s.same('five are held', len(holds(bot)), 5)
    for p in streams:
        s.send('POST', f'/api/widget/answers/{p.events[0].data["answerId"]}/stop', key=bot.public)
        p.read()
    s.same('stopped ones hold nothing', s.until(lambda: holds(bot), lambda rows: not rows, 10), [])
    tokens, cost = used(bot)
    s.check('what they said until then is charged', tokens > 0 and cost > 0, (tokens, cost))


def test_failures_are_charged(s):
    """Three attempts break off after nine tokens each."""
    bot = limited('broken', 'scripted:mock-len12-cut9-dear', dailyTokens=10**6)
    a = ask(s, bot)
    s.problem('it fails', a, 500, 'gave_up')
    row = h.sql(
        'SELECT state, output_tokens, cost - (input_tokens + output_tokens) * 1000 FROM usage_ledger '
        f"WHERE bot_id = '{bot.id}'"
    )
    s.same('what was used is in the ledger', row, [['dead', '27', '0']])
    row = h.sql(f"SELECT answers, output_tokens FROM usage_daily WHERE bot_id = '{bot.id}'")
    s.same('... and in the day, as no answer', row, [['0', '27']])
    s.same('nothing is held', holds(bot), [])

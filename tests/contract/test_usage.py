"""What a tenant has used: equal to the ledger, to the last millionth."""
import datetime
import json

import harness as h
import scene as scenery

SUMS = ('answers', 'inputTokens', 'cachedTokens', 'outputTokens', 'cost')


def usage(s, tenant, key, query='', **more):
    return s.send('GET', f'/api/dashboard/clients/{tenant}/usage{query}', key=key, **more)


def ledger(tenant, more=''):
    row = h.sql(
        'SELECT count(*), sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(cost) '
        f"FROM usage_ledger WHERE tenant_id = '{tenant}' {more}"
    )[0]
    out = dict(zip(SUMS, (int(x or 0) for x in row)))
    out['cost'] /= 10**6
    return out


def sums(item):
    return {name: item[name] for name in SUMS}


def today(days=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime('%Y-%m-%d')


def test_sums(s):
    tenant = scenery.tenant('used')
    dear, quick = scenery.Bot(tenant, 'dear', scenery.DEAR), scenery.Bot(tenant, 'quick', scenery.QUICK)
    key = scenery.made('key', 'add', tenant, '--secret')['key']
    none = usage(s, tenant, key)
    s.same('at first', (none.status, none.json['items'], sums(none.json['totals'])), (200, [], ledger(tenant)))
    for bot in dear, dear, quick:
        s.same('an answer', s.ask(bot).status, 200)
    a = usage(s, tenant, key).json
    s.same('the totals are those of the ledger', sums(a['totals']), ledger(tenant))
    s.check('... and something', a['totals']['cost'] > 0 and a['totals']['answers'] == 3, a['totals'])
    s.same('by days', [(i['day'], sums(i)) for i in a['items']], [(today(), ledger(tenant))])
    s.same('the last thirty days', (a['from'], a['to'], a['group']), (today(-29), today(), 'day'))
    of = {i['botId']: sums(i) for i in usage(s, tenant, key, '?group=bot').json['items']}
    s.same('by bots', of, {b.id: ledger(tenant, f"AND bot_id = '{b.id}'") for b in (dear, quick)})
    of = {i['model']: sums(i) for i in usage(s, tenant, key, '?group=model').json['items']}
    models = [m.split(':')[1] for m in (scenery.DEAR, scenery.QUICK)]
    s.same('by models', of, {m: ledger(tenant, f"AND model = '{m}'") for m in models})
    s.same(
        'what a model without a price says costs nothing',
        ledger(tenant, f"AND model = '{models[1]}'")['cost'],
        0.0,
    )
    one = usage(s, tenant, key, f'?botId={dear.id}').json
    s.same('of one bot', sums(one['totals']), ledger(tenant, f"AND bot_id = '{dear.id}'"))
    bound = usage(s, tenant, dear.secret).json
    s.same('a key of one bot sees that one', sums(bound['totals']), sums(one['totals']))
    s.same(
        'today',
        (a['today']['spent'], a['today']['reserved'], a['today']['reservedTokens'], a['today']['answers']),
        (a['totals']['cost'], 0, 0, 3),
    )
    s.same(
        'tokens of today', a['today']['tokens'], a['totals']['inputTokens'] + a['totals']['outputTokens']
    )
    s.same('the currency', a['currency'], 'EUR')
    s.same('another day', usage(s, tenant, key, f'?to={today(-1)}').json['items'], [])


def test_limits(s):
    tenant = scenery.tenant('limits')
    bot = scenery.Bot(tenant, 'limits', scenery.QUICK)
    key = scenery.made('key', 'add', tenant, '--secret')['key']
    rate = usage(s, tenant, key).json['limits']
    s.same('without limits there is the tier\'s rate', list(rate), ['requestsPerMinute'])
    h.ctl('tenant', 'set', tenant, '--ceiling-spend', '2.5', '--ceiling-requests', '50', '--json')
    h.ctl('bot', 'set', tenant, bot.id, '--limits', json.dumps(dict(dailySpend=1.25, dailyTokens=9)), '--json')
    wanted = dict(requestsPerMinute=50, dailySpend=2.5)
    got = s.until(lambda: usage(s, tenant, key).json['limits'], lambda x: x == wanted, 10)
    s.same('with the operator\'s ceiling', got, wanted)
    wanted = dict(requestsPerMinute=50, dailySpend=1.25, dailyTokens=9)
    s.same('of a bot the smallest counts', usage(s, tenant, key, f'?botId={bot.id}').json['limits'], wanted)


def test_wrong_input(s):
    table = {
        '?from=yesterday': 'from',
        '?to=2026-02-30': 'to',
        '?from=2026-01-02&to=2026-01-01': 'from',
        '?from=2024-01-01&to=2025-01-01': 'from',
        '?group=hour': 'group',
        '?group=': 'group',
        '?botId=nobody': 'botId',
    }
    for query, name in table.items():
        a = usage(s, s.house, s.quick.secret, query.replace('botId=nobody', 'botId=b%20t'))
        code = 400 if name != 'botId' else a.status
        s.check(f'{query}', a.status in (400, 404) and a.status == code, a)
        if a.status == 400:
            s.check(f'{query}: it is named', name in a.json['detail'], a)
    s.same('366 days are a range', usage(s, s.house, s.quick.secret, '?from=2024-01-01&to=2024-12-31').status, 200)
    s.problem('another tenant', usage(s, s.foreign.tenant, s.quick.secret), 404, 'not_found')
    s.problem(
        'another tenant\'s bot', usage(s, s.house, s.quick.secret, f'?botId={s.foreign.id}'), 404, 'not_found'
    )
    s.problem('a public key', usage(s, s.house, s.quick.public), 403, 'forbidden')

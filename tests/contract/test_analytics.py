"""Figures of a tenant's conversations and of what they cost."""
import datetime
import urllib.parse

import scene as scenery
import talks

OVERVIEW, COST = '/api/dashboard/analytics/overview', '/api/dashboard/analytics/cost'
COUNTS = ('conversations', 'visitors', 'messages', 'questions', 'answers', 'unanswered', 'failed', 'up', 'down',
          'medianMs', 'p95Ms', 'firstTokenMedianMs', 'inputTokens', 'outputTokens', 'cost')


def get(s, path, key, **query):
    return s.send('GET', path + '?' + urllib.parse.urlencode(query), key=key)


def day(back):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - datetime.timedelta(days=back)).strftime('%Y-%m-%d')


def noon(back):
    return f"(date '{day(back)}' + interval '12 hours') AT TIME ZONE 'UTC'"


def filled(s):
    one = scenery.Bot(scenery.tenant('figures'), 'figures', scenery.QUICK)
    two = scenery.Bot(one.tenant, 'other', scenery.QUICK)
    vis = "'vis_" + 'c' * 32 + "'"
    found = talks.sources('x')
    talks.put(one, 'sum-one', [('a', 'b', dict(total=100, first=10, cost=1500000, sources=found, rating='up')),
                               ('c', 'd', dict(total=300, first=30)), ('e', None)], at=noon(2), visitor_id=vis)
    talks.put(one, 'sum-two', [('a', 'b', dict(total=200, first=20, sources=found, rating='down'))], at=noon(2),
              visitor_id=vis)
    talks.put(one, 'sum-three', [('a', 'b', dict(total=1000, first=50, cost=1))], at=noon(1))
    talks.put(two, 'sum-four', [('a', 'b', dict(total=5000, first=60, sources=found))], at=noon(1))
    talks.put(one, 'sum-old', [('a', 'b')], at=noon(40))
    return one, two, scenery.made('key', 'add', one.tenant, '--secret')['key']


def test_overview(s):
    one, two, key = filled(s)
    a = get(s, OVERVIEW, key)
    o = a.json
    s.same('the last thirty days are the default', (o['from'], o['to'], len(o['perDay'])), (day(29), day(0), 30))
    s.same('members', sorted(o), sorted([*COUNTS, 'from', 'to', 'botId', 'currency', 'perDay']))
    s.same('sums', {k: o[k] for k in COUNTS if not k.endswith('Ms')}, dict(
        conversations=4, visitors=3, messages=11, questions=6, answers=5, unanswered=2, failed=1, up=1, down=1,
        inputTokens=18, outputTokens=30, cost=1.500001))
    s.same('times of answers that are done', (o['medianMs'], o['p95Ms'], o['firstTokenMedianMs']), (300, 4200, 30))
    s.same('the currency', o['currency'], 'EUR')
    days = {d['day']: d for d in o['perDay']}
    s.same('a day of its own', {k: days[day(2)][k] for k in ('conversations', 'visitors', 'questions', 'answers',
                                                             'up', 'down', 'failed', 'medianMs')},
           dict(conversations=2, visitors=1, questions=4, answers=3, up=1, down=1, failed=1, medianMs=200))
    s.same('a day without anything is there', {k: days[day(7)][k] for k in COUNTS},
           dict({k: 0 for k in COUNTS}, medianMs=None, p95Ms=None, firstTokenMedianMs=None))
    s.same('days are in order', [d['day'] for d in o['perDay']], sorted(days))
    s.same('of one bot', {k: get(s, OVERVIEW, key, botId=two.id).json[k] for k in ('conversations', 'answers', 'medianMs')},
           dict(conversations=1, answers=1, medianMs=5000))
    s.same('a bound key sees its bot\'s', get(s, OVERVIEW, two.secret).json['conversations'], 1)
    s.same('both ends are in it', get(s, OVERVIEW, key, **{'from': day(1), 'to': day(1)}).json['conversations'], 2)
    s.same('what is older', get(s, OVERVIEW, key, **{'from': day(60)}).json['conversations'], 5)
    s.same('nobody else\'s', get(s, OVERVIEW, s.library.secret, **{'from': day(365)}).json['cost'], 0)


def test_a_question_of_today(s):
    b = scenery.Bot(scenery.tenant('today'), 'today', scenery.QUICK)
    s.ask(b), s.ask(b)
    o = get(s, OVERVIEW, b.secret).json
    s.same('what was just asked is in it', (o['conversations'], o['visitors'], o['questions'], o['answers']),
           (2, 2, 2, 2))
    s.same('without documents nothing is found', o['unanswered'], 2)
    s.check('its time, too', o['medianMs'] >= 0 and o['p95Ms'] >= o['medianMs'], o['medianMs'])
    c = get(s, COST, b.secret).json
    s.same('and what it used', (c['total']['answers'], c['total']['outputTokens']), (2, o['outputTokens']))
    s.same('by day and model', [(i['day'], i['answers']) for i in c['items']], [(day(0), 2)])


def test_cost(s):
    b = scenery.Bot(scenery.tenant('costs'), 'costs', scenery.QUICK)
    other = scenery.Bot(b.tenant, 'costs-too', scenery.QUICK)
    row = lambda bot, back, model, *n: (f"INSERT INTO usage_daily (tenant_id, day, bot_id, model, answers, input_tokens, "
                                        f"output_tokens, cached_tokens, cost) VALUES ('{b.tenant}', '{day(back)}', "
                                        f"'{bot.id}', '{model}', {', '.join(map(str, n))})")
    scenery.h.sql('; '.join([row(b, 1, 'large', 2, 100, 20, 10, 2500000), row(other, 1, 'large', 1, 10, 2, 1, 1),
                             row(b, 1, 'small', 3, 30, 3, 0, 30), row(b, 2, '', 4, 0, 0, 0, 0),
                             row(b, 40, 'large', 9, 9, 9, 9, 9)]))
    key = scenery.made('key', 'add', b.tenant, '--secret')['key']
    c = get(s, COST, key).json
    s.same('a row for each day and model, newest first', c['items'], [
        dict(day=day(1), model='large', answers=3, inputTokens=110, outputTokens=22, cachedTokens=11, cost=2.500001),
        dict(day=day(1), model='small', answers=3, inputTokens=30, outputTokens=3, cachedTokens=0, cost=0.00003),
        dict(day=day(2), model=None, answers=4, inputTokens=0, outputTokens=0, cachedTokens=0, cost=0)])
    s.same('together', c['total'], dict(answers=10, inputTokens=140, outputTokens=25, cachedTokens=11, cost=2.500031))
    s.same('of a bot', get(s, COST, key, botId=other.id).json['total']['cost'], 0.000001)
    s.same('... or by its key', get(s, COST, other.secret).json['total']['cost'], 0.000001)


def test_ranges_that_are_wrong(s):
    for path in (OVERVIEW, COST):
        for query, name in (({'from': 'x'}, 'from'), ({'to': day(0) + 'T00:00:00Z'}, 'to'),
                            ({'from': day(1), 'to': day(2)}, 'from'), ({'from': day(366)}, 'from'),
                            ({'to': '1970-01-02'}, 'to')):
            a = get(s, path, s.quick.secret, **query)
            s.problem(f'{path[25:]} {query}', a, 400, 'invalid_request')
            s.check('... says which', a.json['detail'].startswith(name + ':'), a.json['detail'])
        s.same('366 days are let through', get(s, path, s.quick.secret, **{'from': day(365)}).status, 200)
        s.problem('another tenant\'s bot', get(s, path, s.quick.secret, botId=s.foreign.id), 404, 'not_found')
        s.problem('nobody', s.send('GET', path), 401, 'unauthorized')

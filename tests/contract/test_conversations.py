"""Conversations in the back office: found, read, flagged, labelled, given to somebody, closed."""
import datetime
import threading
import urllib.parse

import scene as scenery
import talks

LIST = '/api/dashboard/conversations'
UNKNOWN = 'ses_0123456789abcdef0123456789abcdef'


def listed(s, bot, key=None, **query):
    path = LIST + '?' + urllib.parse.urlencode(query) if query else LIST
    return s.send('GET', path, key=key or bot.secret)


def names(answer):
    return [c['id'] for c in answer.json['items']]


def do(s, bot, name, what, body, method='POST'):
    return s.send(method, f'{LIST}/{name}/{what}', key=bot.secret, body=body)


def bot(s, label):
    return scenery.Bot(scenery.tenant(label), label, scenery.QUICK)


def test_a_conversation_that_was_held(s):
    b = bot(s, 'held')
    first = s.ask(b, 'Where do gardens end?').json
    session = first['sessionId']
    second = s.ask(b, 'And the second thing?', sessionId=session).json
    s.same('feedback is taken', s.send('POST', f'/api/widget/answers/{second["answerId"]}/feedback', key=b.public,
                                       body=dict(rating='down', comment='No.')).status, 204)
    a = listed(s, b)
    s.same('the list holds it', names(a), [session])
    c = a.json['items'][0]
    wanted = dict(id=session, botId=b.id, visitor=None, messages=4, firstQuestion='Where do gardens end?', status='open',
                  flagged=False, labels=[], assignee=None, rating='down', note='', handoff=None)
    s.same('... with all that is known of it', {k: c[k] for k in wanted}, wanted)
    s.check('... and when', c['startedAt'] <= c['lastMessageAt'], c)
    s.same('... and nothing else', sorted(c), sorted([*wanted, 'startedAt', 'lastMessageAt']))
    s.same('lists are not to be kept', a.header('cache-control'), 'no-store')
    a = s.send('GET', f'{LIST}/{session}', key=b.secret)
    read = a.json
    s.same('it is read as it was held', [(m['role'], m['text'], m['answerId']) for m in read['messages']], [
        ('user', 'Where do gardens end?', first['answerId']), ('assistant', first['message'], first['answerId']),
        ('user', 'And the second thing?', second['answerId']), ('assistant', second['message'], second['answerId'])])
    s.same('... with the list\'s members', {k: read[k] for k in c if k != 'messages'},
           {k: c[k] for k in c if k != 'messages'})
    s.same('... and how many messages there are', read['messageCount'], 4)
    s.same('... and nothing that was said before it', [read[k] for k in ('form', 'handoffAt', 'handoffEmail', 'handoffNote')],
           [{}, None, None, None])
    s.same('no further page', read['nextCursor'], None)
    answer = read['messages'][3]['answer']
    s.same('a question that was answered does not repeat it', read['messages'][2]['answer'], None)
    s.same('an answer says how it was made', (answer['state'], answer['finishReason'], answer['cached'],
                                             answer['rating'], answer['comment'], answer['code']),
           ('done', 'stop', False, 'down', 'No.', None))
    s.check('... and what it took', answer['tokens']['output'] > 0 and answer['totalMs'] >= answer['firstMs'] >= 0
            and answer['model'] and answer['provider'] == 'scripted' and answer['cost'] >= 0, answer)
    s.same('... as it was told', answer['tokens'], dict(
        input=second['usage']['inputTokens'], output=second['usage']['outputTokens'],
        cached=second['usage']['cachedTokens']))


def test_what_failed_and_what_was_cleared(s):
    b = scenery.Bot(scenery.tenant('failing'), 'failing', 'scripted:mock-err400')
    s.ask(b, 'Will it fail?')
    session = names(listed(s, b))[0]
    read = s.send('GET', f'{LIST}/{session}', key=b.secret).json
    s.same('a question without answer stands alone', [m['role'] for m in read['messages']], ['user'])
    answer = read['messages'][0]['answer']
    s.check('... and says why', answer['state'] == 'failed' and answer['code'] == 'upstream_refused', answer)
    s.send('DELETE', f'/api/widget/sessions/{session}', key=b.public)
    read = s.send('GET', f'{LIST}/{session}', key=b.secret).json
    s.same('what its visitor cleared is gone here, too', (read['messages'], read['messageCount'],
                                                         read['firstQuestion'], read['lastMessageAt']), ([], 0, None, None))


def test_reading_in_pages(s):
    b = bot(s, 'paged')
    session = s.ask(b, 'q0').json['sessionId']
    for i in range(1, 5):
        s.ask(b, f'q{i}', sessionId=session)
    pages, query = [], '?limit=2'
    while query and len(pages) < 9:
        a = s.send('GET', f'{LIST}/{session}{query}', key=b.secret).json
        pages.append([m['text'] for m in a['messages'] if m['role'] == 'user'])
        query = a['nextCursor'] and f'?limit=2&cursor={a["nextCursor"]}'
    s.same('pages go back in time, each in its own order', pages, [['q3', 'q4'], ['q1', 'q2'], ['q0']])


def day_back(n):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - datetime.timedelta(days=n)).strftime('%Y-%m-%d')


def filled(s):
    """A tenant with two bots and conversations of every kind; oldest first."""
    one = bot(s, 'filters')
    two = scenery.Bot(one.tenant, 'second', scenery.QUICK)
    t = one.tenant
    vis = 'vis_' + 'a' * 32
    scenery.h.sql(f"INSERT INTO visitors (tenant_id, id, external, name, email) VALUES "
                  f"('{t}', '{vis}', 'u-17', 'Ada', 'ada@x.example')")
    day = lambda n: f"now() - interval '{n} days'"
    talks.put(one, 'very-old', [('ancient history', 'long ago')], at=day(120))
    talks.put(one, 'old-flagged', [('Wie teuer ist die Übergröße?', 'Zehn Euro.')], at=day(30), flagged='true',
              note="'look'")
    talks.put(two, 'of-second', [('Opening hours', 'Nine to five', dict(rating='up'))], at=day(20))
    talks.put(one, 'labelled', [('100% sure_thing?', "it's \\ so", dict(rating='down'))], at=day(10),
              labels="'{sales,\"a b\"}'", status="'closed'")
    talks.put(one, 'of-ada', [('alpha here', 'and Beta there'), ('gamma', 'delta', dict(rating='up'))], at=day(5),
              visitor_id=f"'{vis}'")
    talks.put(two, 'flagged-too', [('alpha', 'beta', dict(rating='up')), ('x', 'y', dict(rating='down'))], at=day(1),
              flagged='true', visitor_id=f"'{vis}'")
    return one, two, vis


def test_filters(s):
    one, two, vis = filled(s)
    key = scenery.made('key', 'add', one.tenant, '--secret')['key']
    whole = ['flagged-too', 'of-ada', 'labelled', 'of-second', 'old-flagged']
    for words, query, wanted in (
        ('none: the last ninety days, newest first', {}, whole),
        ('a range that begins earlier', dict(**{'from': '2020-01-01'}), whole + ['very-old']),
        ('a range that only ends: the ninety days before', dict(to=day_back(25)), ['old-flagged']),
        ('a bot', dict(botId=two.id), ['flagged-too', 'of-second']),
        ('a visitor', dict(visitorId=vis), ['flagged-too', 'of-ada']),
        ('nobody that is known', dict(visitorId='vis_' + 'b' * 32), []),
        ('flagged', dict(flagged='true'), ['flagged-too', 'old-flagged']),
        ('not flagged', dict(flagged='false'), ['of-ada', 'labelled', 'of-second']),
        ('a label', dict(label='sales'), ['labelled']),
        ('a label of two words', dict(label='a b'), ['labelled']),
        ('half a label', dict(label='sale'), []),
        ('closed', dict(status='closed'), ['labelled']),
        ('open', dict(status='open'), [x for x in whole if x != 'labelled']),
        ('liked', dict(rating='up'), ['flagged-too', 'of-ada', 'of-second']),
        ('disliked', dict(rating='down'), ['flagged-too', 'labelled']),
        ('a bot and a flag', dict(botId=one.id, flagged='true'), ['old-flagged']),
        ('a visitor, a bot, a rating', dict(visitorId=vis, botId=one.id, rating='up'), ['of-ada']),
        ('a visitor and a flag', dict(visitorId=vis, flagged='false'), ['of-ada']),
        ('a word of a question', dict(q='hours'), ['of-second']),
        ('a word of an answer, in other letters', dict(q='BETA'), ['flagged-too', 'of-ada']),
        ('a part of a word', dict(q='our'), ['of-second']),
        ('umlauts in other letters', dict(q='üBERGRÖSSE'), []),
        ('umlauts', dict(q='ÜBERGRÖß'), ['old-flagged']),
        ('two words of different messages', dict(q='delta  alpha'), ['of-ada']),
        ('two words of which one is missing', dict(q='alpha epsilon'), []),
        ('a percent sign is itself', dict(q='100%'), ['labelled']),
        ('... and stands for nothing else', dict(q='1%'), []),
        ('an underscore is itself', dict(q='sure_thing'), ['labelled']),
        ('a quote and a backslash', dict(q="it's \\"), ['labelled']),
        ('a word and a bot', dict(q='alpha', botId=two.id), ['flagged-too']),
        ('a word and a range', dict(q='alpha', to='2020-01-01'), []),
        ('blanks alone', dict(q='  '), whole),
    ):
        s.same(f'filter: {words}', names(listed(s, one, key=key, **query)), wanted)
    visitor = listed(s, one, key=key, visitorId=vis).json['items'][0]
    s.same('who it was', visitor['visitor'], dict(id=vis, externalId='u-17', name='Ada', email='ada@x.example'))
    s.same('liked and disliked is mixed', visitor['rating'], 'mixed')
    times = [r[0] for r in scenery.h.sql(
        "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM sessions "
        f"WHERE tenant_id = '{one.tenant}' AND id IN ('labelled', 'of-second') ORDER BY created_at")]
    s.same('from and to are moments', names(listed(s, one, key=key, **{'from': times[0][:-4] + 'Z', 'to': times[1]})),
           ['of-second'])
    s.same('a day ends with its end', names(listed(s, one, key=key, **{'from': times[1][:10], 'to': times[1][:10]})),
           ['labelled'])


def test_filters_that_are_wrong(s):
    for name, value in (('limit', '0'), ('limit', '101'), ('from', 'yesterday'), ('to', '2026-02-30'),
                        ('flagged', 'yes'), ('status', 'done'), ('handoff', 'yes'), ('rating', 'mixed'), ('visitorId', 'ada'),
                        ('q', 'x' * 201), ('q', 'a b c d e f g h i'), ('label', 'x' * 51), ('cursor', 'x'),
                        ('cursor', '0' * 40)):
        a = listed(s, s.quick, **{name: value})
        s.problem(f'{name}={value[:20]}', a, 400, 'invalid_request')
        s.check('... says which', a.json['detail'].startswith(name + ':'), a.json['detail'])
    s.problem('to before from', listed(s, s.quick, **{'from': '2026-02-02', 'to': '2026-01-01'}), 400,
              'invalid_request')
    s.problem('another tenant\'s bot', listed(s, s.quick, botId=s.foreign.id), 404, 'not_found')
    s.problem('a bot that is none', listed(s, s.quick, botId='x'), 404, 'not_found')


def walk(s, b, between=lambda n: None, **query):
    """All pages; between(n) is done after the n-th."""
    pages = []
    while True:
        a = listed(s, b, **query)
        pages.append(names(a))
        between(len(pages))
        query['cursor'] = a.json['nextCursor']
        if not query['cursor'] or len(pages) > 500:
            return pages


def test_pages(s):
    b = bot(s, 'pages')
    talks.many(b, 100, 'turning')
    want = [f'turning_{i}' for i in range(100, 0, -1)]
    for limit in (1, 7, 50, 99, 100):
        pages = walk(s, b, limit=limit)
        s.same(f'pages of {limit} are the whole, in order', [x for p in pages for x in p], want)
        s.check('... each full but the last', all(len(p) == limit for p in pages[:-1]), [len(p) for p in pages])
    s.same('the default is 50', len(names(listed(s, b))), 50)
    cursor = listed(s, b, limit=3).json['nextCursor']
    s.same('a cursor goes on with another limit', names(listed(s, b, limit=2, cursor=cursor)), want[3:5])
    for words, query in (('other filters', dict(cursor=cursor, status='open')),
                         ('another digit', dict(cursor=cursor[:5] + ('0' if cursor[5] != '0' else '1') + cursor[6:])),
                         ('another conversation', dict(cursor=cursor[:-1] + 'z')),
                         ('its beginning', dict(cursor=cursor[:20]))):
        s.problem(f'a cursor with {words}', listed(s, b, **query), 400, 'invalid_request')
    s.problem('another tenant\'s cursor', listed(s, s.foreign, cursor=cursor), 400, 'invalid_request')


def test_pages_while_others_come(s):
    """What was there at the beginning comes exactly once, whatever begins or goes meanwhile."""
    b = bot(s, 'busy')
    talks.many(b, 60, 'meanwhile')
    stop = threading.Event()

    def come():
        n = 0
        while not stop.is_set():
            s.ask(b, f'new {n}')
            n += 1

    threads = [threading.Thread(target=come) for _ in range(2)]
    for t in threads:
        t.start()
    pages = walk(s, b, limit=7)
    stop.set()
    for t in threads:
        t.join()
    seen = [x for p in pages for x in p]
    s.same('nothing comes twice', len(seen), len(set(seen)))
    s.same('nothing is left out', [x for x in seen if x.startswith('meanwhile_')], [f'meanwhile_{i}' for i in range(60, 0, -1)])


def test_a_search_that_finds_little(s):
    """One request looks at a part; together they look at all."""
    b = bot(s, 'sparse')
    talks.many(b, 4500, 'sparse', 5)
    talks.put(b, 'the-needle', [('a needle', 'in hay')], at="now() - interval '80 days'")
    pages = walk(s, b, q='needle')
    s.same('it is found in the end', [x for p in pages for x in p], ['the-needle'])
    s.same('pages without any tell where to go on', [len(p) for p in pages], [0, 0, 1])
    s.same('a page is filled from what is looked at', len(names(listed(s, b, q='user', limit=100))), 100)
    pages = walk(s, b, q='USER', limit=100)
    s.same('all of many are found once', len({x for p in pages for x in p}), 4500)


def test_marks(s):
    b = bot(s, 'marks')
    session = s.ask(b).json['sessionId']
    a = do(s, b, session, 'flag', dict(flagged=True, note='  Look at this.  '))
    s.check('flagged with a note', a.status == 200 and a.json['flagged'] and a.json['note'] == 'Look at this.', a)
    a = do(s, b, session, 'flag', dict(flagged=False))
    s.check('the note stays without the flag', not a.json['flagged'] and a.json['note'] == 'Look at this.', a)
    a = do(s, b, session, 'flag', dict(flagged=True, note=''))
    s.check('... and goes when it is empty', a.json['flagged'] and a.json['note'] == '', a)
    a = do(s, b, session, 'labels', dict(labels=['sales', 'grün', 'sales']), 'PUT')
    s.same('labels, each once', a.json['labels'], ['sales', 'grün'])
    a = do(s, b, session, 'labels', dict(labels=[]), 'PUT')
    s.same('no labels', a.json['labels'], [])
    for closed, status in ((True, 'closed'), (True, 'closed'), (False, 'open')):
        s.same(f'closed: {closed}', do(s, b, session, 'close', dict(closed=closed)).json['status'], status)
    s.same('all of it is there when it is read', [listed(s, b).json['items'][0][k] for k in ('flagged', 'labels', 'status')],
           [True, [], 'open'])
    user = member(b.tenant)
    s.same('given to a member', do(s, b, session, 'assign', dict(userId=user)).json['assignee'], user)
    s.same('... and taken away', do(s, b, session, 'assign', dict(userId=None)).json['assignee'], None)
    do(s, b, session, 'assign', dict(userId=user))
    stranger = member(s.foreign.tenant)
    s.problem('another tenant\'s member', do(s, b, session, 'assign', dict(userId=stranger)), 404, 'not_found')
    s.same('... changes nothing', listed(s, b).json['items'][0]['assignee'], user)
    for what, method, body, member_name in (
        ('flag', 'POST', dict(), 'flagged'), ('flag', 'POST', dict(flagged='yes'), 'flagged'),
        ('flag', 'POST', dict(flagged=True, note='x' * 2001), 'note'),
        ('flag', 'POST', dict(flagged=True, more=1), 'more'),
        ('labels', 'PUT', dict(), 'labels'), ('labels', 'PUT', dict(labels='x'), 'labels'),
        ('labels', 'PUT', dict(labels=['x' * 51]), 'labels'), ('labels', 'PUT', dict(labels=['']), 'labels'),
        ('labels', 'PUT', dict(labels=[str(i) for i in range(21)]), 'labels'),
        ('assign', 'POST', dict(), 'userId'), ('assign', 'POST', dict(userId='ada'), 'userId'),
        ('assign', 'POST', dict(userId=5), 'userId'),
        ('close', 'POST', dict(), 'closed'), ('close', 'POST', dict(closed=1), 'closed'),
    ):
        a = do(s, b, session, what, body, method)
        s.problem(f'{what} with {str(body)[:40]}', a, 400, 'invalid_request')
        s.check('... says which', a.json['detail'].startswith(member_name), a.json['detail'])


def member(tenant):
    """A user of the tenant, straight into the database."""
    ident = scenery.h.sql("SELECT 'usr_' || replace(gen_random_uuid()::text, '-', '')")[0][0]
    scenery.h.sql(f"INSERT INTO users (id, email, email_key, name, password) VALUES ('{ident}', '{ident}@x.example', "
                  f"'{ident}@x.example', 'N', 'x'); INSERT INTO members (tenant_id, user_id, role) VALUES "
                  f"('{tenant}', '{ident}', 'agent')")
    return ident


def test_changes_are_in_the_audit_log(s):
    b = bot(s, 'audited')
    session = s.ask(b).json['sessionId']
    do(s, b, session, 'flag', dict(flagged=True))
    do(s, b, session, 'flag', dict(flagged=True))
    rows = scenery.h.sql("SELECT action, noun, row_id, changed FROM audit_log "
                         f"WHERE tenant_id = '{b.tenant}' AND noun = 'sessions'")
    s.same('a change is in the log once, and no change is not', rows, [['update', 'sessions', session, '{flagged}']])


def test_whose_they_are(s):
    mine = s.ask(s.quick).json['sessionId']
    theirs = s.ask(s.foreign).json['sessionId']
    member_of = member(s.house)
    writes = (('POST', 'flag', dict(flagged=True)), ('PUT', 'labels', dict(labels=['x'])),
              ('POST', 'close', dict(closed=True)), ('POST', 'assign', dict(userId=member_of)))
    for words, b, name in (('another tenant', s.quick, theirs), ('another bot of the tenant', s.slow, mine),
                           ('nobody', s.quick, UNKNOWN), ('nobody, by a short name', s.quick, 'short')):
        s.problem(f'read of {words}', s.send('GET', f'{LIST}/{name}', key=b.secret), 404, 'not_found')
        for method, what, body in writes:
            s.problem(f'{what} of {words}', do(s, b, name, what, body, method), 404, 'not_found')
    rows = scenery.h.sql(f"SELECT flagged, labels, status, assignee FROM sessions WHERE id IN ('{mine}', '{theirs}')")
    s.same('nothing was changed', rows, [['f', '{}', 'open', '']] * 2)
    s.check('a bound key lists its bot\'s alone',
            {c['botId'] for c in listed(s, s.quick, limit=100).json['items']} == {s.quick.id})
    s.problem('... and asks for no other', listed(s, s.quick, botId=s.slow.id), 404, 'not_found')
    for path in (LIST, f'{LIST}/{mine}', f'{LIST}/export'):
        s.problem(f'a public key on {path[:40]}', s.send('GET', path, key=s.quick.public, headers=dict(
            origin='http://x.example')), 403, 'forbidden')
        s.problem('... and nobody', s.send('GET', path), 401, 'unauthorized')

"""Pinned answers: questions of a bot that are answered as their owner wrote, without a model."""
BASE = '/api/dashboard/pins'
NOBODY = 'pin_' + '0' * 32


def call(s, method, path='', key=None, **more):
    return s.send(method, BASE + path, key=key or s.library.secret, **more)


def add(s, questions, answer, key=None, **more):
    body = dict(botId=s.library.id, questions=questions, answer=answer)
    return call(s, 'POST', key=key, body={**body, **more})


def test_pin(s):
    a = add(s, ['Who was Ada?', 'Tell me of Ada'], 'Ada kept the first kiosk.')
    s.same(
        'a pinned answer',
        (a.status, sorted(a.json['questions']), a.json['answer'], a.json['enabled'], a.json['hits']),
        (201, ['Tell me of Ada', 'Who was Ada?'], 'Ada kept the first kiosk.', True, 0),
    )
    s.check(
        '... with its id, bot and time',
        a.json['id'].startswith('pin_') and a.json['botId'] == s.library.id and a.json['createdAt'],
        a,
    )
    ident = a.json['id']
    got = s.ask(s.library, '  who was ADA ')
    s.same(
        'the question, however it is typed', (got.status, got.json['message']), (200, 'Ada kept the first kiosk.')
    )
    s.same('... without a model', got.json['usage']['outputTokens'], 0)
    p = s.told(s.library, 'Tell me of Ada')
    s.same('as a stream, too', p.text, 'Ada kept the first kiosk.')
    x = s.until(lambda: call(s, 'GET', '/' + ident), lambda a: a.json['hits'] == 2, 10).json
    s.check('hits are counted', x['hits'] == 2 and x['lastHitAt'], x)
    a = call(s, 'PUT', '/' + ident, body=dict(questions=['Who was Ada?'], answer='Ada kept two kiosks.'))
    s.same(
        'set anew',
        (a.status, a.json['questions'], a.json['answer'], a.json['hits']),
        (200, ['Who was Ada?'], 'Ada kept two kiosks.', 2),
    )
    s.same('... it is given', s.ask(s.library, 'Who was Ada?').json['message'], 'Ada kept two kiosks.')
    a = call(
        s, 'PUT', '/' + ident, body=dict(questions=['Who was Ada?'], answer='Ada kept two kiosks.', enabled=False)
    )
    s.same('switched off', a.json['enabled'], False)
    s.check('... it is not given', s.ask(s.library, 'Who was Ada?').json['message'] != 'Ada kept two kiosks.')
    s.same('it goes', call(s, 'DELETE', '/' + ident).status, 204)
    for a in (call(s, 'GET', '/' + ident), call(s, 'DELETE', '/' + ident)):
        s.problem('... and is gone', a, 404, 'not_found')


def test_list(s):
    idents = [add(s, [f'What is number {i}?'], f'It is {i}.').json['id'] for i in range(3)]
    listed = [x['id'] for x in call(s, 'GET').json['items']]
    s.same('all of the key\'s bot', sorted(set(listed) & set(idents)), sorted(idents))
    page = call(s, 'GET', '?limit=2').json
    seen = page['items']
    while page['nextCursor']:
        page = call(s, 'GET', '?limit=2&cursor=' + page['nextCursor']).json
        seen += page['items']
    s.same('in pages the same', [x['id'] for x in seen], listed)
    s.same('by bot', [x['id'] for x in call(s, 'GET', '?botId=' + s.library.id).json['items']], listed)
    s.same('of another bot there are none', call(s, 'GET', key=s.slow.secret).json['items'], [])
    for query in ('?limit=0', '?cursor=x'):
        s.problem(f'list {query}', call(s, 'GET', query), 400, 'invalid_request')
    for ident in idents:
        call(s, 'DELETE', '/' + ident)


def test_the_same_question_twice(s):
    a = add(s, ['How tall is the tower?'], 'Forty ells.')
    b = add(s, ['Is it tall?', 'how tall is the tower'], 'Very.')
    s.problem('a question that another pin has', b, 409, 'conflict')
    s.check('... names the field', b.status == 409 and 'questions' in b.json['detail'], b)
    call(s, 'DELETE', '/' + a.json['id'])


def test_what_is_wrong(s):
    good = dict(botId=s.library.id, questions=['Why?'], answer='Because.')
    for change, name in (
        (dict(botId=None), 'botId'),
        (dict(questions=None), 'questions'),
        (dict(answer=None), 'answer'),
        (dict(questions=[]), 'questions'),
        (dict(questions=['']), 'questions'),
        (dict(questions='Why?'), 'questions'),
        (dict(questions=['x' * 501]), 'questions'),
        (dict(questions=[f'q{i}' for i in range(51)]), 'questions'),
        (dict(questions=['???']), 'questions'),
        (dict(answer=''), 'answer'),
        (dict(answer='x' * 8001), 'answer'),
        (dict(enabled='no'), 'enabled'),
        (dict(hits=5), 'hits'),
    ):
        a = call(s, 'POST', body={k: v for k, v in {**good, **change}.items() if v is not None})
        s.problem(f'{str(change)[:40]}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    for bot in (s.foreign.id, s.quick.id, 'bot_' + '0' * 32, 'x'):
        s.problem(f'of bot {bot[:8]}', call(s, 'POST', body={**good, 'botId': bot}), 404, 'not_found')
    for method in ('GET', 'PUT', 'DELETE'):
        for bad in (NOBODY, 'pin_x'):
            a = call(s, method, '/' + bad, body=dict(questions=['a'], answer='b') if method == 'PUT' else None)
            s.problem(f'{method} of {bad[:6]}', a, 404, 'not_found')
    s.problem('a public key', call(s, 'GET', key=s.library.public), 403, 'forbidden')

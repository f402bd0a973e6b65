"""Another tenant's ids do not exist, and never 403: every route with an id, both ways."""
from test_documents import ended, text_file, upload


def ids_of(s, bot):
    answer = s.ask(bot, 'What is the code word?').json
    document = upload(s, [text_file('hidden' + bot.id[-6:])], key=bot.secret).json['id']
    ended_at = s.until(
        lambda: s.send('GET', f'/api/widget/documents/{document}/status', key=bot.secret),
        lambda a: a.json['status'] == 'ready',
    )
    assert ended_at.json['status'] == 'ready', ended_at
    return dict(answer=answer['answerId'], session=answer['sessionId'], document=document, bot=bot.id)


def routes(i):
    a, sess = f'/api/widget/answers/{i["answer"]}', f'/api/widget/sessions/{i["session"]}'
    yield 'GET', a + '/stream', None, 'not_found'
    yield 'POST', a + '/stop', {}, 'not_found'
    yield 'POST', a + '/feedback', dict(rating='up'), 'not_found'
    yield 'GET', sess + '/messages', None, 'session_unknown'
    yield 'DELETE', sess, None, 'session_unknown'
    yield 'GET', f'/api/chat/history/{i["session"]}', None, 'session_unknown'
    yield 'DELETE', f'/api/chat/{i["bot"]}/session/{i["session"]}', None, 'session_unknown'
    yield 'POST', f'/api/chat/{i["bot"]}', dict(message='hi'), 'not_found'
    for path in ('/api/widget/chat', '/api/widget/chat/stream', '/chat', '/chat/stream', '/api/chat/message'):
        yield 'POST', path, dict(message='hi', sessionId=i['session']), 'session_unknown'
    yield 'GET', f'/chat/stream?message=hi&sessionId={i["session"]}', None, 'session_unknown'


def test_every_route(s):
    for owner, stranger in ((s.foreign, s.library), (s.library, s.foreign)):
        ids = ids_of(s, owner)
        for method, path, body, code in routes(ids):
            for key in (stranger.public, stranger.secret):
                s.problem(
                    f'{key[:2]} of another: {method} {path}', s.send(method, path, key=key, body=body), 404, code
                )
        a = s.send('GET', f'/api/widget/documents/{ids["document"]}/status', key=stranger.secret)
        s.problem('sk of another: a document\'s status', a, 404, 'not_found')
        body = dict(filename='a.txt', fileType='text/plain', fileData='YQ==', botId=ids['bot'])
        s.problem(
            'sk of another: a file for its bot',
            s.send('POST', '/process-document', key=stranger.secret, body=body),
            404,
            'not_found',
        )
        s.same(
            'the owner still has it all',
            s.send('GET', f'/api/widget/sessions/{ids["session"]}/messages', key=owner.public).status,
            200,
        )


def knowledge_of(s, bot):
    """One of each: document, passage, source, pin."""
    key = bot.secret
    document = upload(s, [text_file('kept' + bot.id[-6:])], key=key).json['id']
    status = f'/api/dashboard/documents/{document}/status'
    s.until(lambda: s.send('GET', status, key=key), lambda a: a.json['status'] == 'ready')
    chunk = s.send('GET', f'/api/dashboard/documents/{document}/chunks', key=key).json['items'][0]['id']
    source = s.send(
        'POST', '/api/dashboard/documents/url', key=key, body=dict(url=f'{s.site.url}/herbs?{bot.id[-6:]}')
    ).json['id']
    pin = s.send(
        'POST', '/api/dashboard/pins', key=key, body=dict(botId=bot.id, questions=['Whose?'], answer='Mine.')
    ).json['id']
    return dict(document=document, chunk=chunk, source=source, pin=pin, bot=bot.id)


def dashboard_routes(i):
    d, src, pin = (
        f'/api/dashboard/{kind}/{i[one]}'
        for kind, one in (('documents', 'document'), ('sources', 'source'), ('pins', 'pin'))
    )
    yield 'GET', d, None
    yield 'PATCH', d, dict(title='x')
    for verb in ('status', 'changes', 'chunks'):
        yield 'GET', f'{d}/{verb}', None
    for verb in ('retry', 'skip', 'reindex', 'preview'):
        yield 'POST', f'{d}/{verb}', {}
    yield 'POST', f'{d}/chunks', dict(text='x')
    yield 'PATCH', f'{d}/chunks/{i["chunk"]}', dict(enabled=False)
    yield 'DELETE', f'{d}/chunks/{i["chunk"]}', None
    yield 'DELETE', d, None
    yield 'GET', src, None
    yield 'PATCH', src, dict(title='x')
    yield 'POST', src + '/visit', {}
    yield 'GET', src + '/pages', None
    yield 'DELETE', src, None
    yield 'GET', pin, None
    yield 'PUT', pin, dict(questions=['x'], answer='y')
    yield 'DELETE', pin, None
    for what in ('retrieval', 'chunking'):
        yield 'GET', f'/api/bots/{i["bot"]}/{what}', None
        yield 'PUT', f'/api/bots/{i["bot"]}/{what}', {}
    yield 'POST', '/api/dashboard/retrieval/test', dict(query='x', botId=i['bot'])
    yield 'POST', '/api/dashboard/pins', dict(botId=i['bot'], questions=['x'], answer='y')
    yield 'POST', '/api/dashboard/documents/url', dict(url='https://example.com/', botId=i['bot'])
    yield 'GET', '/api/dashboard/documents?botId=' + i['bot'], None
    yield 'GET', '/api/dashboard/pins?botId=' + i['bot'], None


def judge_dashboard(s, i, stranger, words):
    for method, path, body in dashboard_routes(i):
        s.problem(
            f'{words}: {method} {path}', s.send(method, path, key=stranger.secret, body=body), 404, 'not_found'
        )
    fields = [('documentId', i['document'])]
    a = upload(
        s, [text_file('stolen')], key=stranger.secret, path='/api/dashboard/documents/upload', fields=fields
    )
    s.problem(f'{words}: new bytes for a document', a, 404, 'not_found')
    found = s.send(
        'POST',
        '/api/dashboard/retrieval/test',
        key=stranger.secret,
        body=dict(query='the kiosk opens', top=50, documentIds=[i['document']]),
    )
    s.same(f'{words}: nothing of it is found', (found.status, found.json['items']), (200, []))
    for what in ('documents', 'sources', 'pins', 'dead-letters'):
        listed = s.send('GET', f'/api/dashboard/{what}?limit=100', key=stranger.secret).json['items']
        s.check(f'{words}: not among its {what}', not {x['id'] for x in listed} & set(i.values()), listed)


def test_back_office(s):
    for owner, stranger, words in (
        (s.foreign, s.library, 'another tenant'),
        (s.library, s.foreign, 'another tenant'),
        (s.quick, s.slow, 'a sister'),
    ):
        i = knowledge_of(s, owner)
        judge_dashboard(s, i, stranger, words)
        for method, path, _ in dashboard_routes(i):
            if method == 'GET':
                s.same(f'the owner still has it: {path[:40]}', s.send(method, path, key=owner.secret).status, 200)


def test_another_bot_of_the_same_tenant(s):
    """A key is bound to its bot: what belongs to its sister is not there."""
    a = s.ask(s.slow, 'Mine').json
    for method, path, body, code in (
        ('GET', f'/api/widget/answers/{a["answerId"]}/stream', None, 'not_found'),
        ('POST', f'/api/widget/answers/{a["answerId"]}/stop', {}, 'not_found'),
        ('GET', f'/api/widget/sessions/{a["sessionId"]}/messages', None, 'session_unknown'),
        ('POST', '/api/widget/chat', dict(message='hi', sessionId=a['sessionId']), 'session_unknown'),
    ):
        s.problem(
            f'a sister\'s key: {method} {path}', s.send(method, path, key=s.quick.public, body=body), 404, code
        )

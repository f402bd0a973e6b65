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

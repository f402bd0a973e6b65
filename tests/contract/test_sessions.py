"""Conversations: whose ids, whose names, history, forgetting."""
import re
import uuid

UNKNOWN = 'ses_0123456789abcdef0123456789abcdef'


def own_name(n):
    return (uuid.uuid4().hex * 5)[:n]


def history(s, bot, session, query='', secret=False):
    return s.send(
        'GET', f'/api/widget/sessions/{session}/messages{query}', key=bot.secret if secret else bot.public
    )


def clear(s, bot, session):
    return s.send('DELETE', f'/api/widget/sessions/{session}', key=bot.public)


def test_ids_of_ours(s):
    s.problem('an unknown ses_ id', s.ask(s.quick, sessionId=UNKNOWN), 404, 'session_unknown')
    s.problem('an odd ses_ id', s.ask(s.quick, sessionId='ses_hello-world'), 404, 'session_unknown')
    for words, answer in (('history', history(s, s.quick, UNKNOWN)), ('clearing', clear(s, s.quick, UNKNOWN))):
        s.problem(f'{words} of an unknown session', answer, 404, 'session_unknown')
    theirs = s.ask(s.foreign).json['sessionId']
    s.problem('another tenant\'s session', s.ask(s.quick, sessionId=theirs), 404, 'session_unknown')
    first = s.ask(s.quick).json['sessionId']
    second = s.ask(s.quick, sessionId=first)
    s.check('a session goes on', second.status == 200 and second.json['sessionId'] == first, second)


def test_own_names(s):
    for n in (8, 22, 128):
        name = own_name(n)
        a = s.ask(s.quick, sessionId=name)
        s.check(
            f'an own name of {n} letters is made by its first message',
            a.status == 200 and a.json['sessionId'] == name,
            a,
        )
    for words, name in (
        ('7 letters', own_name(7)),
        ('129 letters', own_name(129)),
        ('a space', 'hello world'),
        ('a slash', 'hello/world'),
        ('an umlaut', 'grüß-gott'),
    ):
        s.problem(f'an own name with {words}', s.ask(s.quick, sessionId=name), 400, 'invalid_request')
    name = own_name(30)
    mine, theirs = s.ask(s.quick, sessionId=name), s.ask(s.foreign, sessionId=name)
    s.check(
        'the same name at another tenant is another session',
        theirs.status == 200 and len(history(s, s.foreign, name).json['items']) == 2,
        (mine, theirs),
    )


def test_short_names_are_for_the_server(s):
    short, long = own_name(21), own_name(22)
    s.ask(s.quick, sessionId=short), s.ask(s.quick, sessionId=long)
    s.problem('history by a name of 21 letters', history(s, s.quick, short), 403, 'forbidden')
    s.problem('clearing by it', clear(s, s.quick, short), 403, 'forbidden')
    s.same('... with the secret key', history(s, s.quick, short, secret=True).status, 200)
    s.same('history by a name of 22 letters', history(s, s.quick, long).status, 200)


def test_a_message_id_under_a_short_name_shows_nobody_an_answer(s):
    short, long = own_name(21), own_name(22)
    for name, status in ((short, 403), (long, 200)):
        first = s.ask(s.quick, 'mine alone', sessionId=name, messageId='1')
        again = s.ask(s.quick, 'and what was it?', sessionId=name, messageId='1')
        s.same(f'a name of {len(name)} letters with the id of the first message', (first.status, again.status),
               (200, status))
        s.check('... tells of the first answer who may read it', (first.json['answerId'] in again.body.decode()) ==
                (status == 200), again)
    asked = s.send('POST', '/chat', key=s.quick.secret, body=dict(message='again', sessionId=short, messageId='1'))
    s.same('... or has the secret key', asked.status, 200)


def test_history(s):
    first = s.ask(s.quick, 'The first question').json
    session = first['sessionId']
    second = s.ask(s.quick, 'The second question', sessionId=session).json
    a = history(s, s.quick, session)
    items = a.json['items']
    s.same(
        'history is in order',
        [(m['role'], m['text']) for m in items],
        [
            ('user', 'The first question'),
            ('assistant', first['message']),
            ('user', 'The second question'),
            ('assistant', second['message']),
        ],
    )
    s.check(
        'message ids have their prefix', all(m['id'].startswith('msg_') for m in items), [m['id'] for m in items]
    )
    s.same(
        'they name their answers',
        [m['answerId'] for m in items],
        [first['answerId']] * 2 + [second['answerId']] * 2,
    )
    s.check(
        'times are RFC 3339',
        all(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', m['createdAt']) for m in items),
        items[0],
    )
    s.same('history is not to be kept', a.header('cache-control'), 'no-store')
    s.same('the last page has no cursor', a.json['nextCursor'], None)
    for bad in ('0', '-1', '101', 'x'):
        s.problem(f'limit={bad}', history(s, s.quick, session, f'?limit={bad}'), 400, 'invalid_request')
    s.problem('a cursor that is none', history(s, s.quick, session, '?cursor=hello'), 400, 'invalid_request')


def test_history_in_pages(s):
    session = s.ask(s.quick, 'Question 0').json['sessionId']
    for i in range(1, 4):
        s.ask(s.quick, f'Question {i}', sessionId=session)
    whole = [m['id'] for m in history(s, s.quick, session).json['items']]
    pages, query = [], '?limit=3'
    while query and len(pages) < 10:
        page = history(s, s.quick, session, query).json
        pages.append([m['id'] for m in page['items']])
        query = page['nextCursor'] and f'?limit=3&cursor={page["nextCursor"]}'
    s.check('pages are as long as asked', all(len(p) <= 3 for p in pages) and len(pages) == 3, pages)
    s.same('together they are the whole, once', sorted(x for p in pages for x in p), sorted(whole))


def test_clearing(s):
    session = s.ask(s.quick).json['sessionId']
    a = clear(s, s.quick, session)
    s.check('clearing is 204 without body', a.status == 204 and a.body == b'', a)
    s.same('history is empty then', history(s, s.quick, session).json['items'], [])
    s.same('clearing again is no error', clear(s, s.quick, session).status, 204)
    again = s.ask(s.quick, 'After that', sessionId=session)
    s.same('the session goes on', again.status, 200)
    s.same(
        'with what came after',
        [m['text'] for m in history(s, s.quick, session).json['items'] if m['role'] == 'user'],
        ['After that'],
    )

"""Conversations: whose ids, whose names, history, forgetting."""
import re
import signal
import time
import uuid

import scene as scenery
import visitors as v
from test_conversation_live import frames, opened

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


def test_history_tells_what_was_thought_of_answers(s):
    first = s.ask(s.quick, 'Good?').json
    session = first['sessionId']
    second = s.ask(s.quick, 'Better?', sessionId=session).json
    for answer, rating in ((first, 'up'), (first, 'down'), (second, 'up')):
        a = s.send('POST', f'/api/widget/answers/{answer["answerId"]}/feedback', key=s.quick.public,
                   body=dict(rating=rating, comment='Because.'))
        s.same(f'{rating} is taken', a.status, 204)
    third = s.ask(s.quick, 'Best?', sessionId=session).json
    items = history(s, s.quick, session).json['items']
    s.same('each answer has the last rating', {m['answerId']: m['rating'] for m in items if m['role'] == 'assistant'},
           {first['answerId']: 'down', second['answerId']: 'up', third['answerId']: None})
    s.check('questions have none', all('rating' not in m for m in items if m['role'] == 'user'), items)
    read = s.send('GET', f'/api/dashboard/conversations/{session}', key=s.quick.secret).json['messages']
    s.same('the office reads the comments', [m['answer']['comment'] for m in read if m['answer']],
           ['Because.', 'Because.', None])


def rows_left(s, session):
    counts = [f"(SELECT count(*) FROM {t} WHERE session_id = '{session}')" for t in ('messages', 'answers', 'session_files')]
    return scenery.h.sql('SELECT ' + ', '.join(counts))[0]


def receipts(s, b, office):
    return s.send('GET', f'/api/dashboard/clients/{b.tenant}/receipts', key=office).json['items']


def test_deleting(s):
    b = scenery.Bot(scenery.tenant('deleting'), 'deleting', scenery.QUICK)
    office = v.office_key(b.tenant)
    first = s.ask(b, 'Is this remembered?').json
    session, answer = first['sessionId'], first['answerId']
    s.send('POST', f'/api/widget/answers/{answer}/feedback', key=b.public, body=dict(rating='up', comment='yes'))
    s.send('POST', f'/api/widget/sessions/{session}/handoff', key=b.public, body=dict(note='call me'))
    s.send('POST', f'/api/dashboard/conversations/{session}/flag', key=b.secret, body=dict(flagged=True, note='hm'))
    office_socket = opened(s, b.secret)
    a = clear(s, b, session)
    s.check('deleting is 204 without body', a.status == 204 and a.body == b'', a)
    s.same('the office is told', frames(office_socket, 1), [dict(type='conversation', id=session, botId=b.id, event='clear')])
    office_socket.drop()
    s.same('no row of it is left', rows_left(s, session), ['0', '0', '0'])
    a = history(s, b, session)
    s.same('its history is there, and empty', (a.status, a.json), (200, dict(
        sessionId=session, items=[], nextCursor=None, handoff='', form=False)))
    s.problem('the answer is gone', s.send('GET', f'/api/widget/answers/{answer}/stream', key=b.public), 404, 'not_found')
    c = s.send('GET', f'/api/dashboard/conversations/{session}', key=b.secret).json
    s.same('the office reads nothing', [c[k] for k in ('messages', 'messageCount', 'firstQuestion', 'handoff',
                                                       'handoffNote', 'flagged', 'note', 'rating')],
           [[], 0, None, None, None, False, '', None])
    done = s.until(lambda: receipts(s, b, office), lambda items: items and items[0]['state'] == 'done', 60)[0]
    s.same('a receipt says so', (done['kind'], done['askedBy'], done['state'], [done['removed'][k] for k in (
        'messages', 'answers', 'feedback')]), ('conversation', 'visitor', 'done', [2, 1, 1]))
    s.same('deleting again is no error', clear(s, b, session).status, 204)
    again = s.ask(b, 'After that', sessionId=session)
    s.same('the session goes on', again.status, 200)
    s.same('with what came after', [m['text'] for m in history(s, b, session).json['items'] if m['role'] == 'user'],
           ['After that'])


def test_deleting_one_that_was_never_used(s):
    name = own_name(30)
    s.same('an own name that nobody has asked under', clear(s, s.quick, name).status, 204)
    s.problem('... is not made by it', history(s, s.quick, name), 404, 'session_unknown')
    s.problem('a name that is none', clear(s, s.quick, 'x'), 404, 'session_unknown')


def test_who_deletes(s):
    b = scenery.Bot(scenery.tenant('deleters'), 'deleters', scenery.QUICK)
    secret = v.secret_of(s, b, v.office_key(b.tenant))
    ada, ben = v.signed_in(s, b, secret, 'ada'), v.signed_in(s, b, secret, 'ben')
    for words, session in (('one of ours', ada.ask().json['sessionId']),
                           ('an own name', ada.ask(sessionId=own_name(30)).json['sessionId'])):
        path = f'/api/widget/sessions/{session}'
        for who, visitor in (('another visitor', ben), ('nobody in particular', v.Visitor(s, b, {}))):
            s.problem(f'{words}: {who}', visitor.send('DELETE', path), 404, 'session_unknown')
        s.same(f'{words}: nothing is gone', len(ada.history(session).json['items']), 2)
        s.same(f'{words}: he himself', ada.send('DELETE', path).status, 204)
        s.same(f'{words}: it is his as before', (ada.history(session).json['items'], ada.ask(sessionId=session).status),
               ([], 200))
        s.problem(f'{words}: ... and no other\'s', ben.history(session), 404, 'session_unknown')


def test_deleting_with_a_key_of_all_bots(s):
    """What counts is the conversation's bot, and not the oldest one, whose key this seems to be."""
    strict = scenery.Bot(scenery.tenant('many bots'), 'strict', scenery.QUICK)
    other = scenery.Bot(strict.tenant, 'other', scenery.QUICK)
    office = v.office_key(strict.tenant)
    s.same('the first wants to know who it is', s.send('PUT', f'/api/bots/{strict.id}', key=office, body=dict(
        identity='required')).status, 200)
    key = scenery.made('key', 'add', strict.tenant, '--public')['key']
    session = s.ask(other, sessionId=own_name(30)).json['sessionId']
    a = s.until(lambda: s.send('DELETE', f'/api/widget/sessions/{own_name(30)}', key=key), lambda a: a.status == 401, 10)
    s.problem('under a new name it asks, too', a, 401, 'identity_required')
    s.same('the second one\'s is deleted', s.send('DELETE', f'/api/widget/sessions/{session}', key=key).status, 204)
    s.same('... really', history(s, other, session).json['items'], [])


def test_deleting_while_an_answer_runs(s):
    stream = s.stream(key=s.lasting.public, body=dict(message='Tell me all', sessionId=own_name(30)))
    accepted = stream.first('accepted').data
    session, answer = accepted['sessionId'], accepted['answerId']
    stream.first('token')
    began = time.monotonic()
    s.same('it is deleted', clear(s, s.lasting, session).status, 204)
    stream.read()
    s.check('who looks on is told that it is over', stream.names[-1] == 'error' and stream.events[-1].data['code'] ==
            'not_found', stream.names[-3:])
    s.check('... soon', time.monotonic() - began < 20, time.monotonic() - began)
    booked = s.until(lambda: scenery.h.sql("SELECT coalesce(sum(output_tokens), 0) FROM usage_daily WHERE bot_id = "
                                           f"'{s.lasting.id}'"), lambda rows: int(rows[0][0]) > 0, 20)
    s.check('what it has cost is booked', int(booked[0][0]) > 0, booked)
    s.same('nothing of it was stored', (rows_left(s, session), s.stored(answer)), (['0', '0', '0'], []))
    s.same('history is empty', history(s, s.lasting, session).json['items'], [])


def test_deleting_while_a_question_waits(s):
    """Of sessions that nobody has stored yet, and of those that are."""
    workers = [name for name in s.fleet.procs if name.startswith('worker')]
    for words, more in (('one of ours', {}), ('an own name', dict(sessionId=own_name(30)))):
        for name in workers:
            s.fleet.kill(name, signal.SIGSTOP)
        try:
            stream = s.stream(key=s.quick.public, body=dict(message='Still waiting?', **more))
            session = stream.first('accepted').data['sessionId']
            s.same(f'{words}: deleted while its question waits', clear(s, s.quick, session).status, 204)
        finally:
            for name in workers:
                s.fleet.kill(name, signal.SIGCONT)
        stream.read()
        s.same(f'{words}: it is not answered any more', stream.names[-1], 'error')
        s.same(f'{words}: and not stored', rows_left(s, session), ['0', '0', '0'])
        s.same(f'{words}: the next one is', s.ask(s.quick, 'And this?', sessionId=session).status, 200)
        s.same(f'{words}: ... and it alone', [m['text'] for m in history(s, s.quick, session).json['items']
                                              if m['role'] == 'user'], ['And this?'])


def test_deleting_is_counted(s):
    """As questions are: each looks through Redis."""
    name = own_name(30)
    seen = [s.send('DELETE', f'/api/widget/sessions/{name}', key=s.quick.secret, port=s.ports['strict']) for _ in range(60)]
    refused = [a for a in seen if a.status == 429]
    s.check('many in a minute are refused', refused and seen[0].status == 204, [a.status for a in seen][-3:])

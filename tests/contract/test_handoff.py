"""Asking for a person: once, however often; seen by the office, taken, ended."""
import threading
import uuid

import scene as scenery
import visitors as v
from test_conversation_live import frames, opened, quiet
from test_conversations import member

LIST = '/api/dashboard/conversations'


def own_name():
    return 'v' + uuid.uuid4().hex


def bot(s, label):
    return scenery.Bot(scenery.tenant(label), label, scenery.QUICK)


def want(s, b, session, **body):
    return s.send('POST', f'/api/widget/sessions/{session}/handoff', key=b.public, body=body)


def do(s, b, session, what, **body):
    return s.send('POST', f'{LIST}/{session}/{what}', key=b.secret, body=body)


def seen_by_visitor(s, b, session):
    return s.send('GET', f'/api/widget/sessions/{session}/messages', key=b.public).json['handoff']


def read(s, b, session):
    c = s.send('GET', f'{LIST}/{session}', key=b.secret).json
    return c['handoff'], c['handoffEmail'], c['handoffNote']


def waiting(s, b):
    return [c['id'] for c in s.send('GET', LIST + '?handoff=waiting', key=b.secret).json['items']]


def test_a_wish_and_its_end(s):
    b = bot(s, 'wishes')
    session = s.ask(b).json['sessionId']
    s.same('nobody waits', (waiting(s, b), seen_by_visitor(s, b, session)), ([], ''))
    w = opened(s, b.secret)
    a = want(s, b, session, email='ada@example.com', note='  Line one\nline two ')
    s.check('asked: 202, waiting since', a.status == 202 and sorted(a.json) == ['at', 'state'], a)
    s.same('... and the state', a.json['state'], 'waiting')
    s.same('the office is told at once', frames(w, 1), [dict(type='conversation', id=session, botId=b.id,
                                                            event='handoff', state='waiting')])
    again = want(s, b, session)
    s.same('asked again it is the same', again.json, a.json)
    s.same('... and nobody is told twice', quiet(w), [])
    s.same('the list has who waits', waiting(s, b), [session])
    s.same('... and says so', s.send('GET', LIST, key=b.secret).json['items'][0]['handoff'], 'waiting')
    s.same('what was said with it is read', read(s, b, session), ('waiting', 'ada@example.com', 'Line one\nline two'))
    s.same('its visitor sees it', seen_by_visitor(s, b, session), 'waiting')
    user = member(b.tenant)
    do(s, b, session, 'assign', userId=user)
    s.same('somebody takes it', (read(s, b, session)[0], waiting(s, b)), ('joined', []))
    s.same('... which its visitor sees', seen_by_visitor(s, b, session), 'joined')
    s.same('... and who asks again, too', want(s, b, session).json['state'], 'joined')
    do(s, b, session, 'assign', userId=None)
    s.same('given back it waits again', waiting(s, b), [session])
    do(s, b, session, 'close', closed=True)
    s.same('closing ends it', (read(s, b, session)[0], waiting(s, b), seen_by_visitor(s, b, session)),
           ('ended', [], 'ended'))
    do(s, b, session, 'close', closed=False)
    s.same('opening does not begin it again', seen_by_visitor(s, b, session), 'ended')
    w.drop()


def test_a_closed_conversation_that_goes_on(s):
    b = bot(s, 'closed')
    session = s.ask(b).json['sessionId']
    want(s, b, session, note='first')
    do(s, b, session, 'close', closed=True)
    s.same('a closed conversation is asked on', s.ask(b, sessionId=session).status, 200)
    s.same('... and stays closed', s.send('GET', f'{LIST}/{session}', key=b.secret).json['status'], 'closed')
    s.same('a person is wanted anew', want(s, b, session, note='second').json['state'], 'waiting')
    c = s.send('GET', f'{LIST}/{session}', key=b.secret).json
    s.same('... which opens it, with the new words', (c['status'], c['handoffNote'], c['handoffEmail']),
           ('open', 'second', None))
    do(s, b, session, 'close', closed=True)
    s.same('closed without a wish: none', [c['id'] for c in s.send('GET', LIST + '?handoff=ended', key=b.secret)
                                           .json['items']], [session])


def test_before_the_first_question(s):
    b = bot(s, 'early')
    session = own_name()
    a = s.send('POST', f'/api/widget/sessions/{session}/handoff', key=b.public)
    s.same('without a word, and without a body', (a.status, a.json['state']), (202, 'waiting'))
    s.same('the office sees it', (waiting(s, b), read(s, b, session)), ([session], ('waiting', None, None)))
    s.same('the first question comes later', s.ask(b, sessionId=session).status, 200)


def test_two_at_once(s):
    b = bot(s, 'twice')
    session = own_name()
    w = opened(s, b.secret)
    got = []
    threads = [threading.Thread(target=lambda i=i: got.append(want(s, b, session, note=f'note {i}'))) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    s.same('six at once are one wish', {(a.status, a.json['at']) for a in got}, {(202, got[0].json['at'])})
    s.same('... told once', [f['event'] for f in frames(w, 1) + quiet(w)], ['handoff'])
    w.drop()


def test_what_is_wrong_is_named(s):
    session = s.ask(s.quick).json['sessionId']
    for words, body, name in (
        ('no address', dict(email='ada'), 'email'),
        ('an address of 255 characters', dict(email='a' * 243 + '@example.com'), 'email'),
        ('an address that is no text', dict(email=5), 'email'),
        ('a note of 1001 characters', dict(note='\u00fc' * 1001), 'note'),
        ('a control character', dict(note='a\x07'), 'note'),
        ('a member that there is not', dict(name='Ada'), 'name'),
    ):
        a = want(s, s.quick, session, **body)
        s.problem(words, a, 400, 'invalid_request')
        s.check('... says which', a.json['detail'].startswith(name + ':'), a.json['detail'])
    s.same('nobody was asked for', seen_by_visitor(s, s.quick, session), '')
    s.same('1000 characters are taken', want(s, s.quick, session, note='\u00fc' * 1000).status, 202)
    a = s.send('GET', LIST + '?handoff=now', key=s.quick.secret)
    s.check('a filter that there is not', a.status == 400 and a.json['detail'].startswith('handoff:'), a)


def test_whose_it_is(s):
    b = bot(s, 'whose wish')
    office = v.office_key(b.tenant)
    secret = v.secret_of(s, b, office)
    ada, ben = v.signed_in(s, b, secret, 'ada'), v.signed_in(s, b, secret, 'ben')
    session = ada.ask().json['sessionId']
    path = f'/api/widget/sessions/{session}/handoff'
    for words, who in (('another visitor', ben), ('nobody in particular', v.Visitor(s, b, {}))):
        s.problem(words, who.send('POST', path, body={}), 404, 'session_unknown')
    s.problem('another tenant', want(s, s.foreign, session), 404, 'session_unknown')
    s.problem('a session that is none', want(s, b, 'ses_' + '0' * 32), 404, 'session_unknown')
    s.same('nobody waits', waiting(s, b), [])
    s.same('he himself', ada.send('POST', path, body={}).status, 202)


def test_a_bot_that_has_nobody(s):
    b = bot(s, 'alone')
    office = v.office_key(b.tenant)
    a = s.send('PUT', f'/api/bots/{b.id}', key=office, body=dict(widget=dict(handoff=False)))
    s.same('its owner says so', a.status, 200)
    session = s.ask(b).json['sessionId']
    s.problem('nobody is to be had', s.until(lambda: want(s, b, session), lambda a: a.status == 403, 10), 403, 'forbidden')


def test_exports(s):
    b = bot(s, 'exported wishes')
    session = s.ask(b, 'Is somebody there?').json['sessionId']
    want(s, b, session, email='ada@example.com', note='=1+1')
    c = s.send('GET', LIST + '/export?format=json&handoff=waiting', key=b.secret).json[0]
    s.same('json has the wish', [c[k] for k in ('handoff', 'handoffEmail', 'handoffNote')],
           ['waiting', 'ada@example.com', '=1+1'])
    csv = s.send('GET', LIST + '/export?format=csv', key=b.secret).body.decode()
    s.check('csv has it, and no formula', "'=1+1" in csv and ',=1+1' not in csv and 'waiting' in csv, csv)
    s.same('a filter leaves out who does not wait',
           s.send('GET', LIST + '/export?format=json&handoff=ended', key=b.secret).json, [])

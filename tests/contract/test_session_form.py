"""The form before the first question: what is asked for, what is taken, who reads it."""
import json
import uuid

import scene as scenery
import visitors as v

LIST = '/api/dashboard/conversations'
FIELDS = [
    dict(name='name', label='Your name', type='text', required=True),
    dict(name='mail', label='E-mail', type='email'),
    dict(name='phone', label='Phone', type='tel'),
    dict(name='topic', label='About', type='select', options=['Sales', 'Garden']),
    dict(name='terms', label='I agree', type='checkbox', required=True),
]
GOOD = dict(name='Ada', terms=True)


def own_name():
    return 'v' + uuid.uuid4().hex


def with_form(s, label, fields=FIELDS, model=scenery.QUICK):
    """A bot that asks for something first."""
    b = scenery.Bot(scenery.tenant(label), label, model)
    office = v.office_key(b.tenant)
    a = s.send('PUT', f'/api/bots/{b.id}', key=office, body=dict(widget=dict(prechat=dict(fields=fields))))
    assert a.status == 200, a
    s.until(lambda: form(s, b, own_name(), dict(GOOD)), lambda got: got.status != 409, 10)
    return b, office


def the_bot(s):
    if not hasattr(s, 'form_bot'):
        s.form_bot = with_form(s, 'forms')
    return s.form_bot


def form(s, b, session, values, **more):
    return s.send('POST', f'/api/widget/sessions/{session}/form', key=b.public, body=dict(values=values), **more)


def history(s, b, session):
    return s.send('GET', f'/api/widget/sessions/{session}/messages', key=b.public)


def told(s, b, session):
    return s.send('GET', f'{LIST}/{session}', key=b.secret).json['form']


def test_it_comes_before_the_first_question(s):
    b, _ = the_bot(s)
    session = own_name()
    s.problem('nobody knows the session yet', history(s, b, session), 404, 'session_unknown')
    a = form(s, b, session, dict(name='  Ada  ', mail='ada@example.com', phone='+49 30', topic='Garden', terms=True))
    s.check('the form is taken: 204 without body', a.status == 204 and a.body == b'', a)
    a = history(s, b, session).json
    s.same('the conversation is there, and empty', (a['items'], a['form'], a['handoff']), ([], True, ''))
    s.same('the office reads it in the fields\' order', json.dumps(told(s, b, session)), json.dumps(
        dict(name='Ada', mail='ada@example.com', phone='+49 30', topic='Garden', terms=True)))
    got = s.ask(b, 'And now?', sessionId=session)
    s.same('the first question goes on in it', (got.status, got.json['sessionId']), (200, session))
    s.same('... and the form stays', told(s, b, session)['name'], 'Ada')


def test_the_last_one_counts(s):
    b, _ = the_bot(s)
    session = s.ask(b).json['sessionId']
    s.same('there was none', (told(s, b, session), history(s, b, session).json['form']), ({}, False))
    form(s, b, session, dict(GOOD, mail='first@example.com'))
    form(s, b, session, dict(GOOD, topic='Sales'))
    s.same('a second one takes the first one\'s place', told(s, b, session), dict(name='Ada', topic='Sales', terms=True))


def test_what_is_wrong_is_named(s):
    b, _ = the_bot(s)
    session = own_name()
    for words, values, member in (
        ('a name that is missing', dict(terms=True), 'values.name'),
        ('a name that is empty', dict(GOOD, name='   '), 'values.name'),
        ('a name that is null', dict(GOOD, name=None), 'values.name'),
        ('a name that is no text', dict(GOOD, name=5), 'values.name'),
        ('a name of 301 characters', dict(GOOD, name='\u00fc' * 301), 'values.name'),
        ('a line\'s end', dict(GOOD, name='Ada\nBcc: all'), 'values.name'),
        ('a control character', dict(GOOD, name='Ada\x07'), 'values.name'),
        ('NUL', dict(GOOD, name='Ada\x00'), ''),
        ('no e-mail address', dict(GOOD, mail='ada'), 'values.mail'),
        ('what is no option', dict(GOOD, topic='sales'), 'values.topic'),
        ('a box that was not ticked', dict(GOOD, terms=False), 'values.terms'),
        ('a box that is a text', dict(GOOD, terms='true'), 'values.terms'),
        ('what nobody asked for', dict(GOOD, admin='true'), 'values.admin'),
        ('no object', ['Ada'], 'values'),
        ('nothing', None, 'values'),
    ):
        a = form(s, b, session, values)
        s.problem(words, a, 400, 'invalid_request')
        s.check('... says which', a.json['detail'].startswith(member), a.json['detail'])
    a = s.send('POST', f'/api/widget/sessions/{session}/form', key=b.public, body=dict(values=GOOD, more=1))
    s.check('a member of the body that there is not', a.status == 400 and a.json['detail'].startswith('more'), a)
    s.problem('... and made no conversation', history(s, b, session), 404, 'session_unknown')
    s.same('300 characters are taken', form(s, b, session, dict(GOOD, name='\u00fc' * 300)).status, 204)


def test_a_bot_without_a_form(s):
    s.problem('has none to be sent', form(s, s.quick, own_name(), dict(GOOD)), 409, 'conflict')


def test_whose_it_is(s):
    b, office = the_bot(s)
    secret = v.secret_of(s, b, office)
    ada, ben = v.signed_in(s, b, secret, 'ada'), v.signed_in(s, b, secret, 'ben')
    session = own_name()
    path = f'/api/widget/sessions/{session}/form'
    s.same('a signed visitor sends it', ada.send('POST', path, body=dict(values=GOOD)).status, 204)
    for words, who in (('another', ben), ('nobody in particular', v.Visitor(s, b, {}))):
        s.problem(f'{words} does not', who.send('POST', path, body=dict(values=dict(GOOD, name='Eve'))), 404,
                  'session_unknown')
    s.same('... and changes nothing', told(s, b, session)['name'], 'Ada')
    s.same('his question is his', ada.ask(sessionId=session).status, 200)
    ada.send('POST', f'/api/widget/sessions/{session}/handoff', body=dict(note='Call me'))
    who = s.send('GET', '/api/dashboard/visitors?externalId=ada', key=office).json['items'][0]['id']
    export = s.send('GET', f'/api/dashboard/visitors/{who}/export', key=office).json['conversations']
    s.same('what is kept of him has it', [(c['form'], c['handoff'], c['handoffNote']) for c in export],
           [(dict(name='Ada', terms=True), 'waiting', 'Call me')])
    other, _ = with_form(s, 'other forms')
    s.same('the same name at another tenant is another session', form(s, other, session, dict(GOOD)).status, 204)
    unknown = 'ses_0123456789abcdef0123456789abcdef'
    s.problem('an id of ours must exist', form(s, b, unknown, dict(GOOD)), 404, 'session_unknown')
    s.problem('a name that is none', form(s, b, 'x', dict(GOOD)), 404, 'session_unknown')


def test_it_is_found_and_exported(s):
    b, office = with_form(s, 'exported forms')
    session = own_name()
    form(s, b, session, dict(GOOD, name='=Grace "G" Hopper', topic='Garden'))
    s.ask(b, 'What of it?', sessionId=session)
    found = s.send('GET', LIST + '?q=hopper', key=b.secret).json['items']
    s.same('a search finds it by the form', [c['id'] for c in found], [session])
    s.same('... and not by a name of a field', s.send('GET', LIST + '?q=topic', key=b.secret).json['items'], [])
    wanted = dict(name='=Grace "G" Hopper', topic='Garden', terms=True)
    rows = s.send('GET', LIST + '/export?format=json', key=b.secret).json
    s.same('an export has it', [c['form'] for c in rows if c['id'] == session], [wanted])
    text = s.send('GET', LIST + '/export?format=csv', key=b.secret).body.decode()
    s.check('... as CSV, too, and no formula', '=Grace' in text and ',=Grace' not in text and ',"=Grace' not in text, text)

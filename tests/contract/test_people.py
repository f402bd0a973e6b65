"""Who works in a tenant: members, invitations, what each role may do to others."""
import json
import os

import harness as h
import people
import scene as scenery
from people import Person, minted, now
from test_once import parallel

OPEN = '/api/auth/invitations/accept'


def path(who, *more):
    return '/'.join(['/api/dashboard/clients', who.tenant, *more])


def invite(who, email, role='agent', port=None):
    return who.send('POST', path(who, 'invitations'), dict(email=email, role=role), port=port)


def accept(s, token, **body):
    return s.send('POST', OPEN, body=dict(token=token, **body))


def joined(s, owner, role, name='ben'):
    """A new person, let in by the owner."""
    who = Person(s, name)
    invite(owner, who.email, role)
    mail = s.hook.to(who.email, 'invitation')
    who.take(accept(s, mail['token'], name=name, password=who.password))
    return who


def test_an_invitation(s):
    owner, new = Person(s).register(), Person(s, 'ben')
    a = invite(owner, new.email)
    s.same('inviting answers 201', a.status, 201)
    s.check('... that it is on its way', a.json.get('delivered') is True and 'token' not in a.json, a)
    mail = s.hook.to(new.email, 'invitation')
    if not s.check('the mail comes', mail is not None, s.hook.refused):
        return
    s.same('it has all members', set(mail), {'to', 'kind', 'subject', 'text', 'url', 'token'})
    s.check('its address holds the token', mail['token'] in mail['url'] and mail['url'] in mail['text'], mail['url'])
    listed = owner.send('GET', path(owner, 'invitations')).json['items']
    s.same('it is listed', [(i['email'], i['role']) for i in listed], [(new.email, 'agent')])
    s.check('... without its token', mail['token'] not in str(listed), listed)
    s.problem('a short password', accept(s, mail['token'], password='short'), 400, 'invalid_request')
    a = accept(s, mail['token'], name='Ben', password=new.password)
    s.same('accepting answers like a login', a.status, 200)
    new.take(a)
    s.same('... in that tenant, with that role', (new.tenant, new.role), (owner.tenant, 'agent'))
    s.check('... and both cookies', set(people.cookies_of(a)) == {people.SESSION, people.REFRESH}, a.headers)
    s.problem('once only', accept(s, mail['token'], password=new.password), 404, 'not_found')
    s.same('the password opens', new.login().answer.status, 200)
    members = owner.send('GET', path(owner, 'members')).json['items']
    s.same('both are members', {(m['email'], m['role']) for m in members}, {(owner.email, 'owner'), (new.email, 'agent')})
    s.same('no invitation is open', owner.send('GET', path(owner, 'invitations')).json['items'], [])


def test_an_invitation_in_many_hands_at_once(s):
    owner = Person(s).register()
    invite(owner, 'crowd@people.example')
    token = s.hook.to('crowd@people.example', 'invitation')['token']
    seen = parallel(10, lambda i: accept(s, token, name=f'hand {i}', password=f'{people.PASSWORD} {i}'))
    s.same('exactly one comes in', sum(a.status == 200 for a in seen), 1)
    s.check('the others are told why', {a.code for a in seen if a.status != 200} <= {'not_found', 'conflict', 'unauthorized'}, seen)
    rows = h.sql("SELECT count(*) FROM users WHERE email_key = 'crowd@people.example'")
    s.same('there is one account', rows, [['1']])
    s.same('... and one member more', len(owner.send('GET', path(owner, 'members')).json['items']), 2)


def test_an_invitation_to_who_has_an_account(s):
    owner, guest = Person(s).register(), Person(s, 'ben').register()
    home = guest.tenant
    invite(owner, guest.email, 'editor')
    token = s.hook.to(guest.email, 'invitation')['token']
    s.problem('another password', accept(s, token, password='not my password'), 401, 'unauthorized')
    a = accept(s, token, password=guest.password)
    s.same('his own password', a.status, 200)
    s.same('he is the same person', a.json['user']['id'], guest.id)
    guest.take(a)
    seen = {c['id']: c['role'] for c in guest.send('GET', '/api/dashboard/clients').json['items']}
    s.same('he has two tenants', seen, {home: 'owner', owner.tenant: 'editor'})
    s.same('the inviter has one', [c['id'] for c in owner.send('GET', '/api/dashboard/clients').json['items']], [owner.tenant])


def test_passwords_are_not_guessed_by_accepting(s):
    """Who has an invitation of somebody may try as few passwords as at a login."""
    port = s.extra_gateway('accepting', CC_TRUST_PROXY=1, CC_LOGIN_TRIES=5)
    owner, guest = Person(s).register(), Person(s, 'ben').register()
    invite(owner, guest.email)
    token = s.hook.to(guest.email, 'invitation')['token']
    body = dict(token=token, password='not my password')
    seen = [s.send('POST', OPEN, body=body, port=port, headers={'x-forwarded-for': f'192.0.2.{i}'}).status for i in range(8)]
    tries = seen.count(401)
    s.check('some tries, then 429', 0 < tries <= 5 and seen == [401] * tries + [429] * (8 - tries), seen)


def test_tokens_that_invite_nobody(s):
    owner, new = Person(s).register(), Person(s, 'ben')
    made = invite(owner, new.email).json
    good = people.claims_of(s.hook.to(new.email, 'invitation')['token'])
    for words, token in {
        'made up': 'abc',
        'another audience': minted({**good, 'aud': 'dashboard'}),
        'expired': minted({**good, 'exp': now() - 60}),
        'without a tenant': minted({k: v for k, v in good.items() if k != 'tid'}),
        'with a statement for a tenant': minted({**good, 'tid': "' OR ''='"}),
        'an access token': owner.access,
    }.items():
        s.problem(f'a token {words}', accept(s, token, password=people.PASSWORD), 401, 'unauthorized')
    other = Person(s, 'eve').register()
    a = accept(s, minted({**good, 'tid': other.tenant}), password=people.PASSWORD)
    s.problem("another tenant's invitation", a, 404, 'not_found')
    s.same('it is taken back', owner.send('DELETE', path(owner, 'invitations', made['id'])).status, 204)
    a = accept(s, minted(good), password=people.PASSWORD)
    s.problem('one that was taken back', a, 404, 'not_found')
    s.problem('taken back twice', owner.send('DELETE', path(owner, 'invitations', made['id'])), 404, 'not_found')


def test_who_may_be_invited(s):
    owner = Person(s).register()
    first = invite(owner, 'carl@people.example')
    s.same('once', first.status, 201)
    s.problem('twice', invite(owner, 'CARL@people.example'), 409, 'conflict')
    s.problem('a member', invite(owner, owner.email), 409, 'conflict')
    for words, body in {
        'an owner': dict(email='x@people.example', role='owner'),
        'a role that is none': dict(email='x@people.example', role='king'),
        'no address': dict(role='agent'),
        'an address that is none': dict(email='x at people', role='agent'),
        'two addresses': dict(email='x@people.example,y@people.example', role='agent'),
        'an address with a line more': dict(email='x@people.example\nBcc: all@people.example', role='agent'),
        'a member too many': dict(email='x@people.example', role='agent', token='x'),
    }.items():
        a = owner.send('POST', path(owner, 'invitations'), body)
        s.problem(f'inviting {words}', a, 400, 'invalid_request')


def test_a_hook_that_fails_first(s):
    owner = Person(s).register()
    s.hook.failing[:] = [503, 429, 500]
    before = len(s.hook.keys)
    a = invite(owner, 'late@people.example')
    s.check('the mail is delivered at last', a.status == 201 and a.json.get('delivered') is True, a)
    s.check('all tries had the same key', len(s.hook.keys) - before == 4 and len(set(s.hook.keys[before:])) == 1, s.hook.keys[before:])
    s.hook.failing[:] = [400]
    a = invite(owner, 'never@people.example')
    s.check('one that it refuses goes to the inviter', a.status == 201 and a.json.get('delivered') is False, a)
    s.check('... with its token', bool(a.json.get('token')), a)


def test_a_name_writes_no_header_of_a_mail(s):
    owner, new = Person(s).register(), Person(s, 'ben')
    name = 'Ada & co\r\nBcc: everybody@people.example\n\nYour account is closed'
    s.same('a name of several lines', owner.send('PATCH', path(owner), dict(name=name)).status, 200)
    invite(owner, new.email)
    mail = s.hook.to(new.email, 'invitation')
    s.check('... the subject is one line', '\n' not in mail['subject'] and '\r' not in mail['subject'], mail)
    s.check('... and no paragraph of the text is its own', 'closed as agent.' in mail['text'].split('\n')[0], mail)


def test_an_invitation_ends_with_the_power_to_invite(s):
    owner = Person(s).register()
    admin = joined(s, owner, 'admin', 'adam')
    back_doors = [Person(s, 'back') for _ in range(3)]
    tokens = []
    for who, role in zip(back_doors, ('admin', 'agent', 'agent')):
        s.same('an admin invites', invite(admin, who.email, role).status, 201)
        tokens.append(s.hook.to(who.email, 'invitation')['token'])
    a = accept(s, tokens[2], name='in', password=back_doors[2].password)
    s.same('who has accepted by then stays', a.status, 200)
    s.same('the admin is removed', owner.send('DELETE', path(owner, 'members', admin.id)).status, 204)
    for who, token in list(zip(back_doors, tokens))[:2]:
        s.problem('... nobody comes in by his invitations', accept(s, token, password=who.password), 404, 'not_found')
    s.same('... which are gone', owner.send('GET', path(owner, 'invitations')).json['items'], [])
    members = owner.send('GET', path(owner, 'members')).json['items']
    s.check('... and one member is there', back_doors[2].email in [m['email'] for m in members], members)


def test_without_a_hook(s):
    port = s.extra_gateway('mailless', CC_MAIL_URL='')
    owner = Person(s).register()
    a = invite(owner, 'byhand@people.example', port=port)
    s.check('the inviter gets the token', a.status == 201 and a.json['delivered'] is False and a.json.get('token'), a)
    a = accept(s, a.json['token'], password=people.PASSWORD)
    s.same('... and it opens', a.status, 200)
    a = s.send('POST', '/api/auth/password/forgot', body=dict(email=owner.email), port=port)
    s.same('forgetting says nothing', (a.status, 'token' in str(a.body)), (202, False))


def test_no_token_lies_in_redis(s):
    """The queue's log keeps every call; what mails hold is sealed in it."""
    owner = Person(s).register()
    invite(owner, 'sealed@people.example')
    token = s.hook.to('sealed@people.example', 'invitation')['token']
    found, size = [], 0
    for folder, _, names in os.walk(os.path.join(os.environ['CC_TEST_DIR'], 'redis-queue')):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as f:
                text = f.read()
            size += text.count(b'"method":"mail"') + text.count(b'mail')
            found += [(name, what) for what in (token, token.split('.')[2], 'sealed@people.example') if what.encode() in text]
    s.check('the log of the queue has the call', size > 0, size)
    s.check('... and neither token nor address', not found, found)


def test_roles(s):
    owner = Person(s).register()
    admin, agent = joined(s, owner, 'admin'), joined(s, owner, 'agent', 'carl')
    of = lambda who: path(owner, 'members', who.id)
    s.problem('an agent changes nobody', agent.send('PATCH', of(admin), dict(role='viewer')), 403, 'forbidden')
    s.problem('an agent invites nobody', invite(agent, 'x@people.example'), 403, 'forbidden')
    s.same('an agent sees the members', agent.send('GET', path(owner, 'members')).status, 200)
    s.problem('an admin makes no owner', admin.send('PATCH', of(agent), dict(role='owner')), 403, 'forbidden')
    s.problem('an admin takes no owner down', admin.send('PATCH', of(owner), dict(role='viewer')), 403, 'forbidden')
    s.problem('... nor out', admin.send('DELETE', of(owner)), 403, 'forbidden')
    s.problem('the last owner stays', owner.send('PATCH', of(owner), dict(role='admin')), 409, 'conflict')
    s.problem('... and cannot leave', owner.send('DELETE', of(owner)), 409, 'conflict')
    for words, body in {'a role that is none': dict(role='king'), 'no role': {}, 'a number': dict(role=1)}.items():
        s.problem(words, owner.send('PATCH', of(agent), body), 400, 'invalid_request')
    s.problem('nobody of that id', owner.send('PATCH', path(owner, 'members', 'usr_' + '0' * 32), dict(role='agent')), 404, 'not_found')
    before = h.sql(f"SELECT count(*) FROM audit_log WHERE tenant_id = '{owner.tenant}' AND noun = 'members'")
    s.same('an admin makes an editor', admin.send('PATCH', of(agent), dict(role='editor')).json.get('role'), 'editor')
    rows = h.sql(f"SELECT actor, action, row_id, changed FROM audit_log WHERE tenant_id = '{owner.tenant}' "
                 "AND noun = 'members' ORDER BY id DESC LIMIT 1")
    s.same('the audit log says who', rows, [[admin.id, 'update', agent.id, '{role}']])
    s.check('... in one more row', before != [['0']], before)


def gone(s, who, words):
    for name, port in s.ports.items():
        a = s.until(lambda: who.send('GET', '/api/auth/me', port=port), lambda a: a.status == 401, 5)
        s.problem(f'{words}: refused by gateway {name}', a, 401, 'unauthorized')


def test_a_new_role_wants_a_new_login(s):
    owner = Person(s).register()
    who = joined(s, owner, 'admin')
    for port in s.ports.values():
        s.same('the login is known', who.send('GET', path(owner, 'members'), port=port).status, 200)
    owner.send('PATCH', path(owner, 'members', who.id), dict(role='viewer'))
    gone(s, who, 'with another role')
    s.same('a new login has it', who.login().role, 'viewer')
    s.problem('... and its rights', invite(who, 'x@people.example'), 403, 'forbidden')


def test_who_is_removed_is_out(s):
    owner = Person(s).register()
    who = joined(s, owner, 'editor')
    for port in s.ports.values():
        s.same('the login is known', who.send('GET', '/api/auth/me', port=port).status, 200)
    s.same('removing answers 204', owner.send('DELETE', path(owner, 'members', who.id)).status, 204)
    gone(s, who, 'after being removed')
    a = s.send('POST', '/api/auth/refresh', body=dict(refreshToken=who.refresh))
    s.problem('the refresh token is dead', a, 401, 'unauthorized')
    s.problem('removed twice', owner.send('DELETE', path(owner, 'members', who.id)), 404, 'not_found')


def test_neighbours(s):
    owner, other = Person(s).register(), Person(s, 'eve').register()
    made = invite(owner, 'mine@people.example').json
    for method, where, body in (
        ('GET', path(owner, 'members'), None),
        ('PATCH', path(owner, 'members', owner.id), dict(role='viewer')),
        ('DELETE', path(owner, 'members', owner.id), None),
        ('GET', path(owner, 'invitations'), None),
        ('POST', path(owner, 'invitations'), dict(email='x@people.example', role='agent')),
        ('DELETE', path(owner, 'invitations', made['id']), None),
        ('PATCH', path(other, 'members', owner.id), dict(role='viewer')),
        ('DELETE', path(other, 'members', owner.id), None),
        ('DELETE', path(other, 'invitations', made['id']), None),
    ):
        a = other.send(method, where, body)
        s.problem(f'{method} {where.replace(owner.tenant, "HIS").replace(other.tenant, "OWN")}', a, 404, 'not_found')
        s.check('... without his address', owner.email.encode() not in a.body, a)


def operator(*words):
    keys = ','.join(f'{kid}:{key}' for kid, key in scenery.TOKEN_KEYS.items())
    return json.loads(h.ctl('user', *words, '--json', CC_TOKEN_KEYS=keys) or 'null')


def refused(*words):
    try:
        operator(*words)
    except h.subprocess.CalledProcessError as e:
        return e.returncode
    return 0


def choose_password(s, who, token):
    return s.send('POST', '/api/auth/password/reset', body=dict(token=token, password=who.password))


def test_the_operator_lets_people_in(s):
    tenant, who = scenery.tenant('by hand'), Person(s, 'olga')
    made = operator('add', tenant, who.email, '--role', 'owner', '--name', 'Olga')
    s.problem('nobody has a password yet', who.login().answer, 401, 'unauthorized')
    s.check('the token sets one', choose_password(s, who, made['token']).status in (200, 204))
    s.problem('... once', choose_password(s, who, made['token']), 401, 'unauthorized')
    who.login()
    s.same('she logs in as an owner', (who.answer.status, who.tenant, who.role), (200, tenant, 'owner'))
    listed = operator('list', tenant)
    s.same('she is listed', [(m['email'], m['name'], m['role']) for m in listed], [(who.email, 'Olga', 'owner')])
    s.check('the last owner stays', refused('remove', tenant, who.email) and who.alive())
    s.check('... in her role', refused('role', tenant, who.email, '--role', 'viewer') and who.alive())
    other = Person(s, 'pia').register()
    made = operator('add', tenant, other.email, '--role', 'owner')
    s.check('who has an account needs no token', 'token' not in made and made['userId'] == other.id, made)
    s.check('somebody is let in once', refused('add', tenant, other.email))
    operator('role', tenant, who.email, '--role', 'agent')
    gone(s, who, 'with a role by the operator')
    who.password = 'a password of the second time'
    s.check('a reset token', choose_password(s, who, operator('reset', who.email)['token']).status in (200, 204))
    s.same('... and the role', who.login().role, 'agent')
    operator('remove', tenant, who.email)
    gone(s, who, 'removed by the operator')
    rows = h.sql(f"SELECT DISTINCT actor FROM audit_log WHERE tenant_id = '{tenant}' AND noun = 'members'")
    s.same('the audit log says that it was the operator', rows, [['operator']])
    for words, args in {'a role that is none': ('add', tenant, 'x@people.example', '--role', 'king'),
                        'an address that is none': ('add', tenant, 'x'), 'nobody': ('reset', 'nobody@people.example'),
                        'a stranger': ('remove', tenant, 'nobody@people.example')}.items():
        s.check(f'{words} is refused', refused(*args))

"""identity - a conversation is there for exactly its visitor, and a proof that is wrong is never none."""
import time

import scene as scenery
import visitors as v


class Shop:
    def __init__(self, s, mode='optional'):
        self.s, self.tenant = s, scenery.tenant('signing')
        self.bot = scenery.Bot(self.tenant, 'signing', scenery.QUICK)
        self.office = v.office_key(self.tenant)
        v.identity(s, self.bot, mode)
        self.secret = v.secret_of(s, self.bot, self.office)

    def somebody(self, who='u-1'):
        return v.signed_in(self.s, self.bot, self.secret, who)

    def nobody(self):
        return v.Visitor(self.s, self.bot, {})

    def with_token(self, **claims):
        return v.Visitor(self.s, self.bot, {'x-visitor-token': v.token(self.secret, **claims)})


def test_a_signed_visitor_has_a_conversation_of_his_own(s):
    shop = Shop(s)
    ada, ben = shop.somebody('ada'), shop.somebody('ben')
    session = ada.ask(messageId='a-message-id-nobody-guesses').json['sessionId']

    s.same('his history is his', len(ada.history(session).json['items']), 2)
    s.same('a token of the same person is as good as a hash',
           shop.with_token(sub='ada').history(session).status, 200)
    for words, other in (('another person', ben), ('nobody in particular', shop.nobody())):
        s.problem(f'{words}: no history', other.history(session), 404, 'session_unknown')
        s.problem(f'{words}: no further question', other.ask(sessionId=session), 404, 'session_unknown')
        s.problem(f'{words}: cannot clear it', other.send('DELETE', f'/api/widget/sessions/{session}'), 404,
                  'session_unknown')
    s.same('the server reads every history with its secret key',
           s.send('GET', f'/api/widget/sessions/{session}/messages', key=shop.bot.secret).status, 200)
    s.same('... and goes on with it', s.send('POST', '/api/widget/chat', key=shop.bot.secret,
                                             body=dict(message='more', sessionId=session)).status, 200)
    s.same('... as that visitor', len(ada.history(session).json['items']), 4)


def test_an_answer_is_there_for_its_visitor_alone(s):
    shop = Shop(s)
    ada, ben = shop.somebody('ada'), shop.somebody('ben')
    answer = ada.ask().json['answerId']
    routes = (('GET', 'stream', None), ('POST', 'stop', {}), ('POST', 'feedback', dict(rating='up')))

    for method, what, body in routes:
        path = f'/api/widget/answers/{answer}/{what}'
        for words, other in (('another person', ben), ('nobody in particular', shop.nobody())):
            s.problem(f'{words}: {what}', other.send(method, path, body=body), 404, 'not_found')
        s.check(f'he himself: {what}', ada.send(method, path, body=body).status in (200, 202, 204))


def test_a_question_that_nobody_has_taken_yet_is_its_visitors_too(s):
    shop = Shop(s)
    ada, ben = shop.somebody('ada'), shop.somebody('ben')
    for name in ('worker-0', 'worker-1'):
        s.fleet.kill(name, scenery.h.signal.SIGSTOP)
    try:
        stream = ada.stream(message='wait')
        accepted = stream.first('accepted').data
        session, answer = accepted['sessionId'], accepted['answerId']
        s.same('he finds his session', ada.history(session).status, 200)
        s.problem('another does not', ben.history(session), 404, 'session_unknown')
        s.problem('nor its answer', ben.send('POST', f'/api/widget/answers/{answer}/stop', body={}), 404, 'not_found')
        s.problem('nor may he ask in it', ben.ask(sessionId=session), 404, 'session_unknown')
    finally:
        for name in ('worker-0', 'worker-1'):
            s.fleet.kill(name, scenery.h.signal.SIGCONT)
    s.same('and it is answered', stream.read().names[-1], 'done')


def test_a_repeated_message_of_another_does_not_find_the_first_ones_answer(s):
    shop = Shop(s)
    ada, ben, nobody = shop.somebody('ada'), shop.somebody('ben'), shop.nobody()
    same = dict(message='the same words', messageId='one-id-for-all-of-them-here')
    first, again = ada.ask(**same).json, ada.ask(**same).json

    s.same('he himself finds it', again['answerId'], first['answerId'])
    for words, other in (('another person', ben), ('nobody in particular', nobody)):
        got = other.ask(**same).json
        s.check(f'{words} gets an answer and a session of his own',
                got['answerId'] != first['answerId'] and got['sessionId'] != first['sessionId'], got)
    own = dict(same, sessionId='a-name-that-both-of-them-use')
    s.same('an own name is his who used it first', ada.ask(**own).status, 200)
    s.problem('... and no session for another', ben.ask(**own), 404, 'session_unknown')
    s.problem('... or for nobody in particular', nobody.ask(**own), 404, 'session_unknown')


def test_after_signing_out_a_new_session_begins(s):
    shop = Shop(s)
    ada, ben, nobody = shop.somebody('ada'), shop.somebody('ben'), shop.nobody()
    before = nobody.ask().json['sessionId']

    s.problem('an anonymous session does not follow who signs in', ada.history(before), 404, 'session_unknown')
    hers = ada.ask().json['sessionId']
    s.problem('hers does not stay when she signs out', nobody.history(hers), 404, 'session_unknown')
    his = ben.ask().json['sessionId']
    s.check('each has another one', len({before, hers, his}) == 3, (before, hers, his))


def test_whoever_must_sign_can_neither_ask_nor_read_without(s):
    shop = Shop(s)
    nobody, ada = shop.nobody(), shop.somebody('ada')
    answer = nobody.ask(sessionId='from-before-it-was-wanted').json['answerId']
    v.identity(s, shop.bot, 'required')
    # the notice of the change is on its way
    s.until(nobody.ask, lambda a: a.status == 401, 6)

    s.problem('asking', nobody.ask(), 401, 'identity_required')
    s.problem('history', nobody.history('from-before-it-was-wanted'), 401, 'identity_required')
    s.problem('clearing', nobody.send('DELETE', '/api/widget/sessions/from-before-it-was-wanted'), 401,
              'identity_required')
    s.problem('an answer', nobody.send('GET', f'/api/widget/answers/{answer}/stream'), 401, 'identity_required')
    s.problem('stopping', nobody.send('POST', f'/api/widget/answers/{answer}/stop', body={}), 401, 'identity_required')
    s.problem('feedback', nobody.send('POST', f'/api/widget/answers/{answer}/feedback', body=dict(rating='up')), 401,
              'identity_required')
    for path in ('/chat', '/api/chat/message', f'/api/chat/{shop.bot.id}', '/api/widget/chat/stream'):
        s.problem(f'asking at {path}', nobody.send('POST', path, body=dict(message='hi')), 401, 'identity_required')
    s.problem('GET /chat/stream', nobody.send('GET', '/chat/stream?message=hi'), 401, 'identity_required')
    s.same('the configuration is open', nobody.send('GET', '/api/widget/config').status, 200)
    s.same('who is signed may ask', ada.ask().status, 200)
    s.same('the server may, without a proof',
           s.send('POST', '/api/widget/chat', key=shop.bot.secret, body=dict(message='hi')).status, 200)
    unbound = scenery.made('key', 'add', shop.tenant, '--public')['key']
    s.problem("a key of all bots is no way around it", s.send('GET', f'/api/widget/answers/{answer}/stream', key=unbound),
              401, 'identity_required')


def test_a_proof_that_is_not_right_is_refused_whatever_the_bot_wants(s):
    shop, other = Shop(s), Shop(s)
    now = int(time.time())
    good = v.hashed(shop.secret, 'ada', now + 600)
    cases = {
        'of another bot': v.hashed(other.secret, 'ada', now + 600),
        'that has expired': v.hashed(shop.secret, 'ada', now - 1),
        'for more than a day': v.hashed(shop.secret, 'ada', now + 2 * 86400),
        'for another person': {**good, 'x-visitor-id': 'ben'},
        'for longer than was signed': {**good, 'x-visitor-exp': str(now + 1200)},
        'cut': {**good, 'x-visitor-hash': good['x-visitor-hash'][:-1]},
        'without its hash': {k: good[k] for k in ('x-visitor-id', 'x-visitor-exp')},
        'without a person': {k: good[k] for k in ('x-visitor-exp', 'x-visitor-hash')},
        'of 129 characters': v.hashed(shop.secret, 'x' * 129, now + 600),
        'of alg none': {'x-visitor-token': v.token(shop.secret, {'alg': 'none', 'typ': 'JWT'}, sub='ada')},
        'of a token of another bot': {'x-visitor-token': v.token(other.secret, sub='ada')},
        'of a token cut': {'x-visitor-token': v.token(shop.secret, sub='ada')[:-1]},
        'of a token that has expired': {'x-visitor-token': v.token(shop.secret, sub='ada', exp=now - 1)},
        'of a token for ever': {'x-visitor-token': v.token(shop.secret, sub='ada', exp=now + 10**9)},
        'of a token and a hash': {**good, 'x-visitor-token': v.token(shop.secret, sub='ada')},
    }
    for words, proof in cases.items():
        s.problem(f'a proof {words}', v.Visitor(s, shop.bot, proof).ask(), 401, 'unauthorized')
    s.same('128 characters are fine', shop.somebody('漢' * 128).ask().status, 200)
    s.same('a name of any script is fine', shop.somebody('Jörg Müller').ask().status, 200)


def test_a_proof_is_good_until_its_time_and_no_longer(s):
    shop = Shop(s)
    ada = v.Visitor(s, shop.bot, v.hashed(shop.secret, 'ada', int(time.time()) + 3))
    session = ada.ask().json['sessionId']

    s.same('before', ada.history(session).status, 200)
    late = s.until(lambda: ada.history(session), lambda a: a.status != 200, 6)
    s.problem('the same again, after', late, 401, 'unauthorized')
    s.problem('a question, after', ada.ask(), 401, 'unauthorized')
    s.same('a fresh one for the same person', shop.somebody('ada').history(session).status, 200)


def test_a_secret_that_was_changed_is_good_for_nothing(s):
    shop = Shop(s)
    ada = shop.somebody('ada')
    session = ada.ask().json['sessionId']
    changed = s.send('POST', f'/api/bots/{shop.bot.id}/identity/rotate', key=shop.office, body={})

    s.same('it is another one', (changed.status, changed.json['version'], changed.json['secret'] != shop.secret),
           (200, 2, True))
    began = time.monotonic()
    refused = s.until(lambda: ada.history(session), lambda a: a.status == 401, 5)
    s.problem('the old one is refused within 5 s', refused, 401, 'unauthorized')
    s.check('... indeed', time.monotonic() - began < 5)
    for port in s.ports.values():
        at = lambda: s.send('GET', f'/api/widget/sessions/{session}/messages', key=shop.bot.public,
                            headers=ada.proof, port=port)
        s.same('by every gateway', s.until(at, lambda a: a.status == 401, 5).status, 401)
    new = v.signed_in(s, shop.bot, changed.json['secret'], 'ada')
    s.same('with the new one the same person has the same session', new.history(session).status, 200)
    s.problem('who may not manage does not see it',
              s.send('GET', f'/api/bots/{shop.bot.id}/identity', key=shop.bot.secret), 403, 'forbidden')
    s.problem("another tenant's bot has none",
              s.send('GET', f'/api/bots/{s.foreign.id}/identity', key=shop.office), 404, 'not_found')
    s.problem('... and none to change',
              s.send('POST', f'/api/bots/{s.foreign.id}/identity/rotate', key=shop.office, body={}), 404, 'not_found')


def test_a_bot_that_asks_nobody_takes_no_notice_of_proofs(s):
    shop = Shop(s, 'off')
    ada = shop.somebody('ada')
    session = ada.ask().json['sessionId']

    s.same('everybody who knows the session reads it', shop.nobody().history(session).status, 200)
    s.same('a proof that is wrong does not matter',
           v.Visitor(s, shop.bot, {'x-visitor-token': 'nonsense'}).history(session).status, 200)


def test_event_source_shows_its_token_in_the_query(s):
    shop = Shop(s)
    answer = shop.somebody('ada').ask().json['answerId']
    path = f'/api/widget/answers/{answer}/stream'
    good, bad = v.token(shop.secret, sub='ada'), v.token(shop.secret, sub='ben')

    s.same('his', shop.nobody().send('GET', f'{path}?visitorToken={good}').status, 200)
    s.problem("another's", shop.nobody().send('GET', f'{path}?visitorToken={bad}'), 404, 'not_found')
    s.problem('none at all', shop.nobody().send('GET', f'{path}?visitorToken=x.y.z'), 401, 'unauthorized')


def test_a_page_may_send_the_headers_of_a_proof(s):
    asked = s.send('OPTIONS', '/api/widget/chat/stream', headers={
        'origin': scenery.ORIGIN, 'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-visitor-token'})
    allowed = (asked.header('access-control-allow-headers') or '').replace(' ', '').split(',')

    for name in ('x-visitor-token', 'x-visitor-id', 'x-visitor-exp', 'x-visitor-hash'):
        s.check(f'the preflight allows {name}', name in allowed, allowed)


def test_visitors_are_listed_as_their_server_named_them(s):
    shop = Shop(s)
    shop.with_token(sub='ada', name='Ada L.', email='ada@people.example').ask()
    shop.somebody('ben').ask()
    listed = s.send('GET', '/api/dashboard/visitors', key=shop.office).json['items']
    ada = next(x for x in listed if x['externalId'] == 'ada')

    s.same('both are there', sorted(x['externalId'] for x in listed), ['ada', 'ben'])
    s.same('with name and e-mail', (ada['name'], ada['email'], ada['conversations'], ada['messages']),
           ('Ada L.', 'ada@people.example', 1, 2))
    page = s.send('GET', '/api/dashboard/visitors?limit=1', key=shop.office).json
    rest = s.send('GET', f'/api/dashboard/visitors?limit=1&cursor={page["nextCursor"]}', key=shop.office).json
    s.same('page by page', sorted(x['id'] for x in page['items'] + rest['items']), sorted(x['id'] for x in listed))
    s.same('one by the name his owner has for him',
           [x['id'] for x in s.send('GET', '/api/dashboard/visitors?externalId=ada', key=shop.office).json['items']],
           [ada['id']])
    shop.with_token(sub='ada', name='Ada K.').ask()
    now = s.send('GET', f'/api/dashboard/visitors/{ada["id"]}', key=shop.office).json
    s.same('a new name counts, what is left out stays', (now['name'], now['email'], now['conversations']),
           ('Ada K.', 'ada@people.example', 2))
    s.problem('a limit that is none', s.send('GET', '/api/dashboard/visitors?limit=0', key=shop.office), 400,
              'invalid_request')
    s.problem("another tenant's visitor", s.send('GET', f'/api/dashboard/visitors/{ada["id"]}', key=s.foreign.secret),
              404, 'not_found')
    bound = v.office_key(shop.tenant, '--bot', scenery.Bot(shop.tenant, 'quiet', scenery.QUICK).id)
    s.same('a key of another bot lists none of them',
           s.send('GET', '/api/dashboard/visitors', key=bound).json['items'], [])

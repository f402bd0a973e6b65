"""A visitor's WebSocket: who it is, told by a word of the subprotocols; how often he may ask."""
import time

import scene as scenery
import visitors as v
from chat_socket import Talk, attempt, not_opened, opened, refused, word_of
from people import Person
from test_identity import Shop
from test_quota import holds, limited


def test_a_signed_visitor(s):
    shop = Shop(s, 'required')
    ada, ben = shop.somebody('ada'), shop.somebody('漢字?>')
    by_token = v.token(shop.secret, sub='ada', name='Ada L.')
    t = opened(s, shop.bot, words=[word_of(ada.proof)])
    t.ask('Who am I?')
    s.same('his proof as id, exp and hash: the conversation is his', ada.history(t.session).status, 200)
    s.problem('... and not of another', ben.history(t.session), 404, 'session_unknown')
    u = opened(s, shop.bot, t.session, words=['cc.visitor.' + by_token])
    s.same('as a token: the same person, who goes on', u.ask('And now?')[-1]['type'], 'done')
    s.same('two questions', len(ada.history(t.session).json['items']), 4)
    w = Talk(s, shop.bot, t.session, headers=ada.proof)
    s.same('as headers, too', w.next()['type'], 'hello')
    x = opened(s, shop.bot, words=[word_of(ben.proof)])
    s.same('an id of any script', x.ask()[-1]['type'], 'done')
    s.same('... is his', ben.history(x.session).status, 200)
    answer = t.seen[-1]['answerId']
    for type in ('resume', 'stop'):
        x.say(type, answerId=answer)
        refused(s, f"{type} of another visitor's answer", x.next(), 404, 'not_found', answerId=answer)
    words = ['cc.v1', 'cc.key.' + shop.bot.public]
    not_opened(s, "another visitor's session", 404, 'session_unknown', session=t.session,
               protocols=[*words, word_of(ben.proof)])
    not_opened(s, 'nobody, where somebody is wanted', 401, 'identity_required', protocols=words)
    for c in (t, u, w, x):
        c.drop()


def test_a_proof_that_is_not_right(s):
    shop, other = Shop(s), Shop(s)
    now = int(time.time())
    good = v.hashed(shop.secret, 'ada', now + 600)
    cases = {
        'of another bot': word_of(v.hashed(other.secret, 'ada', now + 600)),
        'that has expired': word_of(v.hashed(shop.secret, 'ada', now - 1)),
        'for more than a day': word_of(v.hashed(shop.secret, 'ada', now + 2 * 86400)),
        'for another person': word_of({**good, 'x-visitor-id': 'ben'}),
        'cut': word_of(good)[:-1],
        'without a hash': word_of({**good, 'x-visitor-hash': ''}),
        'without an id': word_of({**good, 'x-visitor-id': ''}),
        'of two parts': 'cc.visitor.YWRh.1',
        'of nothing': 'cc.visitor.',
        'with an id that is no base64url': f'cc.visitor.YW~h.{now + 600}.{good["x-visitor-hash"]}',
        'of a token of another bot': 'cc.visitor.' + v.token(other.secret, sub='ada'),
        'of a token cut': 'cc.visitor.' + v.token(shop.secret, sub='ada')[:-1],
        'of alg none': 'cc.visitor.' + v.token(shop.secret, {'alg': 'none', 'typ': 'JWT'}, sub='ada'),
    }
    words = ['cc.v1', 'cc.key.' + shop.bot.public]
    for what, word in cases.items():
        not_opened(s, f'a proof {what}', 401, 'unauthorized', protocols=[*words, word])
    not_opened(s, 'two proofs', 401, 'unauthorized', protocols=[*words, word_of(good)], headers=good)
    v.identity(s, shop.bot, 'off')
    t = s.until(lambda: attempt(s, shop.bot, words=['cc.visitor.x']), bool, 6)
    s.check('where nobody is asked it does not matter', t)
    t.drop()


def test_a_proof_that_ends(s):
    shop = Shop(s)
    proof = v.hashed(shop.secret, 'ada', int(time.time()) + 3)
    t = opened(s, shop.bot, words=[word_of(proof)])
    s.same('before', t.ask()[-1]['type'], 'done')
    late = s.until(lambda: t.ask()[-1], lambda f: f['type'] == 'error', 6)
    refused(s, 'a message after it has expired', late, 401, 'unauthorized', 'expired')
    t.drop()


def test_a_secret_that_was_changed(s):
    shop = Shop(s)
    t = opened(s, shop.bot, words=[word_of(shop.somebody('ada').proof)])
    t.ask()
    s.send('POST', f'/api/bots/{shop.bot.id}/identity/rotate', key=shop.office, body={})
    began = time.monotonic()
    refused(s, 'messages of an open socket are refused',
            s.until(lambda: t.ask()[-1], lambda f: f['type'] == 'error', 6), 401, 'unauthorized')
    s.check('... within 5 s', time.monotonic() - began < 5)
    t.drop()


def test_messages_are_counted_as_posts_are(s):
    cap = 6
    who = Person(s).register()
    a = who.send('POST', '/api/bots', dict(name='bot', allowedOrigins=['*'], serverUse=True,
                                           limits=dict(requestsPerMinute=cap)))
    bot = a.json['id']
    scenery.made('bot', 'set', who.tenant, bot, '--model', scenery.QUICK)
    key = who.send('POST', f'/api/dashboard/clients/{who.tenant}/keys', dict(kind='public', botId=bot)).json['key']
    t = Talk(s, None, key=key)
    t.next()
    u = Talk(s, None, key=key)
    u.next()
    ends = [c.ask(f'Question {i}')[-1]['type'] for i in range(2) for c in (t, u)]
    posts = [s.send('POST', '/api/widget/chat', key=key, body=dict(message='hi')).status for _ in range(cap - 4)]
    s.same(f'{cap} come in, over two sockets and by POST', (ends, posts), (['done'] * 4, [200] * (cap - 4)))
    t.say('message', message='one more', messageId='m-9')
    frame = t.end()
    refused(s, 'one more', frame, 429, 'rate_limited', messageId='m-9')
    s.check('... is told when to come back', 1 <= frame['retryAfter'] <= 120 and frame['retryable'], frame)
    s.problem('... as by POST', s.send('POST', '/api/widget/chat', key=key, body=dict(message='hi')), 429, 'rate_limited')
    t.say('ping')
    s.same('a ping costs nothing', t.next(), dict(type='pong'))
    t.drop(), u.drop()


def test_rates_of_a_session_and_of_an_address(s):
    port = s.extra_gateway('socket-rates', CC_RATE_VISITOR=3, CC_RATE_ADDRESS=5)
    paid = scenery.Bot(scenery.tenant('socket rates'), 'socket rates', scenery.QUICK)
    t, u = opened(s, paid, port=port), opened(s, paid, port=port)
    s.same('three of a session come in', [t.ask()[-1]['type'] for _ in range(3)], ['done'] * 3)
    refused(s, 'the fourth', t.ask()[-1], 429, 'rate_limited')
    s.same('two more of the address', [u.ask()[-1]['type'] for _ in range(2)], ['done'] * 2)
    refused(s, 'the sixth', u.ask()[-1], 429, 'rate_limited')
    server = opened(s, paid, port=port, key=paid.secret)
    s.same("the tenant's server is not touched", server.ask()[-1]['type'], 'done')
    for c in (t, u, server):
        c.drop()


def test_a_cap_of_the_day(s):
    bot = limited('socket quota', dailyTokens=1)
    t = opened(s, bot)
    frame = t.ask(messageId='m-1')[-1]
    refused(s, 'a message beyond the cap of the day', frame, 429, 'quota_exceeded', messageId='m-1')
    s.check('... is told when the day is over', 1 <= frame['retryAfter'] <= 86400, frame)
    s.same('nothing is held for it', holds(bot), [])
    t.drop()


def test_open_answers_and_sockets_of_a_tenant(s):
    port = s.extra_gateway('socket-caps', CC_INFLIGHT_TENANT=2, CC_SOCKETS_TENANT=3)
    capped = scenery.Bot(scenery.tenant('socket caps'), 'socket caps', scenery.LASTING)
    t = opened(s, capped, port=port)
    for i in range(3):
        t.say('message', message='last', messageId=f'm-{i}')
    frame = t.first('error')
    refused(s, 'an answer more than a tenant may have open', frame, 429, 'tenant_busy', messageId=frame['messageId'])
    t.say('stop'), t.end()
    t.say('stop'), t.end()
    more = [opened(s, capped, port=port) for _ in range(2)]
    not_opened(s, 'a fourth socket', 429, 'tenant_busy', port=port, protocols=['cc.v1', 'cc.key.' + capped.public])
    other = opened(s, s.foreign, port=port)
    s.same('another tenant is not touched', other.ask()[-1]['type'], 'done')
    more[0].socket.close()
    again = s.until(lambda: attempt(s, capped, port=port), bool, 5)
    s.check('one that was closed makes room', again)
    for c in (t, more[1], other, again):
        c.drop()

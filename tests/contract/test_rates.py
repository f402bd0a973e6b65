"""How many are let in: at the limit, one below and one above it, and fifty at once at each cap."""
import uuid

import scene as scenery
from people import Person
from test_once import parallel

CHAT = '/api/widget/chat'
CAP = 9
AT_ONCE = 50


class Place:
    """Something that has a limit; ask() sends what is counted."""

    def __init__(self, s, key, port=None, **fixed):
        self.s, self.key, self.port, self.fixed = s, key, port or s.port, fixed

    def ask(self, i, headers=None):
        body = dict(message='hi', **{'sessionId': uuid.uuid4().hex, **self.fixed})
        return self.s.send('POST', CHAT, key=self.key, body=body, port=self.port, headers=headers)


class Address(Place):
    def __init__(self, s, key, port, address):
        super().__init__(s, key, port)
        self.address = address

    def ask(self, i, headers=None):
        return super().ask(i, {'x-forwarded-for': self.address})


def counts(answers):
    return sum(a.status == 200 for a in answers), sum(a.code == 'rate_limited' for a in answers)


def table(s, words, fresh, cap=CAP):
    """fresh() makes a new place with the limit `cap`, nothing counted yet."""
    place = fresh()
    below = [place.ask(i) for i in range(cap - 1)]
    s.same(f'{words}: {cap - 1} come in', counts(below), (cap - 1, 0))
    s.same('... and one more', counts([place.ask(cap)]), (1, 0))
    refused = place.ask(cap + 1)
    s.problem(f'... the {cap + 1}th does not', refused, 429, 'rate_limited')
    s.check('... and is told what is left', refused.header('ratelimit-remaining') == '0', refused.headers)
    place = fresh()
    seen = parallel(AT_ONCE, place.ask)
    s.same(f'{words}: {AT_ONCE} at once, exactly {cap} come in', counts(seen), (cap, AT_ONCE - cap))


def owned(s, **bot):
    """An owner, and a bot of a model that answers at once (which is the operator's to choose)."""
    who = Person(s).register()
    a = who.send('POST', '/api/bots', dict(name='bot', allowedOrigins=['*'], serverUse=True, **bot))
    assert a.status == 201, a
    who.bot = a.json['id']
    scenery.made('bot', 'set', who.tenant, who.bot, '--model', scenery.QUICK)
    return who


def key_of(who, **more):
    body = dict({'kind': 'secret', 'botId': who.bot}, **more)
    a = who.send('POST', f'/api/dashboard/clients/{who.tenant}/keys', body)
    assert a.status == 201, a
    return a.json['key']


def test_a_key(s):
    table(s, 'a secret key', lambda: Place(s, key_of(owned(s), requestsPerMinute=CAP)))
    table(s, 'a public key', lambda: Place(s, key_of(owned(s), kind='public', requestsPerMinute=CAP)))
    who = owned(s)
    full, other = Place(s, key_of(who, requestsPerMinute=1)), Place(s, key_of(who))
    s.same('one request of one', counts([full.ask(0), full.ask(1)]), (1, 1))
    s.same('another key of the tenant is not touched', counts([other.ask(0)]), (1, 0))


def test_a_bot(s):
    def fresh():
        return Place(s, key_of(owned(s, limits=dict(requestsPerMinute=CAP))))

    table(s, 'a bot', fresh)


def test_a_bot_is_counted_over_all_its_keys(s):
    who = owned(s, limits=dict(requestsPerMinute=CAP))
    places = [Place(s, key_of(who, kind=kind)) for kind in ('secret', 'public', 'secret')]
    seen = parallel(AT_ONCE, lambda i: places[i % 3].ask(i))
    s.same('fifty at once with three keys of a bot', counts(seen), (CAP, AT_ONCE - CAP))


def test_a_tenant(s):
    def fresh():
        who = owned(s)
        key = key_of(who)  # before the limit, which counts changes as well
        a = who.send('PATCH', f'/api/dashboard/clients/{who.tenant}', dict(limits=dict(requestsPerMinute=CAP + 1)))
        assert a.status == 200, a
        place = Place(s, key)
        place.left = int(place.ask(0).header('ratelimit-remaining'))
        return place

    place = fresh()
    seen = [place.ask(i) for i in range(place.left)]
    s.same('a tenant: as many come in as were left', counts(seen), (place.left, 0))
    s.problem('... and no other', place.ask(0), 429, 'rate_limited')
    place = fresh()
    seen = parallel(AT_ONCE, place.ask)
    s.same('a tenant: fifty at once, as many as were left', counts(seen), (place.left, AT_ONCE - place.left))


def test_a_session(s):
    port = s.extra_gateway('sessions', CC_RATE_VISITOR=CAP)
    table(s, 'a session', lambda: Place(s, key_of(owned(s)), port, sessionId=uuid.uuid4().hex))
    key = key_of(owned(s))
    seen = [Place(s, key, port, sessionId=uuid.uuid4().hex).ask(0) for _ in range(CAP + 2)]
    s.same('other sessions are not touched', counts(seen), (CAP + 2, 0))


def test_an_address(s):
    port = s.extra_gateway('addresses', CC_RATE_ADDRESS=CAP, CC_TRUST_PROXY=1)
    last = iter(range(1, 250))
    table(s, 'an address', lambda: Address(s, key_of(owned(s), kind='public'), port, f'192.0.2.{next(last)}'))
    key = key_of(owned(s), kind='public')
    table(s, 'a network of IPv6', lambda: Address(s, key, port, f'2001:db8:{next(last):x}::1'))
    network = [Address(s, key, port, f'2001:db8:ffff::{i:x}') for i in range(AT_ONCE)]
    seen = parallel(AT_ONCE, lambda i: network[i].ask(i))
    s.same('fifty addresses of one /64 are one', counts(seen), (CAP, AT_ONCE - CAP))
    secret = Address(s, key_of(owned(s)), port, '192.0.2.250')
    s.same('a server speaks for many', counts([secret.ask(i) for i in range(CAP + 2)]), (CAP + 2, 0))


def test_refused_ones_cost_nothing(s):
    """What one gate refuses is not counted by the others."""
    who = owned(s, limits=dict(requestsPerMinute=CAP))
    tight, wide = Place(s, key_of(who, requestsPerMinute=2)), Place(s, key_of(who))
    s.same('a key of two', counts([tight.ask(i) for i in range(CAP + 5)]), (2, CAP + 3))
    s.same("the rest of the bot's", counts([wide.ask(i) for i in range(CAP)]), (CAP - 2, 2))

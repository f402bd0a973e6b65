"""erasure - one conversation, one visitor, one tenant: gone, exported before, with a receipt."""
import json
import time
import urllib.parse

import people
import scene as scenery
import visitors as v

REFUSED = (401, 403)


class Shop:
    def __init__(self, s):
        self.s, self.tenant = s, scenery.tenant('forgetful')
        self.bot = scenery.Bot(self.tenant, 'forgetful', scenery.QUICK)
        self.office = v.office_key(self.tenant)
        self.secret = v.secret_of(s, self.bot, self.office)

    def somebody(self, who):
        return v.signed_in(self.s, self.bot, self.secret, who)

    def call(self, method, path, **more):
        return self.s.send(method, path, key=self.office, **more)

    def visitor(self, who):
        return self.call('GET', f'/api/dashboard/visitors?externalId={who}').json['items'][0]['id']

    def done(self, receipt):
        return v.receipt_done(self.s, self.tenant, self.office, receipt)


def test_a_visitor_is_exported_whole_and_erased_whole(s):
    shop = Shop(s)
    ada, ben = shop.somebody('ada'), shop.somebody('ben')
    first = ada.ask('what is it?').json
    ada.send('POST', f'/api/widget/answers/{first["answerId"]}/feedback', body=dict(rating='up', comment='fine'))
    ada.ask('and again?')
    other = ben.ask('me, too').json
    visitor = shop.visitor('ada')

    export = shop.call('GET', f'/api/dashboard/visitors/{visitor}/export')
    talks = export.json['conversations']
    s.same('an export has both conversations', len(talks), 2)
    said = sorted(m['text'] for talk in talks for m in talk['messages'] if m['role'] == 'user')
    s.same('with what was asked', said, ['and again?', 'what is it?'])
    s.same('and what was thought of it', [f['comment'] for talk in talks for f in talk['feedback']], ['fine'])
    s.same('and who it is', export.json['visitor']['externalId'], 'ada')

    asked = shop.call('DELETE', f'/api/dashboard/visitors/{visitor}')
    s.same('the erasure is accepted', (asked.status, asked.json['kind'], asked.json['state']),
           (202, 'visitor', 'pending'))
    s.problem('the conversation is gone at once', ada.history(first['sessionId']), 404, 'session_unknown')
    s.problem('the visitor, too', shop.call('GET', f'/api/dashboard/visitors/{visitor}'), 404, 'not_found')
    s.problem('and what was said, for the office',
              shop.call('GET', f'/api/dashboard/conversations/{first["sessionId"]}'), 404, 'not_found')
    receipt = shop.done(asked.json).json
    counts = {k: receipt['removed'].get(k) for k in ('visitors', 'conversations', 'messages', 'answers', 'feedback')}
    s.same('the receipt says what was removed', (receipt['state'], counts),
           ('done', dict(visitors=1, conversations=2, messages=4, answers=2, feedback=1)))
    s.check('and when', receipt['doneAt'] >= receipt['askedAt'], receipt)
    s.check('and not of whom', 'ada' not in json.dumps(receipt) and visitor not in json.dumps(receipt), receipt)
    s.same("another's is as it was", len(ben.history(other['sessionId']).json['items']), 2)
    s.problem('once is enough', shop.call('DELETE', f'/api/dashboard/visitors/{visitor}'), 404, 'not_found')
    s.same('who comes again is new', (ada.ask('hello?').status, shop.visitor('ada')), (200, visitor))
    ledger = scenery.h.sql(f"SELECT count(*) FROM usage_ledger WHERE answer_id = '{first['answerId']}'")
    s.same('what it has cost stays', ledger, [['1']])


def test_a_visitor_who_said_much_is_exported_whole(s):
    shop = Shop(s)
    ada = shop.somebody('ada')
    session = ada.ask('the first').json['sessionId']
    scenery.h.sql("INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources) SELECT "
                  f"'{shop.tenant}', 'msg_long_' || i, '{session}', 'ans_long_' || i, 'assistant', "
                  "repeat('x', 65536), '[]' FROM generate_series(1, 2200) i")
    export = shop.call('GET', f'/api/dashboard/visitors/{shop.visitor("ada")}/export', timeout=60)
    said = export.json['conversations'][0]['messages']
    s.same('a long conversation is exported whole', (export.status, len(said)), (200, 2202))
    s.same('and once', len({m['id'] for m in said}), 2202)


def test_one_conversation_is_erased(s):
    shop = Shop(s)
    ada = shop.somebody('ada')
    gone, stays = ada.ask().json['sessionId'], ada.ask().json['sessionId']

    asked = shop.call('DELETE', f'/api/dashboard/conversations/{gone}')
    s.same('accepted', (asked.status, asked.json['kind']), (202, 'conversation'))
    s.same('done', shop.done(asked.json).json['removed']['messages'], 2)
    s.problem('gone', ada.history(gone), 404, 'session_unknown')
    s.same('the other one stays', ada.history(stays).status, 200)
    listed = [x['id'] for x in shop.call('GET', f'/api/dashboard/clients/{shop.tenant}/receipts').json['items']]
    s.check('its receipt is in the list', asked.json['id'] in listed, listed)


def test_a_running_answer_ends_when_it_is_erased(s):
    tenant = scenery.tenant('hasty')
    bot = scenery.Bot(tenant, 'hasty', scenery.LASTING)
    office = v.office_key(tenant)
    ada = v.signed_in(s, bot, v.secret_of(s, bot, office), 'ada')
    stream = ada.stream(message='tell me everything')
    stream.first('token')
    asked = s.send('DELETE', f'/api/dashboard/conversations/{stream.events[0].data["sessionId"]}', key=office)

    s.same('accepted', asked.status, 202)
    stream.read()
    s.same('the stream ends with an error', stream.names[-1], 'error')
    s.same('that says so', stream.events[-1].data['code'], 'not_found')
    v.receipt_done(s, tenant, office, asked.json)
    rows = scenery.h.sql(f"SELECT count(*) FROM messages WHERE tenant_id = '{tenant}'")
    s.same('nothing of it is stored', rows, [['0']])


def test_nobody_erases_what_is_not_his(s):
    shop = Shop(s)
    ada = shop.somebody('ada')
    session = ada.ask().json['sessionId']
    visitor = shop.visitor('ada')
    stranger = v.office_key(s.foreign.tenant)
    bound = v.office_key(shop.tenant, '--bot', scenery.Bot(shop.tenant, 'other', scenery.QUICK).id)
    asked = shop.call('DELETE', '/api/dashboard/conversations/' + ada.ask().json['sessionId']).json

    for what, path in (('visitor', f'/api/dashboard/visitors/{visitor}'),
                       ('conversation', f'/api/dashboard/conversations/{session}')):
        s.problem(f"another tenant's {what}", s.send('DELETE', path, key=stranger), 404, 'not_found')
        s.problem(f'a {what} with a key that may not manage', s.send('DELETE', path, key=shop.bot.secret), 403,
                  'forbidden')
        s.problem(f'a {what} with a public key', s.send('DELETE', path, key=shop.bot.public), 403, 'forbidden')
    s.problem('an export', s.send('GET', f'/api/dashboard/visitors/{visitor}/export', key=stranger), 404, 'not_found')
    s.problem("another bot's conversation", s.send('DELETE', f'/api/dashboard/conversations/{session}', key=bound), 404,
              'not_found')
    s.problem('a visitor of many bots', s.send('DELETE', f'/api/dashboard/visitors/{visitor}', key=bound), 403,
              'forbidden')
    s.problem('a receipt of another tenant',
              s.send('GET', f'/api/dashboard/clients/{s.foreign.tenant}/receipts/{asked["id"]}', key=stranger), 404,
              'not_found')
    s.problem('a receipt that is none',
              shop.call('GET', f'/api/dashboard/clients/{shop.tenant}/receipts/ers_x'), 404, 'not_found')
    s.same('it is all there', ada.history(session).status, 200)


def test_a_tenant_is_exported_and_erased_by_its_owner(s):
    owner = people.Person(s, 'leaver').register()
    bot = owner.send('GET', '/api/bots').json['items'][0]
    key = scenery.made('key', 'add', owner.tenant, '--secret')['key']
    secret = owner.send('GET', f'/api/bots/{bot["id"]}/identity').json['secret']
    proof = {'x-visitor-token': v.token(secret, sub='ada', name='Ada of the tenant')}
    got = s.send('POST', '/api/widget/chat', key=key, headers=proof, body=dict(message='a word of a visitor'))
    path = f'/api/dashboard/clients/{owner.tenant}'
    sure = '?confirm=' + urllib.parse.quote(owner.send('GET', path).json['name'])

    export = owner.send('GET', path + '/export')
    lines = [json.loads(line) for line in export.body.decode().splitlines()]
    kinds = {line['kind'] for line in lines}
    s.same('an export is lines', (got.status, export.status, export.type), (200, 200, 'application/jsonl'))
    s.check('of all kinds', {'tenants', 'members', 'bots', 'api_keys', 'visitors', 'sessions', 'messages',
                             'answers'} <= kinds, kinds)
    s.check('with what was said', b'a word of a visitor' in export.body and b'Ada of the tenant' in export.body)
    hashes = scenery.h.sql(f"SELECT sha256 FROM api_keys WHERE tenant_id = '{owner.tenant}'")
    s.check('without what opens anything', not any(row[0].encode() in export.body for row in hashes) and
            b'argon2' not in export.body and secret.encode() not in export.body)

    s.problem('a key cannot', s.send('DELETE', path + sure, key=key), 403, 'forbidden')
    s.problem('without its name', owner.send('DELETE', path), 400, 'invalid_request')
    s.problem('with another name', owner.send('DELETE', path + sure + '!'), 400, 'invalid_request')
    s.same('nothing has happened', owner.send('GET', path).status, 200)
    asked = owner.send('DELETE', path + sure)
    s.same('accepted', (asked.status, asked.json['kind'], asked.json['state']), (202, 'tenant', 'pending'))
    closed = s.until(lambda: s.send('GET', '/api/bots', key=key), lambda a: a.status in REFUSED, 5)
    s.same('its keys are good for nothing', closed.status, 401)
    s.same('nor is the login', s.until(lambda: owner.send('GET', path), lambda a: a.status in REFUSED, 5).status, 401)
    receipt = lambda: scenery.h.sql(f"SELECT state FROM erasures WHERE id = '{asked.json['id']}'")
    s.same('it is done', s.until(receipt, lambda rows: rows == [['done']], 60), [['done']])
    left = {t: scenery.h.sql(f"SELECT count(*) FROM {t} WHERE tenant_id = '{owner.tenant}'")[0][0]
            for t in ('tenants', 'bots', 'members', 'logins', 'api_keys', 'sessions', 'messages', 'visitors',
                      'audit_log', 'usage_ledger')}
    s.check('no row is left', set(left.values()) == {'0'}, left)
    s.same('and no account of who was in no other',
           scenery.h.sql(f"SELECT count(*) FROM users WHERE id = '{owner.id}'"), [['0']])


def test_many_erasures_are_done_within_a_minute(s):
    shop = Shop(s)
    ada = shop.somebody('ada')
    sessions = [ada.ask().json['sessionId'] for _ in range(40)]
    asked = [shop.call('DELETE', f'/api/dashboard/conversations/{session}').json for session in sessions]
    begun = time.time()
    states = {shop.done(receipt).json['state'] for receipt in asked}
    s.check('forty conversations are erased within a minute', states == {'done'} and time.time() - begun < 60,
            (states, time.time() - begun))


def keep_garbage(tenant):
    """Where there is no outer store, a sweep would soon find nothing to be removed from it."""
    scenery.h.sql('CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$')
    scenery.h.sql(
        'CREATE TRIGGER kept BEFORE DELETE ON vector_garbage FOR EACH ROW '
        f"WHEN (OLD.tenant_id = '{tenant}') EXECUTE FUNCTION kept()"
    )


def test_a_tenant_that_cannot_be_emptied_yet_holds_up_nobody(s):
    owner = people.Person(s, 'stuck').register()
    path = f'/api/dashboard/clients/{owner.tenant}'
    keep_garbage(owner.tenant)
    scenery.h.sql(f"INSERT INTO vector_garbage (tenant_id, generation) VALUES ('{owner.tenant}', 1)")
    name = urllib.parse.quote(owner.send('GET', path).json['name'])
    stuck = owner.send('DELETE', f'{path}?confirm={name}').json['id']
    state = lambda: scenery.h.sql(f"SELECT state FROM erasures WHERE id = '{stuck}'")
    s.until(state, lambda rows: rows == [['running']], 20)

    shop = Shop(s)
    asked = shop.call('DELETE', '/api/dashboard/conversations/' + shop.somebody('ada').ask().json['sessionId'])
    s.same("another's conversation is erased meanwhile",
           v.receipt_done(s, shop.tenant, shop.office, asked.json, 20).json['state'], 'done')
    s.same('the tenant waits for its outer store', state(), [['running']])
    scenery.h.sql('DROP TRIGGER kept ON vector_garbage')
    scenery.h.sql(f"DELETE FROM vector_garbage WHERE tenant_id = '{owner.tenant}'")
    s.same('and is erased then', s.until(state, lambda rows: rows == [['done']], 20), [['done']])

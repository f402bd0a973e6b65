"""Own model services of a tenant: keys go in, reach the service they are for, and nothing else."""
import json
import secrets
import socket
import threading

import harness as h
import scene as scenery
from model_services import credentials

CONFIG = '/api/admin/llm/config'
TRIAL = '/api/admin/llm/test'


class Office:
    """A tenant with a key that may manage, one that may read, and a bot."""

    def __init__(self, s, name, model='openai:gpt-x'):
        self.s = s
        self.tenant = scenery.tenant(name)
        self.bot = scenery.Bot(self.tenant, name, model)
        self.manage = self.key('manage', 'read')
        self.reader = self.key('read')

    def key(self, *scopes):
        words = [w for scope in scopes for w in ('--scope', scope)]
        return scenery.made('key', 'add', self.tenant, '--secret', *words)['key']

    def get(self, key=None):
        return self.s.send('GET', CONFIG, key=key or self.manage)

    def put(self, **body):
        return self.s.send('PUT', CONFIG, key=self.manage, body=body)

    def provider(self, **members):
        return self.put(providers=[dict(dict(name='openai'), **members)])

    def trial(self, **body):
        return self.s.send('POST', TRIAL, key=self.manage, body=dict(dict(provider='openai'), **body))

    def shown(self, name='openai'):
        return next(p for p in self.get().json['providers'] if p['name'] == name)


def new_key():
    return 'sk-own-' + secrets.token_hex(16)


def asked(s, bot, services, words='Hello there?'):
    """What reached the services by one question."""
    services.take()
    answer = s.ask(bot, words)
    return answer, services.take()


def test_who_may(s):
    o = Office(s, 'who-may')
    s.same('a key that may read sees the services', o.get(o.reader).status, 200)
    s.problem('it may not set them', s.send('PUT', CONFIG, key=o.reader, body={}), 403, 'forbidden')
    s.problem('nor try them', s.send('POST', TRIAL, key=o.reader, body=dict(provider='openai')), 403, 'forbidden')
    for method, path in (('GET', CONFIG), ('PUT', CONFIG), ('POST', TRIAL)):
        body = None if method == 'GET' else {}
        s.problem(f'a public key: {method} {path}', s.send(method, path, key=o.bot.public, body=body), 403, 'forbidden')
        s.problem(f'nobody: {method} {path}', s.send(method, path, body=body), 401, 'unauthorized')


def test_what_is_wrong(s):
    o = Office(s, 'wrong-input')
    key = new_key()
    one = lambda **m: dict(providers=[dict(dict(name='openai'), **m)])
    table = [
        ('defaults', dict(defaults='x')),
        ('defaults.provider', dict(defaults=dict(provider='nobody'))),
        ('defaults.temperature', dict(defaults=dict(temperature=3))),
        ('defaults.maxTokens', dict(defaults=dict(maxTokens=0))),
        ('defaults.model', dict(defaults=dict(model='x'))),
        ('defaults.other', dict(defaults=dict(other=1))),
        ('other', dict(other=1)),
        ('providers', dict(providers={})),
        ('providers', dict(providers=[dict(name='openai')] * 4)),
        ('providers[0]', dict(providers=['openai'])),
        ('providers[0].name', dict(providers=[{}])),
        ('providers[0].name', dict(providers=[dict(name='nobody')])),
        ('providers[1].name', dict(providers=[dict(name='openai'), dict(name='openai')])),
        ('providers[0].apiKey', one(apiKey=1)),
        ('providers[0].apiKey', one(apiKey='short')),
        ('providers[0].apiKey', one(apiKey=key + '\r\nx-evil: 1')),
        ('providers[0].apiKey', one(apiKey=key + ' ' + key)),
        ('providers[0].apiKey', one(apiKey='ü' * 20)),
        ('providers[0].apiKey', one(apiKey='k' * 501)),
        ('providers[0].baseUrl', one(baseUrl=1)),
        ('providers[0].baseUrl', one(baseUrl='ftp://x.example')),
        ('providers[0].baseUrl', one(baseUrl='https://user:pass@x.example')),
        ('providers[0].baseUrl', one(baseUrl='https://x.example/v1?key=1')),
        ('providers[0].baseUrl', one(baseUrl='file:///etc/passwd')),
        ('providers[0].baseUrl', one(baseUrl='https://x.example/' + 'a' * 300)),
        ('providers[0].model', one(model='')),
        ('providers[0].model', one(model='x' * 201)),
        ('providers[0].other', one(other=1)),
    ]
    for name, body in table:
        answer = o.put(**body)
        s.problem(f'{name}: {str(body)[:60]}', answer, 400, 'invalid_request')
        s.check(f'{name} is named, and no key repeated', answer.json['detail'].startswith(name)
                and key not in answer.body.decode(), answer.json['detail'])
    for name, body in (('provider', {}), ('provider', dict(provider='nobody')),
                       ('model', dict(provider='openai', model=1)), ('other', dict(provider='openai', other=1))):
        answer = s.send('POST', TRIAL, key=o.manage, body=body)
        s.problem(f'a trial without a good {name}', answer, 400, 'invalid_request')
        s.check(f'a trial names {name}', answer.json['detail'].startswith(name), answer.json['detail'])
    s.same('nothing was stored of all that', o.shown()['configured'], False)


def test_a_key_is_never_shown(s):
    o = Office(s, 'never-shown')
    key = new_key()
    before = o.get()
    s.same('at first there is none', [p['configured'] for p in before.json['providers']], [False] * 3)
    set_ = o.provider(apiKey=key, baseUrl=s.theirs.openai, model='gpt-own')
    got = o.get()
    s.same('it is taken', set_.status, 200)
    s.check('no answer shows it', key not in (set_.body + got.body).decode())
    shown = o.shown()
    s.same('what is shown instead',
           [shown['configured'], shown['hint'], shown['baseUrl'], shown['model']],
           [True, '…' + key[-4:], s.theirs.openai, 'gpt-own'])
    s.check('and when it was set', (shown['updatedAt'] or '').endswith('Z'), shown['updatedAt'])
    s.same('answers are for nobody\'s cache', got.header('cache-control'), 'no-store')
    rows = h.sql(f"SELECT encode(sealed, 'hex'), hint FROM providers WHERE tenant_id = '{o.tenant}'")
    s.check('the database has it sealed only', len(rows) == 1 and key.encode().hex() not in rows[0][0], len(rows))
    audit = h.sql(f"SELECT to_jsonb(a)::text FROM audit_log a WHERE tenant_id = '{o.tenant}' AND noun = 'providers'")
    s.check('the change is in the audit log, without the key', len(audit) == 1 and key not in str(audit), audit)


def test_merging(s):
    o = Office(s, 'merging')
    key = new_key()
    o.provider(apiKey=key, model='one')
    o.put(defaults=dict(provider='openai', model='m', temperature=0.5))
    o.put(providers=[dict(name='ollama', baseUrl='http://ollama.example:11434')])
    got = o.put(defaults=dict(maxTokens=77))
    s.same('members of the defaults that are left out stay', got.json['defaults'],
           dict(provider='openai', model='m', temperature=0.5, maxTokens=77))
    s.same('so do other services', [o.shown()['configured'], o.shown('ollama')['baseUrl']],
           [True, 'http://ollama.example:11434'])
    o.provider(model='two')
    s.same('a key stays when something else is set', [o.shown()['configured'], o.shown()['model']], [True, 'two'])
    got = o.put(defaults=dict(temperature=None, model=None))
    s.same('null takes away', got.json['defaults'], dict(provider='openai', maxTokens=77))
    answer = o.provider(baseUrl=s.theirs.openai)
    s.problem('a stored key does not move to another place', answer, 400, 'invalid_request')
    s.check('and is asked for', answer.json['detail'].startswith('providers[0].apiKey'), answer.json['detail'])
    o.provider(baseUrl=s.theirs.openai, apiKey=key)
    s.same('with the key it does', o.shown()['baseUrl'], s.theirs.openai)
    o.provider(apiKey=None, baseUrl=None, model=None)
    s.same('null takes a service away', [o.shown()[m] for m in ('configured', 'hint', 'baseUrl', 'model')],
           [False, '', None, None])


def test_the_key_reaches_its_service_and_no_other(s):
    o, other = Office(s, 'own-key'), Office(s, 'without-key')
    key = new_key()
    o.provider(apiKey=key, baseUrl=s.theirs.openai)
    s.ours.take()
    answer, requests = asked(s, o.bot, s.theirs)
    s.same('an answer of the own service', answer.status, 200)
    s.same('it was asked with the tenant\'s key, once', credentials(requests), ['Bearer ' + key])
    s.same('and for the bot\'s model', [r['body']['model'] for r in requests], ['gpt-x'])
    s.same('the installation\'s service was not asked', s.ours.take(), [])

    answer, requests = asked(s, other.bot, s.ours)
    s.same('a tenant without a key has the installation\'s', credentials(requests), ['Bearer ' + scenery.HOUSE_KEY])
    s.same('and nobody else\'s service', s.theirs.take(), [])

    o.provider(apiKey=key, baseUrl=None)
    used = s.until(lambda: asked(s, o.bot, s.ours)[1], lambda r: credentials(r) == ['Bearer ' + key])
    s.same('an own key without a base URL goes to the usual place', credentials(used), ['Bearer ' + key])


def test_the_key_of_the_house_stays_at_home(s):
    o = Office(s, 'only-a-url')
    o.provider(baseUrl=s.theirs.openai)
    answer, requests = asked(s, o.bot, s.theirs)
    s.same('an answer of a service that wants no key', answer.status, 200)
    s.same('the installation\'s key is not sent there', credentials(requests), [''])
    o.put(providers=[dict(name='anthropic', baseUrl=s.theirs.url)])
    used = o.trial(provider='anthropic', model='claude-x')
    s.same('nor to another kind of service', [used.json['ok'], credentials(s.theirs.take())], [True, ['']])


def test_a_new_key_is_used_at_once(s):
    o = Office(s, 'new-key')
    keys = [new_key() for _ in range(3)]
    for key in keys:
        o.provider(apiKey=key, baseUrl=s.theirs.openai)
        used = s.until(lambda: asked(s, o.bot, s.theirs)[1], lambda r: credentials(r) == ['Bearer ' + key], 5)
        s.same('within seconds of its setting', credentials(used), ['Bearer ' + key])


def test_defaults_are_for_bots_that_name_nothing(s):
    o = Office(s, 'defaults')
    key = new_key()
    plain = scenery.Bot(o.tenant, 'plain', '')
    o.put(defaults=dict(provider='anthropic', model='claude-own', temperature=0.25),
          providers=[dict(name='anthropic', apiKey=key, baseUrl=s.theirs.url)])
    answer, requests = asked(s, plain, s.theirs)
    s.same('the tenant\'s service answers', [answer.status, credentials(requests)], [200, [key]])
    seen = requests[0]['body'] if requests else {}
    s.same('with his model and temperature', [seen.get('model'), seen.get('temperature')], ['claude-own', 0.25])
    answer, requests = asked(s, o.bot, s.ours)
    s.same('a bot that names one keeps it', [r['body']['model'] for r in requests], ['gpt-x'])


def test_trying_out(s):
    o = Office(s, 'trial')
    o.provider(apiKey=new_key(), baseUrl=s.theirs.openai, model='gpt-own')
    got = o.trial()
    s.same('it answers', [got.status, got.json.get('ok'), got.json.get('model')], [200, True, 'gpt-own'])
    s.check('with what it took', got.json['latencyMs'] >= 0 and got.json['usage']['outputTokens'] > 0, got.json)
    got = o.trial(model='gpt-other')
    s.same('another model can be tried', [got.json.get('ok'), got.json.get('model')], [True, 'gpt-other'])
    closed = h.free_port()
    o.provider(apiKey=new_key(), baseUrl=f'https://127.0.0.1:{closed}/v1')
    got = o.trial()
    s.same('a place that is not public is refused', [got.status, got.json['ok'], got.json['code']],
           [200, False, 'upstream_refused'])


def test_trying_out_is_spending(s):
    o = Office(s, 'trial-spends')
    o.provider(apiKey=new_key(), baseUrl=s.theirs.openai, model='gpt-own')
    of = f"WHERE tenant_id = '{o.tenant}'"
    s.same('at first nothing is used', h.sql(f'SELECT count(*) FROM usage_daily {of}'), [['0']])
    got = o.trial()
    used = got.json['usage']['inputTokens'] + got.json['usage']['outputTokens']
    booked = f'SELECT sum(input_tokens + output_tokens) FROM usage_daily {of}'
    s.same('what a trial uses is booked', [got.json['ok'], h.sql(booked)], [True, [[str(used)]]])
    h.ctl('tenant', 'set', o.tenant, '--ceiling-tokens', str(used), '--json')
    s.theirs.take()
    got = o.trial()
    s.same('and capped', [got.status, got.json.get('ok'), got.json.get('code')], [200, False, 'quota_exceeded'])
    s.same('nobody was asked', s.theirs.take(), [])
    h.ctl('tenant', 'set', o.tenant, '--ceiling-tokens', '100000', '--json')
    s.same('under the cap it goes', o.trial().json['ok'], True)
    o.provider(apiKey=new_key(), baseUrl=f'https://127.0.0.1:{h.free_port()}/v1')
    s.same('one that fails', o.trial().json['ok'], False)
    s.same('uses nothing', h.sql(booked), [[str(2 * used)]])
    s.same('nothing stays held', h.sql(f'SELECT count(*) FROM spend_holds {of}'), [['0']])


def test_private_places_are_not_reached(s):
    """Addresses that lead inside; the listener on loopback is never connected to."""
    o = Office(s, 'inside')
    canary = Listener()
    for host in ('127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0x7f.1'):
        url = f'http://{host}:{canary.port}/v1'
        answer = o.provider(apiKey=new_key(), baseUrl=url)
        if answer.status == 200:
            got = o.trial()
            s.same(f'{host} is refused', [got.status, got.json.get('ok')], [200, False])
        else:
            s.problem(f'{host} is no URL', answer, 400, 'invalid_request')
    s.same('nobody came', canary.end(), 0)


class Listener:
    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(('127.0.0.1', 0))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]
        self.came = 0
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            conn, _ = self.socket.accept()
            if conn.recv(1) == b'.':
                return
            self.came += 1
            conn.close()

    def end(self):
        with socket.create_connection(('127.0.0.1', self.port)) as last:
            last.sendall(b'.')
            self.thread.join()
        self.socket.close()
        return self.came


def test_another_tenants_service_is_not_seen(s):
    a, b = Office(s, 'mine'), Office(s, 'not-mine')
    key = new_key()
    a.provider(apiKey=key, baseUrl=s.theirs.openai, model='canary-model')
    seen = json.dumps(b.get().json)
    s.check('nothing of it is in the other\'s', 'canary-model' not in seen and key[-4:] not in seen, seen)
    moved = h.sql(f"""INSERT INTO providers (tenant_id, name, base_url, model, sealed, tenant_kid, hint)
        SELECT '{b.tenant}', name, base_url, model, sealed, tenant_kid, hint FROM providers
         WHERE tenant_id = '{a.tenant}' RETURNING 1""")
    s.same('a sealed key that somebody copies to another tenant', moved, [['1']])
    s.theirs.take()
    got = b.trial()
    s.same('does not open there', [got.json['ok'], s.theirs.take()], [False, []])
    s.check('and the words tell nothing', key not in got.body.decode(), got.json)

"""scene - what the checks of the contract act on: running processes, tenants, bots and keys.

Three gateways share the stores and the workers: `main` with rates out of the way, `strict` with the
default ones, `capped` with caps so small that they are met.
"""
import json
import os
import pwd
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'drill'))
import harness as h
import mail_hook
import model_services
import prism
import site_of_gardens
import talk

QUICK = 'scripted:mock-len12'  # twelve tokens at once
DEAR = 'scripted:mock-len12-dear'  # the same at a thousandth of a euro a token
SLOW = 'scripted:mock-ttft120-itl30-len40'  # 1.3 s
LASTING = 'scripted:mock-ttft100-itl100-len600'  # a minute
WIDE = dict(
    CC_RATE_FREE=10**6, CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6, CC_LOGIN_TRIES=10**6
)
SANITIZER = re.compile('(Address|Leak|Thread)Sanitizer|runtime error:')
CAPS = dict(CC_INFLIGHT_TENANT=5, CC_INFLIGHT_TOTAL=12)
ORIGIN = 'https://shop.example'
INTERNAL = 'a-secret-between-programs'
PRICES = ','.join(
    f'mock-{name}-dear=1000/500/1000'
    for name in ('len12', 'ttft1500-len12', 'ttft100-itl100-len600', 'len12-cut9')
)
TOKEN_KEYS = {'k2': '5a' * 32, 'k1': 'c3' * 32}  # the first signs
IDENTITY_KEY = '7e' * 32
HOUSE_KEY = 'sk-of-the-installation'  # for bots that name openai, and have no key of their own


class Bot:
    """A bot with a public and a secret key of its own."""

    def __init__(self, tenant, name, model, origins=('*',), server_use=True):
        self.tenant = tenant
        more = [word for origin in origins for word in ('--origin', origin)]
        if server_use:
            more.append('--server-use')
        self.id = made('bot', 'add', tenant, name, '--model', model, *more)['botId']
        self.public, self.secret = self.key('public'), self.key('secret')

    def key(self, kind):
        return made('key', 'add', self.tenant, '--' + kind, '--bot', self.id)['key']


def made(*args):
    return json.loads(h.ctl(*args, '--json'))


def tenant(name, tier='paid'):
    return made('tenant', 'add', name, '--tier', tier)['tenantId']


def seal_keys():
    """The operator's key pair; the file belongs to whom the processes run as."""
    folder = os.path.join(os.environ['CC_TEST_DIR'], 'seal')
    path = os.path.join(folder, 'keyring')
    os.mkdir(folder, 0o700)
    h.ctl('seal', 'init', CC_SEAL_KEYRING=path)
    if os.getuid() == 0:
        who = pwd.getpwnam(h.UNPRIVILEGED)
        for name in (folder, path):
            os.chown(name, who.pw_uid, who.pw_gid)
    return path


class Scene:
    def __init__(self, full):
        self.full = full
        self.checks = h.Checks()
        self.fleet = h.Fleet()
        self.ports = {}
        static = os.environ.get('CC_STATIC_DIR', os.path.join(h.ROOT, 'widget', 'dist'))
        models = os.environ.get('CC_TOKENS_DIR', os.path.join(h.ROOT, 'var', 'models', 'tokens'))
        self.site = site_of_gardens.Site()
        self.hook = mail_hook.MailHook()
        # model services: the installation's, and one that tenants may name
        self.ours, self.theirs = model_services.ModelServices(), model_services.ModelServices()
        self.common = common = dict(
            CC_EMBED='hash',
            CC_TOKENS_DIR=models,
            CC_CACHE_ANSWER_S=0,
            CC_PRICES=PRICES,
            CC_STATIC_DIR=static,
            CC_GRACE_MS=2000,
            CC_WEB_ALLOW=f'127.0.0.1:{self.site.port}',
            CC_WEB_PAUSE_MS=10,
            CC_TOKEN_KEYS=','.join(f'{kid}:{key}' for kid, key in TOKEN_KEYS.items()),
            CC_IDENTITY_KEY=IDENTITY_KEY,
            CC_SEAL_KEYRING=seal_keys(),
            CC_MAIL_URL=self.hook.url,
            CC_MAIL_SECRET=mail_hook.SECRET,
            CC_MODEL_FREE='builtin',
            CC_MODEL_PAID='builtin',
            CC_OPENAI_URL=self.ours.openai,
            CC_OPENAI_KEY=HOUSE_KEY,
            CC_ANTHROPIC_URL=self.ours.url,
            CC_ANTHROPIC_KEY=HOUSE_KEY,
            CC_PROVIDER_ALLOW=self.theirs.place,
        )
        self._gateway('main', **WIDE, CC_INTERNAL_SECRET=INTERNAL)
        self._gateway('strict')
        self._gateway('capped', **WIDE, CC_TRUST_PROXY=1, **CAPS)
        for i in range(2):
            self.fleet.start(f'worker-{i}', 'cc-worker', **common)
        self.fleet.start('ingest', 'cc-ingest', **common)
        for port in self.ports.values():
            h.await_ready(port)
        self.port = self.ports['main']
        if prism.PROGRAM:
            self._validate(self.port)
        self._bots()

    def _gateway(self, name, **env):
        self.ports[name] = h.free_port()
        self.fleet.start(
            f'gateway-{name}',
            'cc-gateway',
            CC_GATEWAY_PORT=self.ports[name],
            CC_INSTANCE=f'gateway-{name}',
            **{**self.common, 'CC_SEAL_KEYRING': '', **env},  # it has nothing to open with
        )

    def _validate(self, port):
        """From here on what goes to this gateway goes through a validating proxy."""
        self.prism = prism.Prism(self.fleet.log, port, h.free_port())
        h.await_ready(self.prism.port)
        talk.proxies[port] = self.prism

    def extra_gateway(self, name, **env):
        """One more for one check, ready; returns its port."""
        self._gateway(name, **{**WIDE, **env})
        port = self.ports.pop(name)
        h.await_ready(port)
        return port

    def _bots(self):
        self.house = tenant('house')
        self.quick = Bot(self.house, 'quick', QUICK)
        self.slow = Bot(self.house, 'slow', SLOW)
        self.lasting = Bot(self.house, 'lasting', LASTING)
        self.refused = Bot(self.house, 'refused', 'scripted:mock-err400')
        self.page = Bot(self.house, 'page', QUICK, (ORIGIN, 'https://*.wild.example'), server_use=False)
        self.library = Bot(tenant('library'), 'library', 'builtin:')
        self.foreign = Bot(tenant('foreign'), 'foreign', QUICK)

    def end(self):
        """Everybody goes in order, and no sanitizer has found anything."""
        self.fleet.stop()
        self.site.end()
        self.hook.end()
        self.ours.end()
        self.theirs.end()
        self._violations()
        codes = {name: p.returncode for name, p in self.fleet.procs.items()}
        self.check('every process ended by itself, with 0', not any(codes.values()), codes)
        found = []
        for name in codes:
            with open(os.path.join(self.fleet.log, name + '.log'), errors='replace') as f:
                found += [f'{name}: {line.strip()}' for line in f if SANITIZER.search(line)]
        self.check('no sanitizer has found anything', not found, found[:5])

    def _violations(self):
        """Of what went through the proxy, where there is one."""
        if prism.PROGRAM:
            self.prism.end()
            seen = '\n     '.join([''] + sorted(set(self.prism.violations))[:60])
            words = f'{self.prism.passed} exchanges through the validating proxy are as described'
            self.check(words, self.prism.passed > 0 and not self.prism.violations, seen)

    def check(self, words, ok, seen=''):
        self.checks.check(words, ok, '' if ok else seen)
        return ok

    def same(self, words, got, wanted):
        return self.check(words, got == wanted, f'got {got!r}, wanted {wanted!r}')

    def send(self, method, path, **more):
        return talk.send(more.pop('port', self.port), method, path, **more)

    def stream(self, path='/api/widget/chat/stream', method='POST', **more):
        return talk.Stream(more.pop('port', self.port), method, path, **more)

    def ask(self, bot, message='What is there?', path='/api/widget/chat', **body):
        """One answer as a whole; body: further members of the request."""
        return self.send('POST', path, key=bot.public, body=dict(message=message, **body))

    def ask_at(self, gateway, bot):
        return self.send(
            'POST', '/api/widget/chat', key=bot.secret, body=dict(message='hi'), port=self.ports[gateway]
        )

    def told(self, bot, message='What is there?', **body):
        """One answer as a stream, read to its end."""
        return self.stream(key=bot.public, body=dict(message=message, **body)).read()

    def until(self, ask, good, seconds=30):
        """Asks again until the answer is good; the last one in any case."""
        end = time.monotonic() + seconds
        while not good(got := ask()) and time.monotonic() < end:
            time.sleep(0.05)
        return got

    def stored(self, answer):
        """The messages of an answer as PostgreSQL has them."""
        rows = h.sql(
            "SELECT json_build_object('role', role, 'text', text, 'sources', sources::json) FROM messages "
            f"WHERE answer_id = '{answer}' ORDER BY seq"
        )
        return [json.loads(r[0]) for r in rows]

    def row(self, answer):
        names = ['state', 'attempt', 'finish', 'input_tokens', 'output_tokens']
        rows = h.sql(f"SELECT {', '.join(names)} FROM answers WHERE id = '{answer}'")
        return dict(zip(names, rows[0])) if rows else None

    def problem(self, words, answer, status, code):
        """One line: the whole problem object, its header and its id."""
        wrong = talk.problem_faults(answer, status, code)
        return self.check(f'{words}: {status} {code}', not wrong, wrong)

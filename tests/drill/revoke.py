"""revoke - how long a revoked key and an ended login are still let in, on every gateway process.

usage: tests/support/servers --migrate -- python3 tests/drill/revoke.py [--rounds N] [--limit SECONDS] [--only WORDS]

Three gateways, one of them with two Kore workers, keep a public key, the id of a bot, which stands for
its only public key, a secret key and a login.  All are taken away at the same moment: with all well; while every link to the live Redis is cut
again and again; while it is down and comes back; while it is frozen, so that links stand and nothing
comes.  Where no notice could be sent, none is: only the row in PostgreSQL changes.  Asked all the
time from new connections; the last request that was let in counts from when it was sent.
"""
import argparse
import base64
import contextlib
import json
import os
import subprocess
import threading
import time

import harness as h

KEYS = 'k1:' + '5a' * 32
WIDE = 10**6
PASSWORD = 'correct horse battery'
FROZEN_S = 8  # longer than the limit
MOMENT_S = 3.5  # links survive it, and whoever had a notice to send has given up


def bearer(secret):
    return {'authorization': 'Bearer ' + secret}


def claims(token):
    text = token.split('.')[1]
    return json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))


class Credential:
    """What is shown, where, and how it is taken away: `told` with a notice, `row` in SQL alone."""

    def __init__(self, name, path, secret, told, row):
        self.name, self.path, self.secret, self.told, self.row = name, path, secret, told, row

    def ask(self, port):
        try:
            return h.request(port, 'GET', self.path, headers=bearer(self.secret), timeout=15)[0]
        except OSError as e:
            return repr(e)

    def await_only(self, wanted, port, seconds=30):
        """In a row, so that each Kore worker of the process says it; else what came last."""
        end, row, seen = time.monotonic() + seconds, 0, None
        while row < 24 and time.monotonic() < end:
            seen = self.ask(port)
            row = row + 1 if seen == wanted else 0
        return wanted if row == 24 else seen


class Watch:
    """Asks one gateway with one credential all the time, and notes when it was last let in."""

    def __init__(self, credential, port):
        self.credential, self.port = credential, port
        self.seen, self.last_in = {}, None
        self.let_in, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.over.wait(0.02):
            began = time.monotonic()
            status = self.credential.ask(self.port)
            self.seen[status] = self.seen.get(status, 0) + 1
            if status == 200:
                self.last_in = began
                self.let_in.set()

    def end(self):
        self.over.set()
        self.thread.join()


class House:
    def __init__(self, ports):
        self.ports, self.n = ports, 0
        made = lambda *words: json.loads(h.ctl(*words, '--json'))
        self.tenant = made('tenant', 'add', 'house', '--tier', 'paid')['tenantId']
        self.model = ('--origin', '*', '--server-use', '--model', 'scripted:mock-len12')
        self.bot = made('bot', 'add', self.tenant, 'bot', *self.model)['botId']
        self.made = made

    def key(self, kind):
        made = self.made('key', 'add', self.tenant, '--' + kind, '--bot', self.bot)
        path = '/api/widget/config' if kind == 'public' else '/api/dashboard/documents?limit=1'
        return Credential(kind + ' key', path, made['key'], *self.ends(made['keyId']))

    def ends(self, key):
        """How a key is taken away: with a notice, and by its row alone."""
        row = f"UPDATE api_keys SET revoked_at = now() WHERE id = '{key}'"
        return lambda: h.ctl('key', 'revoke', self.tenant, key), row

    def bot_id(self):
        """The id of a bot of one public key."""
        bot = self.made('bot', 'add', self.tenant, 'by id', *self.model)['botId']
        key = self.made('key', 'add', self.tenant, '--public', '--bot', bot)
        return Credential('bot id', '/api/widget/config', bot, *self.ends(key['keyId']))

    def login(self):
        """One login of somebody who has another one, with which he ends the first."""
        self.n += 1
        who = dict(email=f'ada{self.n}@people.example', password=PASSWORD)
        first = self._post('/api/auth/register', dict(who, name='ada', company='house'), 201)
        other = self._post('/api/auth/login', who, 200)['accessToken']
        sid = claims(first['accessToken'])['sid']

        def told():
            status, body = h.request(self.ports[0], 'DELETE', f'/api/auth/sessions/{sid}', headers=bearer(other))
            assert status == 204, (status, body)

        row = f"UPDATE logins SET revoked_at = now(), reason = 'logout' WHERE id = '{sid}'"
        return Credential('login', '/api/auth/me', first['accessToken'], told, row)

    def _post(self, path, body, wanted):
        status, said = h.request(self.ports[0], 'POST', path, body)
        assert status == wanted, (path, status, said)
        return json.loads(said)

    def credentials(self):
        return [self.key('public'), self.bot_id(), self.key('secret'), self.login()]


# ---- how it goes with the live Redis meanwhile: each takes the credentials away, and returns when
# it did and what mends the server afterwards ----

def take_away(credentials, told):
    began = time.monotonic()
    if told:
        for c in credentials:
            c.told()
    else:
        h.sql('BEGIN; ' + '; '.join(c.row for c in credentials) + '; COMMIT')
    return began


def all_well(credentials):
    return take_away(credentials, True), lambda: None


@contextlib.contextmanager
def cut_again_and_again():
    over = threading.Event()
    path = os.path.join(os.environ['CC_TEST_DIR'], 'redis-live.sock')

    def work():
        while not over.wait(0.02):
            for kind in ('pubsub', 'normal'):
                subprocess.run(['redis-cli', '-s', path, 'client', 'kill', 'type', kind],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    t = threading.Thread(target=work, daemon=True)
    t.start()
    try:
        yield
    finally:
        over.set()
        t.join()


def links_cut(credentials):
    with cut_again_and_again():
        time.sleep(0.2)  # some links are down at any moment of it
        began = take_away(credentials, False)
        time.sleep(0.5)
    return began, lambda: None


def down_and_up(credentials):
    h.server('redis-live', 'stop')
    began = take_away(credentials, False)
    time.sleep(1)
    h.server('redis-live', 'start')
    return began, lambda: None


def down(credentials):
    h.server('redis-live', 'stop')
    return take_away(credentials, False), lambda: h.server('redis-live', 'start')


def frozen_for(seconds):
    def way(credentials):
        t = threading.Thread(target=h.server, args=('redis-live', 'pause', seconds), daemon=True)
        t.start()
        path = os.path.join(os.environ['CC_TEST_DIR'], 'redis-live.sock')
        while subprocess.run(['redis-cli', '-s', path, '-t', '1', 'ping'], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout == b'PONG\n':
            pass
        return take_away(credentials, False), t.join

    return way


WAYS = {'all is well': all_well, 'the links to Redis are cut': links_cut, 'Redis is restarted': down_and_up,
        'Redis is frozen': frozen_for(FROZEN_S), 'Redis is frozen for a moment': frozen_for(MOMENT_S),
        'Redis is down': down}


def judge(checks, words, watch, began, limit):
    late = max(0.0, watch.last_in - began) if watch.last_in else 0.0
    odd = {s: n for s, n in watch.seen.items() if s not in (200, 401, 503)}
    checks.check(f'{words}: not let in beyond {limit:.0f} s', watch.last_in and late <= limit,
                 f'{late:.2f} s, answers {watch.seen}')
    checks.check(f'{words}: nothing else was answered', not odd, odd or '')
    return late


def one_round(checks, house, words, way, limit):
    credentials, bystander = house.credentials(), house.key('secret')
    ports = house.ports
    for c in [*credentials, bystander]:
        for port in ports:
            if (seen := c.await_only(200, port)) != 200:
                checks.check(f'{words}: the {c.name} is let in before', False, seen)
    watches = [Watch(c, port) for c in credentials for port in ports]
    for w in watches:
        w.let_in.wait(10)
    began, mend = way(credentials)
    time.sleep(max(0.0, limit + 1.5 - (time.monotonic() - began)))
    for w in watches:
        w.end()
    mend()
    worst = {}
    for w in watches:
        name = w.credential.name
        late = judge(checks, f'{words}, {name}, gateway {ports.index(w.port)}', w, began, limit)
        worst[name] = max(worst.get(name, 0.0), late)
    for i, port in enumerate(ports):
        seen = [c.await_only(401, port) for c in credentials]
        checks.check(f'{words}: in the end gateway {i} refuses all', seen == [401] * len(credentials), seen)
        seen = bystander.await_only(200, port)
        checks.check(f'{words}: ... and lets in who was not revoked', seen == 200, seen)
    print(f'figures {words}: ' + ', '.join(f'{n} {s:.2f} s' for n, s in worst.items()), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--rounds', type=int, default=1)
    p.add_argument('--limit', type=float, default=5.0)
    p.add_argument('--only', default='', help='ways that contain this text')
    args = p.parse_args()
    fleet, ports = h.Fleet(), []
    for i in range(3):
        ports.append(h.free_port())
        fleet.start(f'gateway-{i}', 'cc-gateway', CC_GATEWAY_PORT=ports[i], CC_GATEWAY_WORKERS=2 if i == 2 else 1,
                    CC_INSTANCE=f'gateway-{i}', CC_TOKEN_KEYS=KEYS, CC_RATE_FREE=WIDE, CC_RATE_PAID=WIDE,
                    CC_LOGIN_TRIES=WIDE)
    for port in ports:
        h.await_ready(port, fleet=fleet)
    checks = h.Checks()
    house = House(ports)
    for _ in range(args.rounds):
        for words, way in ((w, f) for w, f in WAYS.items() if args.only in w):
            one_round(checks, house, words, way, args.limit)
    fleet.stop()
    codes = {name: p.returncode for name, p in fleet.procs.items()}
    checks.check('every gateway ended by itself, with 0', not any(codes.values()), codes)
    checks.end()


main()

"""spend - many visitors at once against a cap of one euro a day: what is spent never exceeds it.

usage: tests/support/servers --migrate -- python3 tests/drill/spend.py [--chats N] [--seed N]

About three tenths of the chats fit.  Whoever does not fit is told so: 429 quota_exceeded, or the
error event.  Then the same while a worker and while a gateway is killed in the middle.
"""
import argparse
import json
import random
import threading
import time

import harness as h

EURO = 10**6            # in millionths
WORDS = 40              # of an answer: what the model is allowed to say, and says
MODEL = f'mock-ttft30-itl10-len{WORDS}'
ANSWER_S = 20
ENV = dict(CC_LEASE_MS=2000, CC_RECLAIM_MS=200, CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6,
           CC_CACHE_ANSWER_S=0, CC_EMBED='hash', CC_ANSWER_SECONDS=ANSWER_S, CC_INFLIGHT_TENANT=5000,
           CC_GATEWAY_CONNECTIONS=3000, CC_METRICS_CLIENT_ID=0)


def tenant(name, cap):
    t = json.loads(h.ctl('tenant', 'add', name, '--tier', 'paid', '--json'))['tenantId']
    h.ctl('tenant', 'set', t, '--ceiling-spend', cap, '--json')
    b = json.loads(h.ctl('bot', 'add', t, name, '--origin', '*', '--server-use', '--model', f'scripted:{MODEL}',
                         '--max-tokens', str(WORDS), '--json'))['botId']
    return t, json.loads(h.ctl('key', 'add', t, '--secret', '--bot', b, '--json'))['key']


def number(text):
    return int(h.sql(text)[0][0] or 0)


class Till:
    """What the tables say of a tenant; watched while visitors ask."""

    def __init__(self, tenant):
        self.of = f"WHERE tenant_id = '{tenant}'"
        self.highest = self.looked = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def both(self):
        return number(f'SELECT coalesce((SELECT sum(cost) FROM usage_daily {self.of}), 0) + '
                      f'coalesce((SELECT sum(cost) FROM spend_holds {self.of}), 0)')

    def _watch(self):
        while not self.stopping.wait(0.1):
            self.highest = max(self.highest, self.both())
            self.looked += 1

    def end(self):
        self.stopping.set()
        self.thread.join()

    def at_rest(self, seconds):
        """Until no answer is open and nothing is held; what is held then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not number(f"SELECT count(*) FROM answers {self.of} AND state = 'running'") and not self.held():
                break
            time.sleep(0.1)
        return self.held()

    def held(self):
        return number(f'SELECT count(*) FROM spend_holds {self.of} AND expires_at > now()')

    def sums(self):
        return [number(f'SELECT sum(cost) FROM {table} {self.of}') for table in ('usage_daily', 'usage_ledger', 'answers')]


class Crowd:
    def __init__(self, ports, key, n, seed):
        self.ports, self.key, self.rng = ports, key, random.Random(seed)
        self.lock = threading.Lock()
        self.seen, self.strange, self.retry = {}, [], []
        self.threads = [threading.Thread(target=self.ask, args=(i, self.rng.choice(ports)), daemon=True) for i in range(n)]

    def outcome(self, i, port):
        try:
            status, body = h.request(port, 'POST', '/api/widget/chat', dict(message=f'question {i}'),
                                     {'authorization': 'Bearer ' + self.key}, timeout=90)
        except OSError:
            return 'lost'
        except h.http.client.HTTPException:
            return 'lost'
        if status == 200:
            return 'done'
        code = json.loads(body).get('code')
        if status == 429 and code == 'quota_exceeded':
            return code
        self.strange.append((status, body[:200]))
        return code

    def ask(self, i, port):
        outcome = self.outcome(i, port)
        with self.lock:
            self.seen[outcome] = self.seen.get(outcome, 0) + 1

    def run(self, when=None, what=None):
        """what() once `when` visitors have their answer."""
        for t in self.threads:
            t.start()
        while what and self.seen.get('done', 0) < when and any(t.is_alive() for t in self.threads):
            time.sleep(0.01)
        if what:
            what()
        for t in self.threads:
            t.join()
        return self.seen


def one_by_one(port, key, most):
    """Until the cap says no; whether it did."""
    for i in range(most):
        status, body = h.request(port, 'POST', '/api/widget/chat', dict(message=f'one by one {i}'),
                                 {'authorization': 'Bearer ' + key}, timeout=60)
        if status != 200:
            return status == 429 and json.loads(body)['code'] == 'quota_exceeded'
    return False


def phase(checks, name, ports, args, bound, when=None, what=None, may_be_lost=False, taken_over=False):
    t, key = tenant(name, '1')
    till, crowd = Till(t), Crowd(ports, key, args.chats, args.seed)
    began = time.monotonic()
    seen = crowd.run(when, what)
    took = time.monotonic() - began
    held = till.at_rest(ANSWER_S + 30)
    checks.check(f'{name}: everybody is answered or told that the cap is reached',
                 not crowd.strange and set(seen) <= {'done', 'quota_exceeded'} | ({'lost'} if may_be_lost else set()),
                 f'{seen} in {took:.1f} s {crowd.strange[:2] or ""}')
    checks.check(f'{name}: some fit, others do not', seen.get('done', 0) > 0 and seen.get('quota_exceeded', 0) > 0)
    checks.check(f'{name}: afterwards nothing is held', held == 0, held)
    if taken_over:
        again = number(f'SELECT count(*) FROM answers {till.of} AND attempt > 1')
        checks.check(f'{name}: others go on with what it was at', again > 0, again)
    full = one_by_one(ports[0], key, args.chats)
    held = till.at_rest(30)
    till.end()
    daily, ledger, answers = till.sums()
    checks.check(f'{name}: never more than a euro was spent and under way', 0 < till.highest <= EURO,
                 f'{till.highest / EURO:.6f} at most, seen {till.looked} times')
    checks.check(f'{name}: the cap is used up to less than one more answer',
                 full and held == 0 and EURO - bound <= daily <= EURO, f'{daily / EURO:.6f} spent, {bound / EURO:.6f} wanted')
    checks.check(f'{name}: the ledger, the day and the answers say the same', daily == ledger == answers,
                 (daily, ledger, answers))


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--chats', type=int, default=1000)
    p.add_argument('--seed', type=int, default=random.randrange(10**6))
    args = p.parse_args()
    print('seed', args.seed, flush=True)
    fits = args.chats * 3 // 10
    price = EURO / fits / WORDS                 # of a million tokens of an answer, in euros
    ENV['CC_PRICES'] = f'{MODEL}=1/0.5/{price:.6f}'
    bound = round(WORDS * price) + 3000         # with a prompt of three thousand bytes at most

    fleet, checks = h.Fleet(), h.Checks()
    ports = [h.free_port(), h.free_port()]
    for i, port in enumerate(ports):
        fleet.start(f'gateway-{i}', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    for i in range(2):
        fleet.start(f'worker-{i}', 'cc-worker', CC_INSTANCE=f'worker-{i}', **ENV)
    for port in ports:
        h.await_ready(port)

    phase(checks, 'nothing dies', ports, args, bound)
    phase(checks, 'a worker is killed', ports, args, bound, fits // 5, lambda: fleet.restart('worker-0'),
          taken_over=True)

    def kill_gateway():
        fleet.restart('gateway-1')
        h.await_ready(ports[1])
    phase(checks, 'a gateway is killed', ports, args, bound, fits // 5, kill_gateway, may_be_lost=True)
    checks.end()


if __name__ == '__main__':
    main()

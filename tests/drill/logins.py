"""logins - a hundred people log in at once while visitors chat: who waits, and how much memory it takes.

usage: tests/support/servers --migrate -- python3 tests/drill/logins.py [--at-once N] [--waves N] [--chats N]

Visitors chat for some seconds alone, then for as long as waves of logins come in.  A login computes
argon2id over 19 MiB; each process does two at once, so its peak may grow by no more than those.
"""
import argparse
import json
import statistics
import threading
import time

import harness as h

KEYS = 'k1:' + '5a' * 32
WIDE = 10**6
PASSWORD = 'correct horse battery'
MODEL = 'scripted:mock-ttft120-itl30-len40'  # 1.3 s
ARGON_MB = 19  # of one computation
SLACK_MB = 12  # requests, stacks and answers of a hundred people
WORSE = 1.2  # p95 of chats beside logins, at most


def p95(values):
    return statistics.quantiles(values, n=20)[18]


class Chats:
    """Visitors who ask one question after the other until they are told to stop."""

    def __init__(self, port, key, n):
        self.port, self.key = port, key
        self.seconds, self.failed, self.over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(n)]

    def _run(self):
        while not self.over.is_set():
            began = time.monotonic()
            status, body = h.request(self.port, 'POST', '/api/widget/chat', dict(message='What is there?'),
                                     {'x-api-key': self.key}, timeout=60)
            self.seconds.append(time.monotonic() - began)
            if status != 200:
                self.failed.append((status, body[:200]))

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for t in self.threads:
            t.join()


def log_in_all(port, people):
    """All at the same moment; (status, seconds) of each."""
    gate, out = threading.Barrier(len(people)), [None] * len(people)

    def one(i):
        gate.wait()
        began = time.monotonic()
        try:
            status, _ = h.request(port, 'POST', '/api/auth/login', dict(email=people[i], password=PASSWORD), timeout=60)
        except OSError as e:
            status = repr(e)
        out[i] = status, time.monotonic() - began

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(people))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def status_mb(pid, name):
    with open(f'/proc/{pid}/status') as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith(name + ':'))


class Peaks:
    """How far the memory of each process of a program grows from now on."""

    def __init__(self, pid):
        self.pids = h.family(pid)
        self.before = {}
        for p in self.pids:
            with open(f'/proc/{p}/clear_refs', 'w') as f:
                f.write('5')  # the peak begins anew
            self.before[p] = status_mb(p, 'VmRSS')

    def grown(self):
        return {p: status_mb(p, 'VmHWM') - self.before[p] for p in self.pids}


def register(port, n):
    people = [f'person{i}@people.example' for i in range(n)]
    for i, email in enumerate(people):
        body = dict(email=email, password=PASSWORD, name=f'person {i}', company=f'company {i}')
        status, said = h.request(port, 'POST', '/api/auth/register', body)
        assert status == 201, (status, said)
    return people


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--at-once', type=int, default=100)
    p.add_argument('--waves', type=int, default=3)
    p.add_argument('--chats', type=int, default=16)
    args = p.parse_args()
    env = dict(CC_TOKEN_KEYS=KEYS, CC_RATE_FREE=WIDE, CC_RATE_PAID=WIDE, CC_RATE_VISITOR=WIDE, CC_RATE_ADDRESS=WIDE,
               CC_LOGIN_TRIES=WIDE, CC_CACHE_ANSWER_S=0, CC_EMBED='hash')
    port = h.free_port()
    fleet = h.Fleet()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
    fleet.start('worker', 'cc-worker', **env)
    h.await_ready(port, fleet=fleet)
    people = register(port, args.at_once)
    key = h.tenant('shop', MODEL)['public']
    with Chats(port, key, args.chats):  # everything is warm afterwards
        log_in_all(port, people[:4])
    with Chats(port, key, args.chats) as alone:
        time.sleep(6)
    peaks, logins = Peaks(fleet.procs['gateway'].pid), []
    with Chats(port, key, args.chats) as beside:
        began = time.monotonic()
        for _ in range(args.waves):
            logins += log_in_all(port, people)
        took = time.monotonic() - began
        time.sleep(max(0.0, 4 - took))
    grown = peaks.grown()
    checks = h.Checks()
    statuses = sorted({str(s) for s, _ in logins})
    waited = [t for _, t in logins]
    print(f'figures: chats alone p95 {p95(alone.seconds):.3f} s (n {len(alone.seconds)}), beside logins '
          f'{p95(beside.seconds):.3f} s (n {len(beside.seconds)})', flush=True)
    print(f'figures: {len(logins)} logins in {took:.2f} s, p50 {statistics.median(waited):.2f} s, p95 {p95(waited):.2f} s; '
          f'memory grew by {json.dumps({str(k): round(v, 1) for k, v in grown.items()})} MB', flush=True)
    checks.check(f'{args.at_once} at once are all let in', statuses == ['200'], statuses)
    checks.check('no chat failed', not alone.failed and not beside.failed, (alone.failed + beside.failed)[:3])
    ratio = p95(beside.seconds) / p95(alone.seconds)
    checks.check(f'p95 of chats is less than {WORSE:.0%} of what it was alone', ratio < WORSE, f'{ratio:.0%}')
    most = max(grown.values())
    checks.check('memory shows that passwords were computed', most > ARGON_MB * 0.9, f'{most:.1f} MB')
    checks.check('... and never more than two at once', most < 2 * ARGON_MB + SLACK_MB, f'{most:.1f} MB')
    fleet.stop()
    checks.end()


main()

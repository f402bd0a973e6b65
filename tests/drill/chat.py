"""chat - questions while everything is killed: no answer lost, none doubled, every text exact.

usage: tests/support/servers --migrate -- python3 tests/drill/chat.py [--chats N] [--at-once N]
           [--workers N] [--seed N] [--calm]

--calm kills nothing (to see that the drill itself is sound).  CC_BIN names the binaries: with ones
built without the fence the drill must fail (tests/drill/unfenced).
"""
import argparse
import os
import random
import re
import signal
import time

import harness as h

MODEL = 'scripted:mock-ttft40-itl8-len40'
LEASE_MS = 1500
AT_LEAST = 4        # answers that a worker is at when it is paused


def start(args, ports):
    fleet = h.Fleet()
    env = dict(CC_LEASE_MS=LEASE_MS, CC_RECLAIM_MS=200, CC_ATTEMPTS=60, CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6,
               CC_RATE_ADDRESS=10**6, CC_INFLIGHT_TENANT=10**6, CC_GRACE_MS=60000, CC_CACHE_ANSWER_S=0,
               CC_EMBED='hash', CC_LOG_LEVEL='info')
    for i, port in enumerate(ports):
        fleet.start(f'gateway-{i}', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
    for i in range(args.workers):
        fleet.start(f'worker-{i}', 'cc-worker', CC_WORKER_SLOTS=16, CC_METRICS_PORT=h.free_port(), **env)
    for port in ports:
        h.await_ready(port, fleet=fleet)
    return fleet


def held(fleet, name):
    """Answers that a worker is at, by its own page; none while it starts."""
    try:
        _, page = h.request(fleet.how[name][1]['CC_METRICS_PORT'], 'GET', '/metrics', timeout=1)
    except OSError:
        return 0
    m = re.search(rb'^jobs_running\{kind="chat"\} (\d+)', page, re.MULTILINE)
    return int(m[1]) if m else 0


def wreck(fleet, rng):
    """Paused is the worker that is at most answers.  It outlives its lease and is left alone until it
    has done its worst: a zombie that is killed before it wakes shows nothing."""
    chaos, resting = h.Chaos(), set()

    def awake():
        return [name for name in fleet.names('worker') if name not in resting]

    def busiest():
        return max((held(fleet, name), name) for name in awake())

    def pause():
        most, name = busiest()
        while most < AT_LEAST and not chaos.stopping.wait(0.02):
            most, name = busiest()
        resting.add(name)
        if fleet.kill(name, signal.SIGSTOP):
            time.sleep(2 * LEASE_MS / 1000)
            fleet.kill(name, signal.SIGCONT)
            time.sleep(0.8)     # twice what an answer takes
        resting.discard(name)
    chaos.every(0.2, 'worker killed', lambda: fleet.restart(rng.choice(awake())))
    chaos.every(3.1, 'gateway killed', lambda: fleet.restart(rng.choice(fleet.names('gateway'))))
    chaos.every(5.3, 'redis live killed', lambda: h.server('redis-live', 'kill'))
    chaos.every(6.1, 'redis queue killed', lambda: h.server('redis-queue', 'kill'))
    chaos.every(7.3, 'postgres crashed', lambda: h.server('pg', 'immediate'))
    for seconds in (0.7, 1.1):  # at most two of them rest at once
        chaos.every(seconds, 'worker paused', pause)
    return chaos


def judge(viewers, checks):
    rows = {r[0]: r for r in h.sql(
        "SELECT a.id, a.state, a.attempt, (SELECT count(*) FROM messages m WHERE m.tenant_id = a.tenant_id "
        "AND m.answer_id = a.id AND m.role = 'assistant'), (SELECT count(*) FROM usage_ledger u "
        "WHERE u.tenant_id = a.tenant_id AND u.answer_id = a.id), (SELECT md5(string_agg(m.text, '')) FROM messages m "
        "WHERE m.tenant_id = a.tenant_id AND m.answer_id = a.id AND m.role = 'assistant') FROM answers a")}
    import hashlib
    md5 = lambda s: hashlib.md5(s.encode()).hexdigest()
    lost = [v for v in viewers if v.done is None]
    stored = [rows.get(v.answer) for v in viewers]
    doubled = sum(1 for r in rows.values() if int(r[3]) > 1)
    charged = sum(1 for r in rows.values() if int(r[4]) > 1)
    unstored = sum(1 for r in stored if r is None or r[3] == '0' or r[4] == '0')
    inexact = [v for v in viewers if v.done is not None and v.text != v.done['text']]
    differs = [v for v, r in zip(viewers, stored) if v.done and r and r[5] != md5(v.done['text'])]
    checks.check('every viewer saw the end', not lost, f'{len(viewers) - len(lost)} of {len(viewers)}')
    for v in lost[:5]:
        print('     lost:', v.answer, v.last, v.error)
    checks.check('every answer is stored and charged', unstored == 0, f'{unstored} are not')
    checks.check('no message twice', doubled == 0, doubled)
    checks.check('no charge twice', charged == 0, charged)
    checks.check('every viewer\'s text is the joined tokens', not inexact, f'{len(inexact)} differ')
    checks.check('every viewer\'s text is the stored one', not differs, f'{len(differs)} differ')
    checks.check('no event twice', sum(v.doubled for v in viewers) == 0, sum(v.doubled for v in viewers))
    return rows


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--chats', type=int, default=500)
    p.add_argument('--at-once', type=int, default=40)
    p.add_argument('--workers', type=int, default=4)
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('--calm', action='store_true')
    args = p.parse_args()
    print(f'seed {args.seed}, {args.chats} chats, {args.at_once} at once, {args.workers} workers, binaries {os.path.basename(os.path.dirname(h.BIN))}')
    rng = random.Random(args.seed)
    who = h.tenant('drill', MODEL)
    ports = [h.free_port(), h.free_port()]
    fleet = start(args, ports)
    chaos = None if args.calm else wreck(fleet, rng)
    viewers = [h.Viewer(ports, who['public'], f'question {i} of {args.seed}', drop=0.2, seed=args.seed * 100003 + i)
               for i in range(args.chats)]
    began = time.monotonic()
    h.run_all(viewers, args.at_once)
    took = time.monotonic() - began
    counts = chaos.stop() if chaos else {}
    checks = h.Checks()
    rows = judge(viewers, checks)
    fleet.stop()
    waits = sorted(v.seconds for v in viewers)
    attempts = {}
    for r in rows.values():
        attempts[r[2]] = attempts.get(r[2], 0) + 1
    print(f'{took:.0f} s; ' + ', '.join(f'{k} {n} times' for k, n in sorted(counts.items())))
    print(f'resumes {sum(v.resumes for v in viewers)}; answers by attempts {dict(sorted(attempts.items(), key=lambda x: int(x[0])))}; '
          f'seconds p50 {waits[len(waits) // 2]:.1f} p95 {waits[int(len(waits) * .95)]:.1f} max {waits[-1]:.1f}')
    checks.end()


main()

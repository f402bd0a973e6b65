"""takeover - one answer at a time, one thing dies in the middle of it; the visitor's text is complete.

usage: tests/support/servers --migrate -- python3 tests/drill/takeover.py
"""
import os
import signal
import threading
import time

import harness as h

MODEL = 'scripted:mock-ttft100-itl40-len60'
LEASE_MS = 2000
ENV = dict(CC_LEASE_MS=LEASE_MS, CC_RECLAIM_MS=200, CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6,
           CC_RATE_ADDRESS=10**6, CC_CACHE_ANSWER_S=0, CC_EMBED='hash')


class Scene:
    """Two workers, two gateways; which of the workers has the answer is read from the row."""

    def __init__(self):
        self.fleet = h.Fleet()
        self.ports = [h.free_port(), h.free_port()]
        for i, port in enumerate(self.ports):
            self.fleet.start(f'gateway-{i}', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
        for i in range(2):
            self.fleet.start(f'worker-{i}', 'cc-worker', CC_INSTANCE=f'worker-{i}', **ENV)
        for port in self.ports:
            h.await_ready(port)
        self.who = h.tenant('takeover', MODEL)
        self.n = 0

    def ask(self, ports=None):
        self.n += 1
        v = h.Viewer(ports or self.ports, self.who['public'], f'question {self.n}', seed=self.n)
        t = threading.Thread(target=v.run, daemon=True)
        t.start()
        end = time.monotonic() + 20
        while len(v.text) < 60 and time.monotonic() < end:
            time.sleep(0.01)
        return v, t

    def owner(self, v):
        return h.sql(f"SELECT owner FROM answers WHERE id = '{v.answer}'")[0][0]


def whole(checks, words, v, most_seconds):
    row = h.sql(f"SELECT a.attempt, (SELECT count(*) FROM messages m WHERE m.tenant_id = a.tenant_id AND "
                f"m.answer_id = a.id AND m.role = 'assistant'), (SELECT count(*) FROM usage_ledger u WHERE "
                f"u.tenant_id = a.tenant_id AND u.answer_id = a.id), (SELECT m.text FROM messages m WHERE "
                f"m.tenant_id = a.tenant_id AND m.answer_id = a.id AND m.role = 'assistant') "
                f"FROM answers a WHERE a.id = '{v.answer}'")[0]
    ok = (v.done is not None and v.text == v.done['text'] == row[3] and row[1] == row[2] == '1' and
          v.seconds <= most_seconds)
    checks.check(words, ok, f"{v.seconds:.1f} s, attempt {row[0]}, {row[1]} message, {row[2]} charge, "
                            f"{v.resumes} resumes, {'exact' if v.done and v.text == v.done['text'] else v.error or 'INEXACT'}")
    return row


def main():
    s, checks = Scene(), h.Checks()
    usual = 0.1 + 60 * 0.04

    v, t = s.ask()
    t.join()
    whole(checks, 'nothing dies', v, usual + 2)

    v, t = s.ask()
    s.fleet.restart(s.owner(v))
    t.join()
    whole(checks, 'the worker is killed: another takes over within the lease', v, usual * 2 + LEASE_MS / 1000 + 3)

    v, t = s.ask(s.ports[:1])
    v.ports = s.ports
    s.fleet.restart('gateway-0')
    t.join()
    row = whole(checks, 'the gateway is killed', v, usual + 5)
    checks.check('... and generation went on untouched', row[0] == '1', f'attempt {row[0]}')
    h.await_ready(s.ports[0])

    for name, how in (('redis-live', 'kill'), ('redis-queue', 'kill'), ('pg', 'immediate')):
        v, t = s.ask()
        h.server(name, how)
        t.join()
        whole(checks, f'{name}: {how}', v, usual * 2 + LEASE_MS / 1000 + 6)
        for port in s.ports:
            h.await_ready(port)

    v, t = s.ask()
    owner = s.owner(v)
    s.fleet.kill(owner, signal.SIGSTOP)
    t.join()
    before = whole(checks, 'the worker is paused beyond its lease: another finishes', v, usual * 2 + LEASE_MS / 1000 + 3)
    s.fleet.procs[owner].send_signal(signal.SIGCONT)
    end = time.monotonic() + 15     # it has woken when it answers its own page of an answer again: here, when it took a job
    while time.monotonic() < end:
        w, wt = s.ask()
        wt.join()
        if s.owner(w) == owner:
            break
    after = whole(checks, '... and changes nothing when it wakes', v, 10**6)
    checks.check('... the same row, one message, one charge', before == after and before[0] == '2', f'attempt {after[0]}')
    s.fleet.stop()
    checks.end()


main()

"""bench - the streaming path beside a Node peer of the same architecture, in one run.

usage: tests/support/servers --migrate -- python3 tests/load/bench.py [--rounds N] [--seconds S]
           [--rows real100,real1000,fire1,fire50] [--targets cc,queue,direct]

Rounds go round robin over the targets; each figure is the median over rounds, so that what else the
machine does hits all alike.  real*: that many streams of 50 tokens at 20 ms open at once; fire*: 64
connections, that many tokens as fast as they go.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess

import scenario
from scenario import h

#        first gap tokens  at once, per second
ROWS = {'real100': (200, 20, 50, 400, 83), 'real1000': (200, 20, 50, 4000, 833),
        'fire1': (0, 0, 1, 64, 0), 'fire50': (0, 0, 50, 64, 0)}
HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    """Node: gateway.js + worker.js, or direct.js alone."""

    def __init__(self, programs, first_ms, gap_ms, tokens):
        self.tokens, self.port, model = tokens, h.free_port(), h.free_port()
        self.model = subprocess.Popen([os.path.join(scenario.TOOLS, 'mockllm'), str(model), str(first_ms),
                                       str(gap_ms), str(tokens)])
        env = {**os.environ, 'NODE_ENV': 'production', 'PEER_PORT': str(self.port),
               'PEER_REDIS': os.environ['CC_REDIS_LIVE'].removeprefix('unix:'),
               'PEER_MODEL': f'http://127.0.0.1:{model}/v1', 'PEER_PG_HOST': os.environ['CC_TEST_DIR']}
        self.procs = {p: subprocess.Popen(['node', os.path.join(HERE, 'peer', p + '.js')], env=env)
                      for p in programs}
        self.who = dict(public='pk_live_peer')
        self.fleet = self
        wait_http(self.port)

    def usage(self, name):
        name = {'gateway': list(self.procs)[0], 'worker': list(self.procs)[-1]}[name]
        return scenario.h.Fleet.usage(self, name)

    pids = scenario.Stack.pids
    load = scenario.Stack.load

    def stop(self):
        for p in [*self.procs.values(), self.model]:
            p.send_signal(signal.SIGTERM)
        for p in [*self.procs.values(), self.model]:
            p.wait()


def wait_http(port):
    import time
    for _ in range(200):
        try:
            if h.request(port, 'GET', '/health')[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit('the peer did not come up')


def peer_tables():
    psql = ['psql', '-X', '-q', '-d', os.environ['CC_PG_SUPER'].replace('dbname=chatconnect', 'dbname=postgres')]
    subprocess.run([*psql, '-c', 'CREATE DATABASE peer'], check=True)
    psql[-1] = psql[-1].replace('dbname=postgres', 'dbname=peer')
    subprocess.run([*psql, '-c', 'CREATE TABLE clients (id int, api_key text PRIMARY KEY, model text, rate int);'
                    "INSERT INTO clients VALUES (1, 'pk_live_peer', 'mock', 1000000000);"
                    'CREATE TABLE chat_logs (client_id int, question text, answer text, tokens int, ms int)'], check=True)


TARGETS = {'cc': lambda f, g, t: scenario.Stack(f, g, t),
           'queue': lambda f, g, t: Peer(('gateway', 'worker'), f, g, t),
           'direct': lambda f, g, t: Peer(('direct',), f, g, t)}

FIGURES = {
    'streams/s': lambda r: r['streams_per_s'],
    'tokens/s': lambda r: r['tokens_per_s'],
    'first p50 ms': lambda r: r['added_first_us']['p50'] / 1000,
    'first p99 ms': lambda r: r['added_first_us']['p99'] / 1000,
    'token p50 ms': lambda r: r['token_us']['p50'] / 1000,
    'token p99 ms': lambda r: r['token_us']['p99'] / 1000,
    'cpu us/token': lambda r: sum(r['cpu'].values()) * 1e6 / max(1, r['tokens_per_s'] * SECONDS),
    'MB': lambda r: sum(r['mb'].values()),
}
SECONDS = 6


def main():
    global SECONDS
    p = argparse.ArgumentParser()
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--seconds', type=int, default=6)
    p.add_argument('--rows', default=','.join(ROWS))
    p.add_argument('--targets', default=','.join(TARGETS))
    args = p.parse_args()
    SECONDS = args.seconds
    targets = args.targets.split(',')
    if set(targets) - {'cc'}:
        peer_tables()
    for row in args.rows.split(','):
        first, gap, tokens, at_once, per_second = ROWS[row]
        seen = {t: [] for t in targets}
        for _ in range(args.rounds):
            for t in targets:
                stack = TARGETS[t](first, gap, tokens)
                r = stack.load(at_once, per_second, args.seconds)
                stack.stop()
                if r['added_first_us'] is None:
                    print(json.dumps(r))
                    continue
                seen[t].append(r)
        print(f'\n{row:14s}' + ''.join(f'{t:>12s}' for t in targets))
        for name, figure in FIGURES.items():
            print(f'{name:14s}' + ''.join(
                f'{statistics.median(map(figure, seen[t])):12.2f}' if seen[t] else f"{'-':>12s}" for t in targets))
        bad = {t: sum(r['inexact'] + r['short'] + r['refused'] + r['broken'] for r in seen[t]) for t in targets}
        print(f"{'failed':14s}" + ''.join(f'{bad[t]:12d}' for t in targets), flush=True)


main()

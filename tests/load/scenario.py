"""scenario - one stack, one load: what sseload saw, CPU and memory of each process.

Used by the streams drill and by infra/bench; runs under tests/support/servers.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'drill'))
import harness as h

TOOLS = os.environ.get('CC_TOOLS', os.path.dirname(h.BIN))
LIMITS = dict(CC_RATE_PAID=10**9, CC_RATE_VISITOR=10**9, CC_RATE_ADDRESS=10**9, CC_INFLIGHT_TENANT=10**6,
              CC_CACHE_ANSWER_S=0, CC_EMBED='hash', CC_LOG_LEVEL='warn', CC_WORKER_SLOTS=4000,
              CC_GATEWAY_CONNECTIONS=9000, CC_INFLIGHT_TOTAL=10**6)


class Stack:
    """One gateway worker and one chat worker in front of mockllm."""

    def __init__(self, first_ms, gap_ms, tokens, **env):
        self.fleet, self.tokens = h.Fleet(), tokens
        self.model_port, self.port = h.free_port(), h.free_port()
        self.model = subprocess.Popen([os.path.join(TOOLS, 'mockllm'), str(self.model_port), str(first_ms),
                                       str(gap_ms), str(tokens)])
        env = {**LIMITS, 'CC_OPENAI_URL': f'http://127.0.0.1:{self.model_port}/v1', 'CC_OPENAI_KEY': 'none', **env}
        self.fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=self.port, **env)
        self.fleet.start('worker', 'cc-worker', **env)
        h.await_ready(self.port, fleet=self.fleet)
        self.who = h.tenant('load', 'openai:mock')

    def pids(self):
        for name in ('redis-queue', 'redis-live'):
            with open(os.path.join(os.environ['CC_TEST_DIR'], name + '.pid')) as f:
                yield name, int(f.read())

    def load(self, at_once, per_second, seconds):
        """sseload's report, with cpu (seconds) and mb (at the end) of each process."""
        before = {n: self.fleet.usage(n)[0] for n in ('gateway', 'worker')}
        redis = {n: cpu_of(pid) for n, pid in self.pids()}
        peak = Peak(self.fleet)
        out = subprocess.run([os.path.join(TOOLS, 'sseload'), str(self.port), self.who['public'], str(at_once),
                              str(per_second), str(seconds), str(self.tokens)], stdout=subprocess.PIPE)
        report = json.loads(out.stdout)
        report['mb'] = peak.end()
        report['cpu'] = {n: round(self.fleet.usage(n)[0] - before[n], 2) for n in before}
        report['cpu'].update({n: round(cpu_of(pid) - redis[n], 2) for n, pid in self.pids()})
        return report

    def stop(self):
        self.fleet.stop()
        self.model.terminate()
        self.model.wait()


def cpu_of(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Peak:
    """The most memory each process had, looked at twice a second."""

    def __init__(self, fleet):
        import threading
        self.most, self.fleet, self.over = {}, fleet, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.5):
            for n in ('gateway', 'worker'):
                self.most[n] = max(self.most.get(n, 0), round(self.fleet.usage(n)[1], 1))

    def end(self):
        self.over.set()
        self.thread.join()
        return self.most


def line(words, r):
    first, token = r['added_first_us'] or {}, r['token_us'] or {}
    ms = lambda x: f"{x / 1000:.2f}" if x is not None else '-'
    return (f"{words}: {r['streams_per_s']:.0f} streams/s, {r['tokens_per_s']:.0f} tokens/s; first token added p50 "
            f"{ms(first.get('p50'))} p99 {ms(first.get('p99'))} ms; token delay p50 {ms(token.get('p50'))} p99 "
            f"{ms(token.get('p99'))} ms; cpu s {r['cpu']}; MB {r['mb']}; inexact {r['inexact']} short {r['short']} "
            f"refused {r['refused']} broken {r['broken']}")

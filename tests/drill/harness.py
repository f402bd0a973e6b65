"""harness - the processes of one installation in the hands of a drill, which kills them.

Runs under tests/support/servers (it exports the CC_... of private servers); binaries come from
CC_BIN.  Everything listens on loopback; only processes started here are ever signalled.
"""
import atexit
import http.client
import json
import os
import pwd
import random
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BIN = os.environ.get('CC_BIN', os.path.join(ROOT, 'var/build/bin'))
for name, folder in (('CC_EMBED_MODEL_DIR', 'use'), ('CC_TOKENS_DIR', 'tokens')):
    os.environ.setdefault(name, os.path.join(ROOT, 'var/models', folder))
UNPRIVILEGED = 'postgres'       # root hands over to this user, who owns the test's sockets


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def ctl(*args, quiet=False, **env):
    out = subprocess.run([os.path.join(BIN, 'cc-ctl'), *args], env={**os.environ, **env},
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if quiet else None, check=True)
    return out.stdout.decode()


def sql(text):
    """Rows as lists of strings, as the superuser."""
    out = subprocess.run(['psql', '-X', '-q', '-At', '-F', '\t', '-d', os.environ['CC_PG_SUPER'], '-c', text],
                         stdout=subprocess.PIPE, check=True)
    return [line.split('\t') for line in out.stdout.decode().split('\n')[:-1]]


def server(name, how, *more):
    """Breaks one of the servers: pg, redis-queue, redis-live."""
    subprocess.run([os.path.join(ROOT, 'tests/support/server-restart'), name, how, *map(str, more)],
                   check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def log_tail(path, lines=5):
    with open(path, errors='replace') as f:
        return ''.join(f.readlines()[-lines:])


class Fleet:
    """Named processes that can be killed, paused and started again."""

    def __init__(self, folder=None):
        self.procs, self.how = {}, {}
        self.log = folder or os.environ['CC_TEST_DIR']
        self.lock = threading.Lock()
        atexit.register(self.stop)      # whatever ends the drill ends what it started
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def start(self, name, program, **env):
        self.how[name] = (program, env)
        with self.lock:
            if name in self.procs and self.procs[name].poll() is None:
                return
            user = {}
            if os.getuid() == 0:
                who = pwd.getpwnam(UNPRIVILEGED)
                user = dict(user=who.pw_uid, group=who.pw_gid, extra_groups=[])
            log = open(os.path.join(self.log, name + '.log'), 'ab')
            self.procs[name] = subprocess.Popen(
                [os.path.join(BIN, program)], env={**os.environ, **{k: str(v) for k, v in env.items()}},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/', start_new_session=True, **user)
            log.close()

    def kill(self, name, sig=signal.SIGKILL):
        """With its children: a killed Kore parent would leave workers behind."""
        p = self.procs.get(name)
        if p is None or p.poll() is not None:
            return False
        if sig == signal.SIGKILL:
            os.killpg(p.pid, sig)
            p.wait()
        else:
            p.send_signal(sig)
        return True

    def restart(self, name, sig=signal.SIGKILL):
        self.kill(name, sig)
        program, env = self.how[name]
        self.start(name, program, **env)

    def usage(self, name):
        """CPU seconds and PSS in MB of a process and its children."""
        cpu = pss = 0.0
        for pid in family(self.procs[name].pid):
            with open(f'/proc/{pid}/stat') as f:
                fields = f.read().rsplit(')', 1)[1].split()
            cpu += (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
            with open(f'/proc/{pid}/smaps_rollup') as f:
                pss += sum(int(line.split()[1]) for line in f if line.startswith('Pss:')) / 1024
        return cpu, pss

    def names(self, prefix):
        return [n for n in self.how if n.startswith(prefix)]

    def stop(self):
        for p in self.procs.values():
            if p.poll() is None:
                p.send_signal(signal.SIGCONT)
                p.send_signal(signal.SIGTERM)
        end = time.monotonic() + 40
        for p in self.procs.values():
            try:
                p.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()


def family(pid):
    """A process and all below it."""
    out = [pid]
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/children') as f:
            for child in f.read().split():
                out += family(int(child))
    return out


def await_ready(port, seconds=30, fleet=None):
    """Until the gateway serves; a process of the fleet that has ended meanwhile ends the drill."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            status, _ = request(port, 'GET', '/health/ready')
            if status == 200:
                return
        except OSError:
            pass
        for name, p in (fleet.procs if fleet else {}).items():
            if p.poll() is not None:
                sys.exit(f'{name} ended with {p.returncode}: {log_tail(os.path.join(fleet.log, name + ".log"))}')
        time.sleep(0.05)
    sys.exit(f'the gateway on port {port} did not get ready')


def request(port, method, path, body=None, headers=None, timeout=30):
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout)
    try:
        c.request(method, path, body=json.dumps(body) if body is not None else None,
                  headers={'content-type': 'application/json', **(headers or {})})
        r = c.getresponse()
        return r.status, r.read()
    finally:
        c.close()


def tenant(name, model, tier='paid', origin='*'):
    """A tenant with one bot and one public and one secret key."""
    t = json.loads(ctl('tenant', 'add', name, '--tier', tier, '--json'))['tenantId']
    b = json.loads(ctl('bot', 'add', t, name, '--origin', origin, '--server-use', '--model', model, '--json'))['botId']
    key = lambda kind: json.loads(ctl('key', 'add', t, kind, '--bot', b, '--json'))['key']
    return dict(tenant=t, bot=b, public=key('--public'), secret=key('--secret'))


class Viewer:
    """One visitor's page: asks once, reads on until the end whatever breaks in between."""

    def __init__(self, ports, key, message, session=None, drop=0.0, seed=0):
        self.ports, self.key, self.message, self.session = ports, key, message, session
        self.rng = random.Random(seed)
        self.drop = drop
        self.message_id = '%032x' % self.rng.getrandbits(128)
        self.answer = None
        self.last = None
        self.text, self.attempt = '', 0
        self.done = self.error = None
        self.resumes = self.doubled = 0
        self.first_at = None

    def run(self, seconds=120):
        end = time.monotonic() + seconds
        began = time.monotonic()
        while self.done is None and self.error is None and time.monotonic() < end:
            try:
                self._connect_once(end)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05 + 0.1 * self.rng.random())
        self.seconds = time.monotonic() - began
        return self

    def _connect_once(self, end):
        c = http.client.HTTPConnection('127.0.0.1', self.rng.choice(self.ports), timeout=30)
        headers = {'x-api-key': self.key, 'content-type': 'application/json'}
        try:
            if self.answer is None:
                body = dict(message=self.message, messageId=self.message_id)
                if self.session:
                    body['sessionId'] = self.session
                c.request('POST', '/api/widget/chat/stream', json.dumps(body), headers)
            else:
                self.resumes += 1
                if self.last:
                    headers['last-event-id'] = self.last
                c.request('GET', f'/api/widget/answers/{self.answer}/stream', headers=headers)
            r = c.getresponse()
            if r.status in (429, 502, 503, 504):
                r.read()
                time.sleep(0.1)
                return
            if r.status != 200:
                self.error = (r.status, r.read().decode(errors='replace'))
                return
            cut = self.rng.randrange(2, 30) if self.rng.random() < self.drop else None
            self._read(r, cut)
        finally:
            c.close()

    def _read(self, r, cut):
        event, data, ident = None, [], None
        while True:
            line = r.readline()
            if not line:
                return
            line = line.decode().rstrip('\r\n')
            if line == '':
                if event:
                    self._take(event, ident, json.loads('\n'.join(data)))
                    if self.done is not None or self.error is not None:
                        return
                    if cut is not None:
                        cut -= 1
                        if cut == 0:
                            self.drop = 0
                            return
                event, data, ident = None, [], None
            elif line.startswith('id: '):
                ident = line[4:]
            elif line.startswith('event: '):
                event = line[7:]
            elif line.startswith('data: '):
                data.append(line[6:])

    def _take(self, event, ident, d):
        if ident and self.last and order(ident) <= order(self.last):
            self.doubled += 1
        if ident:
            self.last = ident
        if event == 'accepted':
            self.answer, self.session = d['answerId'], d['sessionId']
        elif event == 'start':
            if d['attempt'] > 1:
                self.text = ''
            self.attempt = d['attempt']
        elif event == 'token':
            if self.first_at is None:
                self.first_at = time.monotonic()
            self.text += d['text']
        elif event == 'done':
            self.done = d
        elif event == 'error':
            self.error = (0, d)


def order(ident):
    a, s = ident.split('-')
    return int(a), int(s)


def run_all(viewers, at_once):
    """Runs viewers on threads, at_once at a time; returns them."""
    todo = list(viewers)
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not todo:
                    return
                v = todo.pop()
            v.run()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return viewers


class Chaos:
    """Does something every so often until stopped; counts what it did."""

    def __init__(self):
        self.threads, self.counts = [], {}
        self.stopping = threading.Event()

    def every(self, seconds, name, what):
        def work():
            while not self.stopping.wait(seconds):
                what()
                self.counts[name] = self.counts.get(name, 0) + 1
        t = threading.Thread(target=work, daemon=True)
        t.start()
        self.threads.append(t)

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join()
        return self.counts


class Checks:
    """Lines of what was promised and what was seen; the exit code of a drill."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, words, ok, seen=''):
        print(('ok   ' if ok else 'FAIL ') + words + (f': {seen}' if seen != '' else ''), flush=True)
        if ok:
            self.passed += 1
        else:
            self.failed += 1

    def end(self):
        print(f'{self.passed} passed, {self.failed} failed', flush=True)
        sys.exit(1 if self.failed else 0)

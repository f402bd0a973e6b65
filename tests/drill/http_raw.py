#!/usr/bin/env python3
"""Talk to a running gateway over raw sockets: what a strict server must refuse, and attacks.

    tests/drill/http_raw.py HOST PORT [--connections N] [--seconds S]

Prints one row per case (what was sent, what came back, what was wanted) and exits 1 when
any differs.  The attacks use at most N connections (default 1000) at a time; while they
last, /health/live must answer in time.  When the gateway runs on this host, its worker's memory
and processor time are looked at as well.  Python's standard library only.
"""
import argparse
import os
import re
import selectors
import socket
import sys
import threading
import time

GET = b'GET /health/live HTTP/1.1\r\nHost: a\r\n'
POST = b'POST /api/widget/chat HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
CLOSED = 'closed'


class Client:
    """One connection; collects what arrives until it closes or falls silent."""

    def __init__(self, at, timeout=2.0):
        self.sock = socket.create_connection(at, timeout=5)
        self.sock.settimeout(timeout)
        self.got = b''
        self.closed = self.head = False

    def send(self, data):
        self.head = self.head or data.startswith(b'HEAD')  # the first answer has no body then
        try:
            self.sock.sendall(data)
        except OSError:
            self.closed = True

    def read(self):
        """True while something comes."""
        try:
            part = self.sock.recv(65536)
        except socket.timeout:
            return False
        except OSError:
            part = b''
        self.got += part
        self.closed = self.closed or part == b''
        return part != b''

    def read_answers(self, wanted=1, seconds=2.0):
        end = time.monotonic() + seconds
        while not self.closed and len(self.answers()) < wanted and time.monotonic() < end:
            if not self.read():
                break
        return self.answers()

    def wait_closed(self, seconds):
        end = time.monotonic() + seconds
        while not self.closed and time.monotonic() < end:
            self.sock.settimeout(max(0.05, end - time.monotonic()))
            self.read()
        return self.closed

    def answers(self):
        """Status codes of the final answers in what was received."""
        codes, rest = [], self.got
        while True:
            m = re.match(rb'HTTP/1\.[01] (\d{3})[^\r]*\r\n(.*?)\r\n\r\n', rest, re.S)
            if not m:
                return codes
            code = int(m.group(1))
            length = re.search(rb'(?i)content-length: (\d+)', m.group(2))
            bodiless = self.head and not codes
            rest = rest[m.end() + (int(length.group(1)) if length and not bodiless else 0):]
            if code >= 200:
                codes.append(code)

    def done(self):
        self.sock.close()


def head_with(*lines):
    return GET + b''.join(line + b'\r\n' for line in lines) + b'\r\n'


def many_headers(n):
    return head_with(*[b'X-%d: v' % i for i in range(n)])


# name, bytes, wanted answers (alternatives), must the connection be closed afterwards
CASES = [
    ('a plain GET', head_with(), [[200]], False),
    ('HEAD', b'HEAD /health/live HTTP/1.1\r\nHost: a\r\n\r\n', [[200]], False),
    ('HTTP/1.0', b'GET /health/live HTTP/1.0\r\nHost: a\r\n\r\n', [[200]], True),
    ('an unknown path', b'GET /none HTTP/1.1\r\nHost: a\r\n\r\n', [[404]], False),
    ('a method the path does not know', b'DELETE /health/live HTTP/1.1\r\nHost: a\r\n\r\n', [[405]], False),
    ('OPTIONS', b'OPTIONS /api/widget/chat HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n\r\n', [[204]], False),
    ('an empty header value', head_with(b'X-Empty:'), [[200]], False),
    ('an UTF-8 header value', head_with('X-Name: Zoë'.encode()), [[200]], False),
    ('a tab in a header value', head_with(b'X-Tab: a\tb'), [[200]], False),
    ('100 header lines', many_headers(99), [[200]], False),
    ('101 header lines', many_headers(100), [[431]], True),
    ('300 header lines', many_headers(300), [[431]], True),
    ('15 kB of headers', head_with(b'X-Long: ' + b'a' * 15000), [[200]], False),
    ('17 kB of headers', head_with(b'X-Long: ' + b'a' * 17000), [[431]], True),
    ('17 kB that never end', GET + b'X-Long: ' + b'a' * 17000, [[431]], True),

    ('no Host', b'GET /health/live HTTP/1.1\r\nX: y\r\n\r\n', [[400]], True),
    ('Host twice', head_with(b'Host: b'), [[400]], True),
    ('Hostile before Host', b'GET /health/live HTTP/1.1\r\nHostile: evil\r\nHost: a\r\n\r\n', [[200]], False),
    ('Hostile instead of Host', b'GET /health/live HTTP/1.1\r\nHostile: evil\r\n\r\n', [[400]], True),
    ('a space in Host', b'GET /health/live HTTP/1.1\r\nHost: a b\r\n\r\n', [[400]], True),
    ('user@ in Host', b'GET /health/live HTTP/1.1\r\nHost: u@a\r\n\r\n', [[400]], True),

    ('bare LF as line end', b'GET /health/live HTTP/1.1\nHost: a\n\n', [[400]], True),
    ('bare LF in a value', head_with(b'X: a\nX-Api-Key: stolen'), [[400]], True),
    ('bare CR in a value', head_with(b'X: a\rX-Api-Key: stolen'), [[400]], True),
    ('NUL in a value', head_with(b'X: a\0b'), [[400]], True),
    ('another control in a value', head_with(b'X: a\x01b'), [[400]], True),
    ('DEL in a value', head_with(b'X: a\x7fb'), [[400]], True),
    ('NUL in the target', b'GET /health\0/live HTTP/1.1\r\nHost: a\r\n\r\n', [[400]], True),
    ('a folded line', head_with(b'X: a\r\n b'), [[400]], True),
    ('a space before the colon', head_with(b'X : a'), [[400]], True),
    ('a line without a colon', head_with(b'nothing'), [[400]], True),
    ('a name that is empty', head_with(b': a'), [[400]], True),
    ('a TLS greeting', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\0' * 64, [[400]], True),

    ('two spaces in the request line', b'GET  /health/live HTTP/1.1\r\nHost: a\r\n\r\n', [[400]], True),
    ('four words in the request line', b'GET /health/live HTTP/1.1 x\r\nHost: a\r\n\r\n', [[400]], True),
    ('a method in lower case', b'get /health/live HTTP/1.1\r\nHost: a\r\n\r\n', [[400]], True),
    ('TRACE', b'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', [[400]], True),
    ('HTTP/2.0 in the request line', b'GET / HTTP/2.0\r\nHost: a\r\n\r\n', [[505]], True),
    ('a target that is not ASCII', 'GET /é HTTP/1.1\r\nHost: a\r\n\r\n'.encode(), [[400]], True),
    ('a target of 3,000 bytes', b'GET /' + b'a' * 3000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', [[414]], True),

    ('chunked with a length', POST + b'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [[400]], True),
    ('chunked alone', POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [[501], [411]], True),
    ('chunked on a GET', head_with(b'Transfer-Encoding: chunked'), [[501]], True),
    ('two lengths that differ', POST + b'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello', [[400]], True),
    ('two lengths that agree', POST + b'Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello', [[400]], True),
    ('a list of lengths', POST + b'Content-Length: 5, 5\r\n\r\nhello', [[400]], True),
    ('a length with a sign', POST + b'Content-Length: +5\r\n\r\nhello', [[400]], True),
    ('a negative length', POST + b'Content-Length: -5\r\n\r\nhello', [[400]], True),
    ('a length in hexadecimal', POST + b'Content-Length: 0x5\r\n\r\nhello', [[400]], True),
    ('an empty length', POST + b'Content-Length: \r\n\r\n', [[400]], True),
    ('a length of 25 digits', POST + b'Content-Length: 1' + b'0' * 24 + b'\r\n\r\n', [[400]], True),
    ('a body larger than the route reads', POST + b'Content-Length: 20000\r\n\r\n', [[413]], True),
    ('a body without a key', POST + b'Content-Length: 5\r\n\r\nhello', [[401]], True),
    ('a body longer than its length', POST + b'Content-Length: 5\r\n\r\nhello, world', [[400]], True),
    ('a body on GET', GET + b'Content-Length: 5\r\n\r\nhello', [[400]], True),
    ('a body on HEAD', b'HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', [[400]], True),
    ('a body on DELETE', b'DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', [[400]], True),
    ('a body on OPTIONS', b'OPTIONS / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', [[400]], True),
    ('a length of 0 on GET', GET + b'Content-Length: 0\r\n\r\n', [[200]], False),
    ('two GETs in one segment', head_with() + head_with(), [[200, 200], [200]], None),
]


def run_case(at, case):
    name, data, wanted, must_close = case
    c = Client(at)
    c.send(data)
    most = max(len(w) for w in wanted)
    codes = c.read_answers(most)
    closed = c.closed or (must_close is not False and c.wait_closed(1.0))
    if must_close is None:  # either both are answered, or it closes after the first
        must_close = len(codes) < most
    usable = True
    if not must_close and not closed:  # and the connection still works
        before = len(c.answers())
        c.send(head_with())
        usable = len(c.read_answers(before + 1)) == before + 1
    c.done()
    ok = codes in wanted and (closed if must_close else usable)
    return ok, f'{codes or "nothing"}{" closed" if closed else ""}', \
        ' or '.join(str(w) for w in wanted) + (' closed' if must_close else '')


def byte_by_byte(at):
    c = Client(at)
    for b in head_with():
        c.send(bytes([b]))
    codes = c.read_answers()
    c.done()
    return codes == [200], str(codes), '[200]'


def three_on_one(at):
    c = Client(at)
    for n in range(1, 4):
        c.send(head_with())
        c.read_answers(n)
    codes = c.answers()
    c.done()
    return codes == [200] * 3, str(codes), '[200, 200, 200]'


def half_request(at):
    c = Client(at)
    c.send(GET)
    c.sock.shutdown(socket.SHUT_WR)
    c.wait_closed(2)
    ok = c.closed
    c.done()
    return ok, CLOSED if ok else 'open', CLOSED


# ---- the worker's side, when it runs on this host ----

def worker_of(port):
    """pid of the process that owns the connections: the youngest child that listens."""
    inodes = set()
    for table in ('/proc/net/tcp', '/proc/net/tcp6'):
        try:
            for line in open(table).readlines()[1:]:
                f = line.split()
                if f[3] == '0A' and int(f[1].rsplit(':', 1)[1], 16) == port:
                    inodes.add(f[9])
        except OSError:
            pass
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            fds = [os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd')]
        except OSError:
            continue
        if any(f'socket:[{i}]' in fds for i in inodes):
            found.append(int(pid))
    return max(found) if found else None


def usage(pid):
    """(kB of memory, seconds of processor time) of a process; None when it is not here."""
    try:
        rss = int(re.search(r'VmRSS:\s+(\d+)', open(f'/proc/{pid}/status').read()).group(1))
        f = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
        return rss, (int(f[11]) + int(f[12])) / os.sysconf('SC_CLK_TCK')
    except (OSError, AttributeError, TypeError):
        return None


class Pulse(threading.Thread):
    """Asks /health/live ten times a second on new connections; keeps the times."""

    def __init__(self, at):
        super().__init__(daemon=True)
        self.at, self.times, self.failed, self.stop = at, [], 0, threading.Event()

    def run(self):
        while not self.stop.is_set():
            begun = time.monotonic()
            try:
                c = Client(self.at, timeout=2)
                c.send(head_with())
                ok = c.read_answers() == [200]
                c.done()
            except OSError:
                ok = False
            self.times.append(time.monotonic() - begun)
            self.failed += not ok
            self.stop.wait(0.1)

    def end(self):
        self.stop.set()
        self.join()
        times = sorted(self.times) or [9.9]
        return self.failed, times[int(len(times) * 0.99)] * 1000


def under_attack(at, attack, limit_ms=500):
    """Runs attack() beside a pulse; (ok, words)."""
    pid = worker_of(at[1])
    before = usage(pid)
    pulse = Pulse(at)
    pulse.start()
    ok, words = attack()
    failed, p99 = pulse.end()
    after = usage(pid)
    ok = ok and failed == 0 and p99 < limit_ms
    words += f', health p99 {p99:.0f} ms, {failed} failed'
    if before and after:
        grown, used = (after[0] - before[0]) / 1024, after[1] - before[1]
        words += f', worker {grown:+.1f} MB, {used:.2f} s of processor'
        ok = ok and grown < 60
    return ok, words


def five_bytes(at, seconds):
    """A body of 5 bytes that goes on and on: once more in the segment, once after it."""
    def attack():
        closed = 0
        for opening in (b'hello' + b'x' * 1000, b'hell'):
            c = Client(at, timeout=0.2)
            c.send(b'POST /api/widget/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n'
                   b'x-api-key: ' + KEY + b'\r\n\r\n' + opening)
            end = time.monotonic() + seconds
            while not c.closed and time.monotonic() < end:
                c.send(b'x' * 65536)
                c.sock.settimeout(0.01)
                c.read()
            closed += c.closed
            c.done()
        return closed == 2, f'{closed} of 2 closed'
    ok, words = under_attack(at, attack)
    return ok, words, 'closed at once, worker at rest'


def hold(at, n, opening, drip, seconds):
    """n connections that send opening, then drip one byte a second; (still open, opened)."""
    sel, open_ones = selectors.DefaultSelector(), {}
    for _ in range(n):
        try:
            s = socket.create_connection(at, timeout=5)
            s.sendall(opening)
        except OSError:
            continue
        s.setblocking(False)
        open_ones[s] = True
        sel.register(s, selectors.EVENT_READ)
    opened, end, next_drip = len(open_ones), time.monotonic() + seconds, time.monotonic() + 1

    def drop(s):
        sel.unregister(s)
        s.close()
        open_ones.pop(s, None)
    while open_ones and time.monotonic() < end:
        for key, _ in sel.select(0.2):
            try:
                if not key.fileobj.recv(4096):
                    drop(key.fileobj)
            except BlockingIOError:
                pass
            except OSError:
                drop(key.fileobj)
        if drip and time.monotonic() > next_drip:
            next_drip += 1
            for s in list(open_ones):
                try:
                    s.send(drip)
                except OSError:
                    drop(s)
    left = len(open_ones)
    for s in list(open_ones):
        drop(s)
    return left, opened


def slowloris(at, n):
    def attack():
        left, opened = hold(at, n, GET + b'X-Slow: ', b'a', 13)
        return left == 0 and opened == n, f'{opened} opened, {left} left after 13 s'
    ok, words = under_attack(at, attack)
    return ok, words, f'{n} opened, 0 left, health in time'


def slow_body(at, n):
    def attack():
        left, opened = hold(at, n, b'POST /api/widget/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n'
                            b'x-api-key: ' + KEY + b'\r\n\r\n{', b'a', 9)
        return left == 0 and opened == n, f'{opened} opened, {left} left after 9 s'
    ok, words = under_attack(at, attack)
    return ok, words, f'{n} opened, 0 left, health in time'


def never_reads(at, n):
    """Asks for a file again and again, and reads nothing of it."""
    def attack():
        socks, refused = [], 0
        for _ in range(n):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(at)
            s.settimeout(0.2)
            socks.append(s)
        end = time.monotonic() + 5
        ask = b'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'
        while time.monotonic() < end and socks:
            for s in list(socks):
                try:
                    s.send(ask * 8)
                except socket.timeout:
                    pass
                except OSError:
                    refused += 1
                    socks.remove(s)
            time.sleep(0.002)
        for s in socks:
            s.close()
        return True, f'{n} readers, {refused} cut off'
    ok, words = under_attack(at, attack)
    return ok, words, 'worker grows < 60 MB'


def crc_key():
    """A well-formed key that nobody has: 30 base62 characters and the CRC-32 of all before."""
    import zlib
    digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    body = 'pk_live_' + 'A' * 30
    n, tail = zlib.crc32(body.encode()), ''
    for _ in range(6):
        tail = digits[n % 62] + tail
        n //= 62
    return (body + tail).encode()


KEY = crc_key()


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('host')
    p.add_argument('port', type=int)
    p.add_argument('--connections', type=int, default=1000)
    p.add_argument('--seconds', type=float, default=5, help='of the five-byte attack')
    p.add_argument('--no-attacks', action='store_true', help='only the table')
    a = p.parse_args()
    at = (a.host, a.port)
    checks = [(c[0], lambda c=c: run_case(at, c)) for c in CASES]
    checks += [('a request byte by byte', lambda: byte_by_byte(at)),
               ('three requests on one connection', lambda: three_on_one(at)),
               ('half a request, then the end', lambda: half_request(at))]
    if not a.no_attacks:
        checks += [('a body of five bytes that goes on', lambda: five_bytes(at, a.seconds)),
                   ('slow heads', lambda: slowloris(at, a.connections)),
                   ('slow bodies', lambda: slow_body(at, a.connections)),
                   ('readers that never read', lambda: never_reads(at, min(a.connections, 100)))]
    bad = 0
    for name, check in checks:
        ok, result, wanted = check()
        bad += not ok
        print(f'{"ok " if ok else "BAD"} {name:38} {result:32} wanted {wanted}', flush=True)
    print(f'{len(checks) - bad} passed, {bad} failed')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())

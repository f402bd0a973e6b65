"""sock - a WebSocket byte by byte (RFC 6455), so that a check can also break the rules.

What other people's clients make of the gateway is seen with theirs: test_dashboard_ws.py.
"""
import base64
import hashlib
import json
import os
import socket
import struct

import talk

MARK = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Refused(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, answer):
        super().__init__(repr(answer))
        self.answer = answer


class Head:
    """The head of an answer, as talk.Answer has it."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    header, type, json, __repr__ = talk.Answer.header, talk.Answer.type, talk.Answer.json, talk.Answer.__repr__


class Socket:
    def __init__(self, port, path='/ws/dashboard', key=None, protocols=(), headers=None, timeout=20):
        self.key = base64.b64encode(os.urandom(16)).decode()
        lines = {
            'host': f'127.0.0.1:{port}',
            'connection': 'Upgrade',
            'upgrade': 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': self.key,
        }
        if key:
            lines['authorization'] = 'Bearer ' + key
        if protocols:
            lines['sec-websocket-protocol'] = ', '.join(protocols)
        lines.update({k.lower(): v for k, v in (headers or {}).items()})
        self.sock = socket.create_connection(('127.0.0.1', port), timeout=timeout)
        self.buffer = b''
        text = ''.join(f'{k}: {v}\r\n' for k, v in lines.items() if v is not None)
        self.sock.sendall(f'GET {path} HTTP/1.1\r\n{text}\r\n'.encode())
        self.answer = self._head()
        talk.note('GET', path, None, self.answer)
        if self.answer.status != 101:
            self.sock.close()
            raise Refused(self.answer)
        wanted = base64.b64encode(hashlib.sha1((self.key + MARK).encode()).digest()).decode()
        assert self.answer.header('sec-websocket-accept') == wanted, self.answer.headers

    def _head(self):
        while b'\r\n\r\n' not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        first, *rest = head.decode().split('\r\n')
        headers = [(line.split(': ', 1)[0].lower(), line.split(': ', 1)[1]) for line in rest]
        status = int(first.split()[1])
        body = b''
        if status != 101:
            body = self._take(int(dict(headers).get('content-length', 0)))
        return Head(status, headers, body)

    def _more(self):
        got = self.sock.recv(65536)
        if not got:
            raise EOFError('the connection was closed')
        self.buffer += got

    def _take(self, n):
        while len(self.buffer) < n:
            self._more()
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def raw(self, data):
        self.sock.sendall(data)

    def frame(self, op, data=b'', fin=True, masked=True, rsv=0):
        """As bytes; any rule may be broken."""
        data = data.encode() if isinstance(data, str) else data
        first = (0x80 if fin else 0) | rsv | op
        n = len(data)
        bit = 0x80 if masked else 0
        if n < 126:
            head = struct.pack('!BB', first, bit | n)
        elif n < 65536:
            head = struct.pack('!BBH', first, bit | 126, n)
        else:
            head = struct.pack('!BBQ', first, bit | 127, n)
        if not masked:
            return head + data
        mask = os.urandom(4)
        return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))

    def send(self, data, op=TEXT, **more):
        self.raw(self.frame(op, json.dumps(data) if isinstance(data, dict) else data, **more))

    def next(self):
        """(op, bytes) of the next frame; a server's are whole and unmasked."""
        first, second = self._take(2)
        assert first & 0xF0 == 0x80 and not second & 0x80, (first, second)
        n = second & 0x7F
        if n == 126:
            (n,) = struct.unpack('!H', self._take(2))
        elif n == 127:
            (n,) = struct.unpack('!Q', self._take(8))
        return first & 0x0F, self._take(n)

    def text(self):
        """The next text as JSON; pings of the server's are answered."""
        while True:
            op, data = self.next()
            if op == TEXT:
                return json.loads(data)
            if op == PING:
                self.send(data, op=PONG)
            elif op == CLOSE:
                raise EOFError(f'closed with {code_of(data)}')

    def until(self, good):
        """All texts up to the first good one."""
        seen = [self.text()]
        while not good(seen[-1]):
            seen.append(self.text())
        return seen

    def closed(self):
        """The code that the server closes with; texts before it are skipped."""
        while True:
            op, data = self.next()
            if op == CLOSE:
                return code_of(data)

    def at_end(self):
        """Has the server closed the connection, too?"""
        try:
            return not self.buffer and self.sock.recv(1) == b''
        except ConnectionResetError:
            return True

    def close(self, code=1000):
        self.send(struct.pack('!H', code), op=CLOSE)
        got = self.closed()
        self.sock.close()
        return got

    def drop(self):
        self.sock.close()


def code_of(data):
    return struct.unpack('!H', data[:2])[0] if data else None

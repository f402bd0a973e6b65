"""talk - one request and its answer, byte by byte; a stream of events as it comes in.

What was said is noted in the file that CC_CONTRACT_RECORD names, one JSON object a line, for
tests/contract/openapi to compare with docs/openapi.yaml.
"""
import http.client
import json
import os
import re
import threading
import time

RECORD = os.environ.get('CC_CONTRACT_RECORD')
PROBLEM = {'type': str, 'title': str, 'status': int, 'detail': str, 'code': str, 'retryable': bool, 'traceId': str}
EVENT_ID = re.compile(r'^[1-9]\d*-[1-9]\d*$')
NOTED_MAX = 64 * 1024  # bytes of a request; files are not noted
noting = threading.Lock()
proxies = {}  # port of a gateway -> what stands before it (prism.py)


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = [(k.lower(), v) for k, v in response.getheaders()]

    def header(self, name):
        """All values of one name, joined as RFC 9110 allows; None when there is none."""
        values = [v for k, v in self.headers if k == name]
        return ', '.join(values) if values else None

    @property
    def type(self):
        return (self.header('content-type') or '').split(';')[0]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """Of a problem object; None when it is none."""
        return self.json.get('code') if self.type == 'application/problem+json' else None

    def __repr__(self):
        return f'{self.status} {self.body[:200]!r}'


def head(key, body, headers):
    out = {}
    if key:
        out.update({'authorization': 'Bearer ' + key} if key.startswith('sk_') else {'x-api-key': key})
    if body is not None and not isinstance(body, bytes):
        out['content-type'] = 'application/json'
    out.update({k.lower(): v for k, v in (headers or {}).items()})
    return out


def wire(body):
    return body if body is None or isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def note(method, path, body, answer):
    if not RECORD:
        return
    line = dict(
        method=method,
        path=path,
        status=answer.status,
        type=answer.header('content-type'),
        headers=sorted({k for k, _ in answer.headers}),
    )
    if answer.type.endswith('json') or answer.type.startswith('text/event'):
        line['body'] = answer.body.decode()
    if body is not None and not isinstance(body, bytes) and len(wire(body)) < NOTED_MAX:
        line['request'] = body
    with noting, open(RECORD, 'a') as f:
        f.write(json.dumps(line) + '\n')


def send(port, method, path, key=None, body=None, headers=None, timeout=30):
    proxy = proxies.get(port)
    if proxy and not proxy.takes(method, path, body, headers or {}):
        proxy = None
    c = http.client.HTTPConnection('127.0.0.1', proxy.port if proxy else port, timeout=timeout)
    try:
        c.request(method, path, body=wire(body), headers=head(key, body, headers))
        response = c.getresponse()
        answer = Answer(response, response.read())
    finally:
        c.close()
    if proxy:
        proxy.look(method, path, answer)
    note(method, path, body, answer)
    return answer


def problem_faults(answer, status, code):
    """What is wrong with an error; '' when nothing is."""
    if answer.status != status:
        return f'got {answer!r}'
    if answer.type != 'application/problem+json':
        return f'content type {answer.header("content-type")}'
    p = answer.json
    for name, kind in PROBLEM.items():
        if not isinstance(p.get(name), kind):
            return f'{name} is {p.get(name)!r}'
    if p['code'] != code or p['status'] != status:
        return f'code {p["code"]}, status {p["status"]}'
    if not p['traceId'] or p['traceId'] != answer.header('x-request-id'):
        return f'traceId {p["traceId"]}, X-Request-Id {answer.header("x-request-id")}'
    if status in (429, 503) and not re.fullmatch(r'[1-9]\d*', answer.header('retry-after') or ''):
        return f'Retry-After {answer.header("retry-after")}'
    return ''


class Event:
    def __init__(self, name, ident, data, at):
        self.name, self.id, self.data, self.at = name, ident, data, at

    def __eq__(self, other):
        return (self.name, self.id, self.data) == (other.name, other.id, other.data)

    def __repr__(self):
        return f'{self.name} {self.id} {self.data}'


class Stream(Answer):
    """Iterating gives events while they come; what is not an event is counted."""

    def __init__(self, port, method, path, key=None, body=None, headers=None, timeout=60):
        self._note = (method, path, body)
        self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout)
        self.connection.request(method, path, body=wire(body), headers=head(key, body, headers))
        self.response = self.connection.getresponse()
        super().__init__(self.response, b'')
        self.events, self.retries, self.comments, self.odd = [], [], [], []
        self.began = time.monotonic()
        self.ended = False  # by the server, in order

    def __iter__(self):
        fields = {}
        while True:
            line = self.response.readline()
            self.body += line
            if not line:
                break
            line = line.decode().rstrip('\n')
            if line:
                self._field(line, fields)
            elif fields:
                event = Event(fields.get('event'), fields.get('id'), json.loads(fields['data']), time.monotonic())
                self.events.append(event)
                fields = {}
                yield event
        self.ended = True
        self.close()

    def _field(self, line, fields):
        name, _, value = line.partition(':')
        value = value[1:] if value.startswith(' ') else value
        if name == '':
            self.comments.append(time.monotonic())
        elif name == 'retry':
            self.retries.append(value)
        elif name in ('event', 'id', 'data') and name not in fields:
            fields[name] = value
        else:
            self.odd.append(line)

    def read(self):
        if self.type == 'text/event-stream':
            for _ in self:
                pass
        else:
            self.body = self.response.read()
            self.close()
        return self

    def close(self):
        """Also in the middle: the visitor has gone."""
        if self.connection:
            self.connection.close()
            self.connection = None
            note(*self._note, self)

    def first(self, name):
        """Reads on to the next event of that name; None when it does not come."""
        return next((e for e in self if e.name == name), None)

    def named(self, name):
        return [e for e in self.events if e.name == name]

    @property
    def names(self):
        return [e.name for e in self.events]

    @property
    def answer_id(self):
        return self.events[0].data['answerId']

    @property
    def text(self):
        """Tokens of the last attempt, joined."""
        out = ''
        for e in self.events:
            out = '' if e.name == 'start' else out
            out += e.data['text'] if e.name == 'token' else ''
        return out

    @property
    def done(self):
        return next((e.data for e in self.events if e.name == 'done'), None)


def multipart(files, fields=()):
    """(body, content type); files: (name, filename, type, bytes)."""
    mark = b'----contract7f3a'
    out = b''
    for name, value in fields:
        out += b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
            mark,
            name.encode(),
            value.encode(),
        )
    for name, filename, kind, data in files:
        out += (
            b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
            % (mark, name.encode(), filename.encode(), kind.encode(), data)
        )
    return out + b'--' + mark + b'--\r\n', 'multipart/form-data; boundary=' + mark.decode()

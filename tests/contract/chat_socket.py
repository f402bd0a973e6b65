"""chat_socket - a visitor's WebSocket as the checks use it: what it says, what it is told."""
import base64
import uuid

import sock
import talk

PROBLEM = set(talk.PROBLEM)
ENDS = ('done', 'error')


def name():
    return uuid.uuid4().hex


class Talk:
    """One socket; keeps what it was told."""

    def __init__(self, s, bot, session=None, port=None, words=(), key=None, **more):
        self.s, self.session = s, session or name()
        self.socket = sock.Socket(
            port or s.port,
            '/ws/chat/' + self.session,
            protocols=['cc.v1', 'cc.key.' + (key or bot.public), *words],
            **more,
        )
        self.seen = []

    def say(self, type, **members):
        self.socket.send(dict(type=type, **members))

    def next(self):
        self.seen.append(self.socket.text())
        return self.seen[-1]

    def until(self, good):
        """The first good one."""
        while not good(self.next()):
            pass
        return self.seen[-1]

    def first(self, type, **members):
        wanted = dict(type=type, **members)
        return self.until(lambda f: wanted.items() <= f.items())

    def end(self, answer=None):
        """Of that answer, or of any."""
        return self.until(lambda f: f['type'] in ENDS and (not answer or f.get('answerId') == answer))

    def ask(self, message='What is there?', **members):
        """Told to its end; the frames of that answer."""
        before = len(self.seen)
        self.say('message', message=message, **members)
        self.end()
        return self.seen[before:]

    def drop(self):
        self.socket.drop()


def opened(s, bot, *more, **words):
    t = Talk(s, bot, *more, **words)
    hello = t.next()
    assert hello == dict(type='hello', sessionId=t.session), hello
    return t


def text_of(frames, answer=None):
    """Tokens of the last attempt, joined."""
    out = ''
    for f in frames:
        if answer and f.get('answerId') != answer:
            continue
        out = '' if f['type'] == 'start' else out
        out += f['text'] if f['type'] == 'token' else ''
    return out


def as_events(frames):
    """(name, id, data) as SSE tells them."""
    own = ('type', 'id', 'answerId')
    return [(f['type'], f.get('id'), {k: x for k, x in f.items() if k not in own}) for f in frames]


def events(stream):
    return [(e.name, e.id, e.data) for e in stream.events]


def refused(s, words, frame, status, code, member='', **ids):
    """An error frame: a problem object, with the ids of what it is about and no others."""
    fields = {k: frame.get(k) for k in ('type', 'status', 'code')}
    s.same(f'{words}: {status} {code}', fields, dict(type='error', status=status, code=code))
    s.check('... as a problem', PROBLEM - {'type'} <= set(frame) and frame['traceId'].startswith('req_'), frame)
    s.same('... of just that', {k: frame[k] for k in ('messageId', 'answerId') if k in frame}, ids)
    s.check(f'... that names {member or "it"}', member in frame['detail'], frame['detail'])


def not_opened(s, words, status, code, session=None, bot=None, protocols=(), port=None, **more):
    try:
        w = sock.Socket(port or s.port, '/ws/chat/' + (session or name()), protocols=protocols, **more)
        w.drop()
        s.check(f'{words}: {status} {code}', False, 'it was opened')
    except sock.Refused as e:
        s.problem(words, e.answer, status, code)


def attempt(s, bot, **more):
    """None when it is not let in."""
    try:
        return opened(s, bot, **more)
    except sock.Refused:
        return None


def word_of(proof):
    """The proof's headers as a word of the subprotocols."""
    if 'x-visitor-token' in proof:
        return 'cc.visitor.' + proof['x-visitor-token']
    ident = base64.urlsafe_b64encode(proof['x-visitor-id'].encode('latin-1')).decode().rstrip('=')
    return f'cc.visitor.{ident}.{proof["x-visitor-exp"]}.{proof["x-visitor-hash"]}'

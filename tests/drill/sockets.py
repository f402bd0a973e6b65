"""sockets - many visitors' WebSockets with an answer each, beside as many streams: all texts are exact.

usage: tests/support/servers --migrate -- python3 tests/drill/sockets.py [--sockets N]

Tells what one costs in memory: a stream with an answer under way, a socket where nothing is said, and
one with an answer.  Each kind is measured on a gateway of its own, at the first token of the last one.
"""
import argparse
import os
import resource
import sys
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'load'), os.path.join(HERE, '..', 'contract')]
import harness as h
import scenario
import sock
import talk

SOCKET_KB = 64  # with an answer; about three times what a stream takes
FRAMES, LEFT_KB = 3000, 200  # a kilobyte kept of each would be more
QUESTION = dict(message='What is there?')


class Stream:
    def __init__(self, port, key):
        self.told = talk.Stream(port, 'POST', '/api/widget/chat/stream', key=key, body=QUESTION)

    def begun(self):
        self.told.first('token')

    def end(self):
        self.told.read()
        return bool(self.told.done) and self.told.text == self.told.done['text']


class Socket:
    def __init__(self, port, key):
        self.socket = sock.Socket(port, '/ws/chat/' + uuid.uuid4().hex, protocols=['cc.v1', 'cc.key.' + key], timeout=60)
        self.socket.text()
        self.text = ''

    def ask(self):
        self.socket.send(dict(type='message', **QUESTION))
        return self

    def next(self):
        frame = self.socket.text()
        self.text += frame['text'] if frame['type'] == 'token' else ''
        return frame

    def begun(self):
        while not self.text:
            self.next()

    def end(self):
        while (frame := self.next())['type'] not in ('done', 'error'):
            pass
        self.socket.close()
        return frame['type'] == 'done' and self.text == frame['text']


class Trial:
    """A fresh gateway, some answers to warm it up, and then n at once."""

    def __init__(self, stack, n):
        self.stack, self.n = stack, n
        stack.fleet.restart('gateway')
        h.await_ready(stack.port, fleet=stack.fleet)
        self.key = stack.who['public']
        for kind in (Stream, lambda *at: Socket(*at).ask()):
            assert all(x.end() for x in [kind(stack.port, self.key) for _ in range(4)])
        self.before = self.memory()

    def memory(self):
        return self.stack.fleet.usage('gateway')[1]

    def open(self, kind):
        self.all = [kind(self.stack.port, self.key) for _ in range(self.n)]
        return self.all

    def cost(self):
        """kB of each since the beginning."""
        return (self.memory() - self.before) * 1024 / self.n


def streams(stack, n, checks):
    trial = Trial(stack, n)
    for x in trial.open(Stream):
        x.begun()
    cost = trial.cost()
    exact = sum(x.end() for x in trial.all)
    checks.check(f'{n} streams: every text is exact', exact == n, exact)
    return cost


def sockets(stack, n, checks):
    trial = Trial(stack, n)
    trial.open(Socket)
    idle = trial.cost()
    for x in trial.all:
        x.ask()
    for x in trial.all:
        x.begun()
    cost = trial.cost()
    exact = sum(x.end() for x in trial.all)
    checks.check(f'{n} sockets: every text is exact', exact == n, exact)
    again = [x.end() for x in [y.ask() for y in trial.open(Socket)]]
    checks.check(f'{n} more come in their place', all(again), again.count(False))
    left = trial.cost()
    return idle, cost, left


def beside(stack, n, checks):
    trial = Trial(stack, n)
    both = [y for x in trial.open(Socket) for y in (x.ask(), Stream(stack.port, trial.key))]
    exact = sum(x.end() for x in both)
    checks.check(f'{n} sockets beside {n} streams: every text is exact', exact == 2 * n, exact)


def chatty(stack, checks):
    """What a frame took goes with it, however long the socket stays."""
    trial = Trial(stack, 1)
    (x,) = trial.open(Socket)
    for i in range(FRAMES):
        x.socket.send(dict(type=('ping', 'sing', 'resume')[i % 3], answerId='ans_' + '0' * 32))
        x.next()
        if i == FRAMES // 10:
            early = trial.cost()
    grown = trial.cost() - early
    checks.check(f'{FRAMES} frames on one socket leave nothing behind', grown <= LEFT_KB, f'{grown:.0f} kB')
    x.ask().end()


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--sockets', type=int, default=200)
    n = p.parse_args().sockets
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    checks = h.Checks()
    stack = scenario.Stack(200, 50, 100)  # an answer lasts five seconds
    stream = streams(stack, n, checks)
    idle, socket, left = sockets(stack, n, checks)
    beside(stack, n, checks)
    chatty(stack, checks)
    stack.stop()
    print(f'kB each: a stream {stream:.0f}; a socket {idle:.0f}, with an answer {socket:.0f}, when all have gone {left:.0f}')
    checks.check(f'a socket with an answer takes at most {SOCKET_KB} kB', socket <= SOCKET_KB, socket)
    checks.end()


main()

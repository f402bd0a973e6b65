#!/usr/bin/env python3
"""visitor_files - what visitors give to a conversation survives its readers, and is never another's answer.

usage: tests/support/servers --migrate -- python3 tests/drill/visitor_files.py [--visitors N]

    nobody reads   no ingest process: pending, said so, questions go on; read as soon as there is one
    kill -9        the process that reads is killed in the midst of it; the next look at the list heals
                   it; a file that outlives its readers is given up
    for nobody     with the answer cache on: the same question with and without a file, in both orders,
                   by N visitors at once; each is answered from his own file, the others from none
"""
import argparse
import concurrent.futures
import json
import os
import signal
import sys
import time
import uuid

import documents
import harness as h

sys.path.insert(0, os.path.join(h.ROOT, 'tests', 'contract'))
import talk


class Visitor:
    def __init__(self, port, key):
        self.port, self.key, self.session = port, key, 'v' + uuid.uuid4().hex
        self.path = f'/api/widget/sessions/{self.session}/files'

    def give(self, name, data, kind='text/plain'):
        body, mime = talk.multipart([('file', name, kind, data)])
        return talk.send(self.port, 'POST', self.path, key=self.key, body=body, headers={'content-type': mime})

    def files(self):
        return talk.send(self.port, 'GET', self.path, key=self.key).json['items']

    def ask(self, message):
        a = talk.send(self.port, 'POST', '/api/widget/chat', key=self.key,
                      body=dict(message=message, sessionId=self.session), timeout=60)
        return a.json if a.status == 200 else {'message': repr(a), 'sources': [], 'cached': None}

    def settled(self, seconds=60):
        """What is told of the only file when it is pending no longer."""
        return until(lambda: self.files()[0], lambda f: f['status'] != 'pending', seconds)


class Checks(h.Checks):
    def check(self, words, ok, seen=''):
        super().check(words, ok, '' if ok else seen)


def until(ask, good, seconds):
    end = time.monotonic() + seconds
    while not good(got := ask()) and time.monotonic() < end:
        time.sleep(0.1)
    return got


def attempts(file):
    return int(h.sql(f"SELECT attempt FROM session_files WHERE id = '{file}'")[0][0])


def nobody_reads(checks, fleet, port, shop):
    v = Visitor(port, shop['public'])
    a = v.give('note.txt', b'The zither of the house is tuned on Fridays.')
    item = a.json['items'][0]
    checks.check('without an ingest process a file is taken, and pending', a.status == 201 and
                 item['status'] == 'pending' and item['detail'], a)
    got = v.ask('When is the zither tuned?')
    checks.check('... questions are answered meanwhile', 'Fridays' not in got['message'] and not got['sources'], got)
    checks.check('... and not for all', got['cached'] is False, got)
    leaving = h.free_port()
    fleet.start('gateway-leaving', 'cc-gateway', CC_GATEWAY_PORT=leaving, CC_INSTANCE='leaving')
    h.await_ready(leaving)
    Visitor(leaving, shop['public']).give('other.txt', b'The lute is not tuned at all.')
    fleet.kill('gateway-leaving', signal.SIGTERM)
    code = fleet.procs['gateway-leaving'].wait(30)
    checks.check('a gateway may stop while it waits for a reader', code == 0, code)
    fleet.start('ingest-0', 'cc-ingest')
    item = v.settled()
    checks.check('it is read when there is one', item['status'] == 'ready', item)
    got = v.ask('When is the zither tuned?')
    checks.check('... and answers', 'Fridays' in got['message'], got)


def readers_die(checks, fleet, port, shop):
    """A page that a reader is at for the whole of CC_PARSE_MS: long enough to be killed at it."""
    v = Visitor(port, shop['public'])
    a = v.give('endless.pdf', documents.endless_pdf(1), 'application/pdf')
    file = a.json['items'][0]['id']
    checks.check('a file that takes long is pending in the answer to its upload',
                 a.json['items'][0]['status'] == 'pending', a)
    fleet.kill('ingest-0')
    fleet.start('ingest-1', 'cc-ingest')
    began = time.monotonic()
    until(lambda: (v.files(), attempts(file))[1], lambda n: n >= 2, 40)
    checks.check(f'when its reader was killed, the next look has it read again ({time.monotonic() - began:.1f} s)',
                 attempts(file) == 2, attempts(file))
    item = v.settled(60)
    checks.check('... to its end', item['status'] == 'failed' and item['code'] == 'parser_limit', item)

    w = Visitor(port, shop['public'])
    file = w.give('endless.pdf', documents.endless_pdf(2), 'application/pdf').json['items'][0]['id']
    for n in range(3):
        reader = f'ingest-{n + 1}'
        got = until(lambda: (w.files(), attempts(file))[1], lambda k: k == n + 1, 40)
        checks.check(f'reader {n + 1} takes it', got == n + 1, got)
        fleet.kill(reader)
        fleet.start(f'ingest-{n + 2}', 'cc-ingest')
    item = w.settled(60)
    checks.check('a file that has outlived its readers is given up', item['code'] == 'gave_up', item)
    left = h.sql(f"SELECT bytes IS NULL FROM session_files WHERE id = '{file}'")
    checks.check('... and its bytes are gone', left == [['t']], left)


def for_nobody(checks, port, shop, visitors):
    """All ask the very same question; each knows another answer to it."""
    question = 'Which colour has the gate of the garden?'

    def one(i):
        giver, before, after = (Visitor(port, shop['public']) for _ in range(3))
        colour = 'colour' + uuid.uuid4().hex[:8]
        first = before.ask(question)
        a = giver.give(f'gate-{i}.txt', f'The gate of the garden has the colour {colour}.'.encode())
        file = until(lambda: giver.files()[0], lambda f: f['status'] != 'pending', 60)
        own = giver.ask(question)
        return dict(colour=colour, first=first, own=own, last=after.ask(question), taken=a.status, file=file)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(one, range(visitors)))
    colours = {x['colour'] for x in seen}
    said = lambda x, of: {c for c in colours if c in json.dumps(x[of])}
    checks.check(f'{visitors} visitors: each is answered from his own file, and from it alone',
                 all(said(x, 'own') == {x['colour']} for x in seen), [x for x in seen if said(x, 'own') != {x['colour']}][:2])
    for of, words in (('first', 'before'), ('last', 'after')):
        checks.check(f'who asks the same {words} is told of no file', not any(said(x, of) for x in seen),
                     [x[of] for x in seen if said(x, of)][:2])
    checks.check('answers with a file never come from the cache', not any(x['own']['cached'] for x in seen))
    checks.check('... and those without do', any(x['last']['cached'] for x in seen))
    kept = os.popen(f'redis-cli -s {os.environ["CC_REDIS_LIVE"].removeprefix("unix:")} --scan 2>/dev/null').read()
    checks.check('... which is on', 'answer' in kept, kept[:200])


def main():
    args = argparse.ArgumentParser()
    args.add_argument('--visitors', type=int, default=24)
    visitors = args.parse_args().visitors
    checks, fleet, port = Checks(), h.Fleet(), h.free_port()
    os.environ.update(CC_EMBED='hash', CC_MODEL_FREE='builtin', CC_MODEL_PAID='builtin', CC_CACHE_ANSWER_S='300',
                      CC_PARSE_MS='8000', CC_RATE_FREE='1000000', CC_RATE_PAID='1000000', CC_RATE_VISITOR='1000000',
                      CC_RATE_ADDRESS='1000000')
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port)
    fleet.start('worker', 'cc-worker')
    h.await_ready(port, fleet=fleet)
    shop = h.tenant('shop', 'builtin:')
    nobody_reads(checks, fleet, port, shop)
    readers_die(checks, fleet, port, shop)
    for_nobody(checks, port, shop, visitors)
    checks.end()


main()

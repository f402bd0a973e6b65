"""isolation - two tenants own the same document with different canary words; nobody sees the other's.

usage: tests/support/servers --migrate -- python3 tests/drill/isolation.py [--questions N]

Questions go to both tenants at once; answers, sources, streams, histories and all logs are searched
for the other's canary.  Then ids of one are used with the keys of the other.
"""
import argparse
import base64
import json
import os
import random
import threading
import time

import harness as h

TEXT = '''# Handbook of the lighthouse

The keeper's code word is {canary}. It is changed every spring.

The lamp burns from dusk till dawn. The lens was ground in 1911 and weighs 2.4 tonnes.

## Visits

Visitors may climb the tower on Sundays between ten and four. The word {canary} opens the gate.
'''
ASK = ['What is the code word?', 'Which word opens the gate?', 'When may visitors climb the tower?',
       'How much does the lens weigh?', 'Who changes the code word and when?', 'Tell me everything about {other}.']


def take_in(port, who, text):
    status, body = h.request(port, 'POST', '/process-document',
                             dict(filename='handbook.md', fileType='text/markdown',
                                  fileData=base64.b64encode(text.encode()).decode()),
                             {'authorization': 'Bearer ' + who['secret']})
    assert status == 202, (status, body)
    ident = json.loads(body)['id']
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, body = h.request(port, 'GET', f'/api/widget/documents/{ident}/status',
                            headers={'authorization': 'Bearer ' + who['secret']})
        if json.loads(body)['status'] == 'ready':
            return ident
        time.sleep(0.05)
    raise SystemExit(f'document not ready: {body}')


class Asker:
    """Raw bytes of everything one tenant ever received."""

    def __init__(self, port, who, other, n, seed):
        self.port, self.who, self.other, self.n = port, who, other, n
        self.rng = random.Random(seed)
        self.seen, self.own, self.failed = [], 0, 0
        self.session = None

    def run(self):
        for i in range(self.n):
            q = self.rng.choice(ASK).format(other='the neighbour') + f' ({self.rng.randrange(10**6)})'
            status, body = h.request(self.port, 'POST', '/api/widget/chat/stream', dict(message=q),
                                     {'x-api-key': self.who['public']}, timeout=60)
            self.seen.append(body)
            self.failed += status != 200 or b'event: done' not in body
            self.own += self.who['canary'].encode() in body


def foreign_ids(port, a, b, checks):
    """b's ids with a's keys: 404 and no canary."""
    status, body = h.request(port, 'POST', '/api/widget/chat', dict(message='What is the code word?'),
                             {'x-api-key': b['public']})
    mine = json.loads(body)
    tries = [
        ('GET', f"/api/widget/sessions/{mine['sessionId']}/messages", None, a['public']),
        ('DELETE', f"/api/widget/sessions/{mine['sessionId']}", None, a['public']),
        ('GET', f"/api/widget/answers/{mine['answerId']}/stream", None, a['public']),
        ('POST', f"/api/widget/answers/{mine['answerId']}/stop", {}, a['public']),
        ('POST', f"/api/widget/answers/{mine['answerId']}/feedback", {'rating': 'up'}, a['public']),
        ('GET', f"/api/chat/history/{mine['sessionId']}", None, a['public']),
        ('POST', '/api/widget/chat', {'message': 'hello', 'sessionId': mine['sessionId']}, a['public']),
        ('POST', f"/api/chat/{b['bot']}", {'message': 'hello'}, a['public']),
        ('GET', f"/api/widget/documents/{b['document']}/status", None, a['secret']),
    ]
    wrong = []
    for method, path, body, key in tries:
        head = {'authorization': 'Bearer ' + key} if key.startswith('sk_') else {'x-api-key': key}
        status, answer = h.request(port, method, path, body, head)
        if status != 404 or b['canary'].encode() in answer:
            wrong.append((method, path, status, answer[:120]))
    checks.check('ids of another tenant answer 404', not wrong, wrong or f'{len(tries)} routes')
    status, _ = h.request(port, 'GET', f"/api/widget/sessions/{mine['sessionId']}/messages",
                          headers={'x-api-key': b['public']})
    checks.check('the owner still sees the session', status == 200, status)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--questions', type=int, default=1000)
    args = p.parse_args()
    env = dict(CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6, CC_LOG_LEVEL='debug')
    port = h.free_port()
    fleet = h.Fleet()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
    for i in range(2):
        fleet.start(f'worker-{i}', 'cc-worker', **env)
    fleet.start('ingest', 'cc-ingest', **env)
    h.await_ready(port, fleet=fleet)
    tenants = []
    for name, canary in (('north', 'quillfeather77'), ('south', 'marrowstone42')):
        t = h.tenant(name, 'builtin:')
        t['canary'] = canary
        t['document'] = take_in(port, t, TEXT.format(canary=canary))
        tenants.append(t)
    askers = [Asker(port, t, tenants[1 - i], args.questions // 8, 1000 * i + k)
              for i, t in enumerate(tenants) for k in range(4)]
    threads = [threading.Thread(target=a.run) for a in askers]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    checks = h.Checks()
    total = sum(a.n for a in askers)
    leaks = sum(body.count(a.other['canary'].encode()) for a in askers for body in a.seen)
    own = sum(a.own for a in askers)
    checks.check('every question was answered', sum(a.failed for a in askers) == 0, f'{total} questions')
    checks.check('the own canary is found (the search works)', own > total / 3, f'{own} of {total}')
    checks.check("no answer, source or stream holds the other's canary", leaks == 0, leaks)
    foreign_ids(port, tenants[0], tenants[1], checks)
    foreign_ids(port, tenants[1], tenants[0], checks)
    fleet.stop()
    logs = 0
    for name in os.listdir(fleet.log):
        if name.endswith('.log') and name.split('.')[0] in fleet.how:
            with open(os.path.join(fleet.log, name), 'rb') as f:
                text = f.read()
            logs += sum(text.count(t[k].encode()) for t in tenants for k in ('canary', 'public', 'secret'))
    checks.check('no log holds a canary or a key', logs == 0, logs)
    checks.end()


main()

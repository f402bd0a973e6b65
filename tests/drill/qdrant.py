"""qdrant - the whole house with vectors in Qdrant: found, kept apart, forgotten; and what happens without it.

usage: tests/support/servers --migrate -- python3 tests/drill/qdrant.py

QDRANT_URL (and QDRANT_KEY) name a real one; else tests/support/doubles/qdrant.mjs stands in, which holds
every request to Qdrant's own description where its npm packages are installed.
"""
import json
import os
import subprocess
import sys
import time
import urllib.request

import documents as d
import harness as h

DOUBLES = os.path.join(h.ROOT, 'tests/support/doubles')
ENV = dict(CC_RECLAIM_MS=200, CC_SWEEP_MS=300, CC_LEASE_MS=2000, CC_EMBED='hash', CC_RATE_PAID=10**6,
           CC_QDRANT_COLLECTION=f'drill{os.getpid()}')
DOCUMENTS = 6


class Qdrant:
    """The service, and its end."""

    def __init__(self):
        self.url, self.key, self.process = os.environ.get('QDRANT_URL'), os.environ.get('QDRANT_KEY', ''), None
        if self.url:
            return
        self.key = 'secret'
        args = ['node', os.path.join(DOUBLES, 'qdrant.mjs'), '--key', self.key]
        if os.path.isdir(os.path.join(DOUBLES, 'node_modules/ajv')):
            args += ['--contract', os.path.join(h.ROOT, 'tests/fixtures/qdrant/openapi-1.19.json')]
        else:
            print('skip the contract: the npm packages of tests/support/doubles are not installed', flush=True)
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = f'http://127.0.0.1:{self.process.stdout.readline().split()[1].decode()}'

    def seen(self):
        if not self.process:
            return dict(refused=[], checked=False, requests={})
        with urllib.request.urlopen(f'{self.url}/seen', timeout=5) as answer:
            return json.load(answer)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def search(port, who, query):
    headers = {'authorization': f'Bearer {who["secret"]}'}
    status, body = h.request(port, 'POST', '/api/dashboard/retrieval/test', dict(query=query, botId=who['bot']), headers)
    return status, json.loads(body)


def upload_all(port, who, words):
    return [d.upload(port, who['secret'], f'{words}{i}.txt', d.text(i, 2, words).encode()) for i in range(DOCUMENTS)]


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.05)
    return what()


def garbage():
    return int(h.sql('SELECT count(*) FROM vector_garbage')[0][0])


def main():
    checks, fleet, port, qdrant = h.Checks(), h.Fleet(), h.free_port(), Qdrant()
    env = dict(ENV, CC_QDRANT_URL=qdrant.url, CC_QDRANT_KEY=qdrant.key)
    try:
        fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
        h.await_ready(port, fleet=fleet)
        fleet.start('ingest', 'cc-ingest', **env)
        fleet.start('worker', 'cc-worker', **env)
        run(checks, port, qdrant)
    finally:
        fleet.stop()
        qdrant.end()
    checks.end()


def run(checks, port, qdrant):
    one, two = h.tenant('one', 'builtin:builtin'), h.tenant('two', 'builtin:builtin')
    mine = upload_all(port, one, 'one')
    theirs = upload_all(port, two, 'two')
    for who in (one, two):
        last = d.await_ended(who['tenant'], lambda: DOCUMENTS, 60)
        checks.check(f'documents of {who["tenant"][:8]} became ready', last == dict(ready=DOCUMENTS), last)
    checks.check('no vector lies in PostgreSQL', h.sql('SELECT count(*) FROM chunk_vectors')[0][0] == '0')
    look(checks, port, one, two, mine, theirs)

    request = urllib.request.Request(f'http://127.0.0.1:{port}/api/dashboard/documents/{mine[3]}', method='DELETE',
                                     headers={'authorization': f'Bearer {one["secret"]}'})
    urllib.request.urlopen(request, timeout=10).close()
    checks.check('what is deleted is forgotten there, too', until(lambda: garbage() == 0), garbage())
    _, found = search(port, one, 'canary3')
    checks.check('and not found', all(i['documentId'] != mine[3] for i in found['items']))

    seen = qdrant.seen()
    checks.check('every request was as Qdrant describes it', not seen['refused'], seen['refused'][:2])
    print(f'     requests: {seen["requests"]}, held to the contract: {seen["checked"]}', flush=True)
    if qdrant.process:
        qdrant.end()
        status, found = search(port, one, 'canary2')
        checks.check('without Qdrant the search by words goes on', status == 200 and found['degraded'] and
                     found['items'][0]['documentId'] == mine[2], found.get('degraded', found))


def look(checks, port, one, two, mine, theirs):
    for who, ids, others in ((one, mine, theirs), (two, theirs, mine)):
        status, found = search(port, who, 'canary2 bowl shelf')
        checks.check('a search answers', status == 200, found if status != 200 else '')
        if status != 200:
            sys.exit(1)
        items = found['items']
        checks.check('by vectors in Qdrant', found['vectors'] == 'qdrant' and not found['degraded'], found['vectors'])
        checks.check('with a cosine for what they found', any(i['scores']['vector'] > 0 for i in items))
        checks.check('only in documents of its own', {i['documentId'] for i in items} <= set(ids)
                     and not {i['documentId'] for i in items} & set(others))
        checks.check('the right one first', items[0]['documentId'] == ids[2], items[0]['filename'])
    status, body = h.request(port, 'GET', '/health')
    checks.check('/health names it', json.loads(body)['components']['vectors'] == 'qdrant', status)


main()

"""ingest_flush - both Redis servers are emptied while documents are taken in; all become ready.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_flush.py [DOCUMENTS [FLUSHES]]

Uploads go through the gateway. While they are worked on, Redis forgets everything, several
times; at the last time PostgreSQL and one ingest process are killed, too. Watched all along: no
document shows a part of its passages.
"""
import concurrent.futures
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
import uuid

import harness as h

ENV = dict(CC_LEASE_MS=3000, CC_RECLAIM_MS=200, CC_SWEEP_MS=2000, CC_EMBED='use', CC_INGEST_SLOTS=2,
           CC_RATE_PAID=10**6)
WAIT_S = 240


def text(number):
    """Some twelve passages, all different, with one word that is only in this document."""
    rng = random.Random(number)
    nouns = 'bowl cup jar plate shelf lamp stool bench oven kettle basket ladle tray stone'.split()
    lines = [f'The word of this document is canary{number}.']
    for i in range(270):
        lines.append(f'In hall {rng.randrange(99)} the {rng.choice(nouns)} number {rng.randrange(10**6)} stands beside '
                     f'a {rng.choice(nouns)} that weighs {rng.randrange(10, 999)} grams.')
    return '\n\n'.join(' '.join(lines[i:i + 5]) for i in range(0, len(lines), 5))


def upload(port, secret, number):
    boundary = uuid.uuid4().hex
    body = (f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="d{number}.txt"\r\n'
            f'content-type: text/plain\r\n\r\n{text(number)}\r\n--{boundary}--\r\n').encode()
    request = urllib.request.Request(f'http://127.0.0.1:{port}/process-document', body, {
        'authorization': f'Bearer {secret}', 'content-type': f'multipart/form-data; boundary={boundary}'})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)['id']


def flush():
    for name in ('CC_REDIS_QUEUE', 'CC_REDIS_LIVE'):
        path = os.environ[name].removeprefix('unix:')
        subprocess.run(['redis-cli', '-s', path, 'FLUSHALL'], check=True, stdout=subprocess.DEVNULL)


def statuses(tenant):
    return dict(h.sql(f"SELECT status, count(*) FROM documents WHERE tenant_id = '{tenant}' GROUP BY 1"))


def half_shown(tenant):
    """Documents whose active generation has other passages than were published."""
    return int(h.sql(f"SELECT count(*) FROM documents d WHERE tenant_id = '{tenant}' AND active IS NOT NULL AND "
                     f"active_chunks <> (SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND "
                     f"c.document_id = d.id AND c.generation = d.active)")[0][0])


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    flushes = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    checks, fleet, port = h.Checks(), h.Fleet(), h.free_port()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    who = h.tenant('flush', 'builtin:builtin')
    for name in ('ingest-0', 'ingest-1'):
        fleet.start(name, 'cc-ingest', CC_INSTANCE=name, **ENV)
    try:
        run(checks, fleet, port, who, documents, flushes)
    finally:
        fleet.stop()
    checks.end()


def run(checks, fleet, port, who, documents, flushes):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda i: upload(port, who['secret'], i), range(documents)))
    checks.check('every upload is accepted', len(set(ids)) == documents, f'{time.monotonic() - began:.1f} s')

    at_flush, samples, halves, step = [], 0, 0, max(1, documents // (flushes + 1))
    end = time.monotonic() + WAIT_S
    ready = 0
    while ready < documents and time.monotonic() < end:
        seen = statuses(who['tenant'])
        ready = int(seen.get('ready', 0))
        halves += half_shown(who['tenant'])
        samples += 1
        if len(at_flush) < flushes and ready >= step * len(at_flush) + 1:
            flush()
            at_flush.append(ready)
            if len(at_flush) == flushes:
                h.server('pg', 'kill')
                fleet.restart('ingest-0', signal.SIGKILL)
        if sum(int(seen.get(s, 0)) for s in ('failed', 'dead', 'no_text', 'encrypted')):
            break
        time.sleep(0.1)

    seen = statuses(who['tenant'])
    checks.check('Redis was emptied in the middle', len(at_flush) == flushes and at_flush[-1] < documents,
                 f'with {at_flush} of {documents} ready')
    checks.check('all documents are ready', seen == {'ready': str(documents)},
                 f'{seen} after {time.monotonic() - began:.1f} s')
    checks.check('no document ever showed a part', halves == 0, f'{samples} looks')
    rows = h.sql(f"SELECT chunks_total, (SELECT count(DISTINCT idx) FROM chunks c WHERE c.tenant_id = d.tenant_id AND "
                 f"c.document_id = d.id), (SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND "
                 f"c.document_id = d.id), attempt FROM documents d WHERE tenant_id = '{who['tenant']}'")
    checks.check('each has all its passages once', all(a == b == c and int(a) > 1 for a, b, c, _ in rows),
                 f'{sum(int(r[0]) for r in rows)} passages, attempts {sorted({r[3] for r in rows})}')
    words = h.sql(f"SELECT count(DISTINCT term) FROM postings WHERE tenant_id = '{who['tenant']}' AND term LIKE 'canary%'")
    checks.check('each is found by its own word', words == [[str(documents)]], words[0][0])


main()

"""ingest_chaos - documents are taken in while everything dies: none is stuck, half, doubled or back from the dead.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_chaos.py [DOCUMENTS]

Uploads go through the gateway and a counting embedding service. Every 500 ms one ingest process is
killed, every few seconds PostgreSQL or a Redis server; one document in twenty is deleted at a random
moment. Afterwards the same files are taken in once more by another tenant, in peace, and the passages
of both must be the same.
"""
import concurrent.futures
import random
import subprocess
import sys
import threading
import time

import documents as d
import harness as h

INGESTS, SLOTS = 3, 2
# an attempt that was killed counts: nobody's fault here, so they may be many
ENV = dict(CC_LEASE_MS=3000, CC_RECLAIM_MS=200, CC_SWEEP_MS=2000, CC_ATTEMPTS=1000, CC_INGEST_SLOTS=SLOTS,
           CC_RATE_PAID=10**6)


def file_of(number):
    return f'd{number}.txt', d.text(number, passages=2 + number % 12).encode()


class Deleter:
    """Deletes some documents, each at a moment of its own; knows which are gone for good."""

    def __init__(self, tenant):
        self.tenant, self.rng, self.gone, self.names, self.threads = tenant, random.Random(7), set(), set(), []

    def consider(self, number, document):
        if number % 20 == 3:
            t = threading.Thread(target=self.delete, args=(number, document, self.rng.uniform(0, 8)), daemon=True)
            t.start()
            self.threads.append(t)

    def delete(self, number, document, after_s):
        time.sleep(after_s)
        self.names.add(file_of(number)[0])
        while True:
            try:
                h.ctl('document', 'delete', self.tenant, document, quiet=True)
                break
            except subprocess.CalledProcessError:
                if d.sql(f"SELECT 1 FROM documents WHERE id = '{document}'") == []:
                    break               # it was gone though the answer got lost
                time.sleep(0.3)
        self.gone.add(document)

    def back(self):
        """How many of those deleted have a row or a passage."""
        ids = ','.join(f"'{i}'" for i in list(self.gone))
        rows = d.sql(f'SELECT (SELECT count(*) FROM documents WHERE id IN ({ids})) + '
                     f'(SELECT count(*) FROM chunks WHERE document_id IN ({ids}))') if ids else [['0']]
        return int(rows[0][0]) if rows else 0


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    checks, fleet, port, service = h.Checks(), h.Fleet(), h.free_port(), d.Embeddings(0.05)
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    who, calm = h.tenant('chaos', 'builtin:builtin'), h.tenant('calm', 'builtin:builtin')
    for i in range(INGESTS):
        fleet.start(f'ingest-{i}', 'cc-ingest', CC_INSTANCE=f'ingest-{i}', **ENV, **service.env)
    try:
        kills = storm(checks, fleet, port, who, documents, service)
        compare(checks, port, who, calm, documents, service, kills)
    finally:
        fleet.stop()
    checks.end()


def upload_all(port, who, documents, deleter=None):
    def one(number):
        name, body = file_of(number)
        document = d.upload(port, who['secret'], name, body, key=f'chaos-{number}')
        if deleter:
            deleter.consider(number, document)
        return document

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(documents)))


def storm(checks, fleet, port, who, documents, service):
    chaos, deleter, began = h.Chaos(), Deleter(who['tenant']), time.monotonic()
    seen = dict(samples=0, halves=0, back=0)
    turn = dict(ingest=0, server=0)

    def kill_ingest():
        turn['ingest'] += 1
        fleet.restart(f'ingest-{turn["ingest"] % INGESTS}')

    def break_server():
        turn['server'] += 1
        h.server(('pg', 'redis-queue', 'redis-live')[turn['server'] % 3], 'kill')

    def look():
        half = d.half_shown(who['tenant'])
        if half is not None:
            seen['samples'] += 1
            seen['halves'] += half
            seen['back'] += deleter.back()

    chaos.every(0.5, 'kills', kill_ingest)
    chaos.every(4, 'restarts of servers', break_server)
    uploads = []
    thread = threading.Thread(target=lambda: uploads.extend(upload_all(port, who, documents, deleter)), daemon=True)
    thread.start()
    while thread.is_alive():
        look()
        time.sleep(0.1)
    expected = documents - len([n for n in range(documents) if n % 20 == 3])
    d.await_ended(who['tenant'], lambda: expected if all(not t.is_alive() for t in deleter.threads) else 10**9,
                  60 + documents / 4, look)
    counts = chaos.stop()
    for name in fleet.names('ingest-'):
        fleet.restart(name)
    last = d.await_ended(who['tenant'], lambda: expected, 60, look)

    checks.check('every upload was accepted once', len(set(uploads)) == documents,
                 f'{documents} in {time.monotonic() - began:.1f} s')
    checks.check('everything died all the time', counts.get('kills', 0) >= 5, counts)
    checks.check('no document is stuck', last == {'ready': expected}, f'{last}, {expected} are to be ready')
    checks.check('no document ever showed a part', seen['halves'] == 0, f'{seen["samples"]} looks')
    checks.check('nothing deleted came back', seen['back'] == 0 and deleter.back() == 0, f'{len(deleter.gone)} deleted')
    checks.check('no word or vector is left of what went', d.orphans(who['tenant']) == 0)
    return counts.get('kills', 0) + INGESTS * (counts.get('restarts of servers', 0) + 1)


def compare(checks, port, who, calm, documents, service, losses):
    counted, repeats = service.counted(), service.repeats
    checks.check('embedded once, but for batches in flight', repeats <= losses * SLOTS,
                 f'{sum(counted.values())} for {len(counted)} texts, {repeats} batches again, {losses} losses of '
                 f'{SLOTS} slots; the most often {max(counted.values())} times')
    service.forget()
    upload_all(port, calm, documents)
    last = d.await_ended(calm['tenant'], lambda: documents, 60 + documents)
    checks.check('in peace all are ready', last == {'ready': documents}, last)
    peace = service.counted()
    checks.check('in peace each text is embedded once', max(peace.values()) == 1,
                 f'{sum(peace.values())} for {len(peace)}')
    want, got = d.passages(calm['tenant']), d.passages(who['tenant'])
    differ = [name for name in got if got[name] != want[name]]
    checks.check('the passages are those of a run in peace', not differ and len(got) >= documents * 19 // 20,
                 f'{len(got)} documents, {sum(map(len, got.values()))} passages, {len(differ)} differ')


main()

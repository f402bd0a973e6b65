"""ingest_poison - files that kill their parser among many that do not: those are ready, they are dead with a reason.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_poison.py [DOCUMENTS [KILLERS]]

One kind of killer is a real one: a PDF that keeps the PDF reader busy for years. The others reach a
parser that crashes, hangs, or writes without end when it sees their first words: a script that stands
before cc-parse, since no file is known that crashes it. (What cc-parse itself survives:
tests/integration/ingest.)
"""
import collections
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

import documents as d
import harness as h

ATTEMPTS, PARSE_MS, INGESTS = 3, 1500, 2
ENV = dict(CC_LEASE_MS=3000, CC_RECLAIM_MS=200, CC_SWEEP_MS=2000, CC_ATTEMPTS=ATTEMPTS, CC_PARSE_MS=PARSE_MS,
           CC_EMBED='hash', CC_RATE_PAID=10**6)
ENDLESS = 'endless'
KINDS = ((ENDLESS, '', 'parser_limit', 'stopped after'), ('crash', 'kill -SEGV $$', 'parser_failed', 'died of signal 11'),
         ('abort', 'kill -ABRT $$', 'parser_limit', 'memory'),
         ('hang', 'exec sleep 600', 'parser_limit', 'stopped after'),
         ('flood', 'exec yes', 'parser_limit', 'bytes of text'))


def folder_with_stand_in():
    """Copies of the programs, since cc-ingest looks for cc-parse beside itself; notes each try of a killer."""
    folder = tempfile.mkdtemp(dir=os.environ['CC_TEST_DIR'])
    tries = os.path.join(folder, 'tries')
    for name, there in (('cc-ingest', 'cc-ingest'), ('cc-parse', 'cc-parse-real')):
        shutil.copy(os.path.join(h.BIN, name), os.path.join(folder, there))
    os.mkdir(tries)
    os.chmod(tries, 0o777)
    cases = '\n'.join(f"  'killer {kind} '*) echo x >> {tries}/${{head##* }}; {act} ;;" for kind, act, _, _ in KINDS if act)
    with open(os.path.join(folder, 'cc-parse'), 'w') as f:
        f.write(f'#!/bin/sh\nread -r head < /proc/self/fd/0\ncase "$head" in\n{cases}\nesac\n'
                f'exec {folder}/cc-parse-real "$@"\n')
    for name in ('', 'cc-parse', 'cc-ingest', 'cc-parse-real'):
        os.chmod(os.path.join(folder, name), 0o755)
    return folder, tries


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    killers = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    checks, fleet, port = h.Checks(), h.Fleet(), h.free_port()
    folder, tries = folder_with_stand_in()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    who = h.tenant('poison', 'builtin:builtin')
    for i in range(INGESTS):
        fleet.start(f'ingest-{i}', os.path.join(folder, 'cc-ingest'), CC_INSTANCE=f'ingest-{i}', **ENV)
    try:
        run(checks, port, who, documents, killers, tries)
    finally:
        fleet.stop()
    checks.end()


def run(checks, port, who, documents, killers, tries):
    every = documents // killers

    def one(number):
        kind = KINDS[number // every % len(KINDS)][0]
        is_killer = number % every == 0 and number // every < killers
        body = d.text(number, 3).encode()
        if is_killer:
            body = d.endless_pdf(number) if kind == ENDLESS else f'killer {kind} k{number}\n'.encode()
        return d.upload(port, who['secret'], f'{"killer" if is_killer else "good"}-{kind}-{number}.txt', body)

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(documents)))
    goods = {}

    def look():
        rows = d.sql(f"SELECT count(*) FROM documents WHERE tenant_id = '{who['tenant']}' AND status = 'ready'")
        if rows and int(rows[0][0]) == documents - killers:
            goods.setdefault('s', time.monotonic() - began)

    last = d.await_ended(who['tenant'], lambda: documents, 60 + documents, look)
    took = time.monotonic() - began
    checks.check('the others are ready and the killers dead', last == {'ready': documents - killers, 'dead': killers},
                 f'{last} after {took:.1f} s, the others after {goods.get("s", took):.1f} s')
    dead = h.sql(f"SELECT filename, tries, error_code, error FROM documents WHERE tenant_id = '{who['tenant']}' "
                 "AND status = 'dead'")
    checks.check('each after exactly three attempts', all(row[1] == str(ATTEMPTS) for row in dead),
                 collections.Counter(row[1] for row in dead))
    runs = collections.Counter(sum(1 for _ in open(os.path.join(tries, f))) for f in os.listdir(tries))
    real = sum(1 for row in dead if f'-{ENDLESS}-' in row[0])
    checks.check('some by the real parser', real > 0, real)
    checks.check('and the stand-in ran exactly three times for each of the others', runs == {ATTEMPTS: killers - real},
                 dict(runs))
    reasons = {kind: (code, words) for kind, _, code, words in KINDS}
    wrong = [row for row in dead if row[2] != reasons[row[0].split('-')[1]][0]
             or reasons[row[0].split('-')[1]][1] not in row[3]]
    checks.check('with their reasons', not wrong and len(dead) == killers, wrong or sorted({row[3] for row in dead}))
    listed = h.ctl('dead', 'list', 'ingest', '--max', '100', '--json')
    checks.check('on the list of the dead', listed.count('"job"') == killers, listed.count('"job"'))


main()

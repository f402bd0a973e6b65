"""ingest_corpus - other people's documents, handed in like anybody's: each ends as it should, in time.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_corpus.py [--every N] [FOLDER]

FOLDER holds MANIFEST.tsv and what it lists (default: CC_CORPUS, else the corpus beside the project;
without it there is nothing to do).  All files go through the gateway and the real ingest processes.
A document's time runs from its claim to its end, all attempts together.  --every N: each Nth file.
"""
import argparse
import concurrent.futures
import csv
import json
import os
import re
import time
import unicodedata
import urllib.error

import documents as d
import harness as h

CORPUS = os.environ.get('CC_CORPUS', os.path.join(h.ROOT, '../shared/corpus'))
SECONDS, WAIT_S = 60, 900
OPEN = {'pending', 'uploading', 'parsing', 'chunking', 'embedding', 'storing'}
CLEAN = {'ready', 'no_text', 'encrypted', 'failed', 'dead'}
DUE = {'good': {'ready'}, 'good-notext': {'no_text'}, 'encrypted': {'encrypted'}, 'broken': CLEAN, 'hostile': CLEAN}


def rows(folder, every):
    with open(os.path.join(folder, 'MANIFEST.tsv'), newline='') as f:
        found = list(csv.DictReader(f, delimiter='\t'))
    return found[::every]


def upload(port, secret, row, folder):
    """The document's id; None where the gateway refuses the file, with the reason kept in the row."""
    with open(os.path.join(folder, row['file']), 'rb') as f:
        content = f.read()
    try:
        return d.upload(port, secret, os.path.basename(row['file']), content, kind='application/octet-stream')
    except urllib.error.HTTPError as e:
        row['refused'] = json.load(e)['detail']
        return None


def watch(tenant, log):
    """Until all have ended: when each was first seen at work, and when it was seen to have ended."""
    began, ended = {}, {}
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        seen = h.sql(f"SELECT id, status, attempt FROM documents WHERE tenant_id = '{tenant}'")
        now = time.monotonic()
        for ident, status, attempt in seen:
            if attempt != '0':
                began.setdefault(ident, now)
            if status not in OPEN:
                ended.setdefault(ident, now)
        if all(status not in OPEN for _, status, _ in seen):
            break
        time.sleep(0.2)
    return {i: ended[i] - began.get(i, ended[i]) for i in ended}


def words(text):
    return re.findall(r'\w+', unicodedata.normalize('NFKC', text).lower())


def has_snippet(tenant, ident, snippet):
    """Its whole words, all of them: a passage may end in it, and what overlaps stands there twice."""
    text = h.sql(f"SELECT string_agg(replace(replace(text, E'\\n', ' '), E'\\t', ' '), ' ' ORDER BY idx) FROM chunks "
                 f"WHERE tenant_id = '{tenant}' AND document_id = '{ident}'")
    return set(words(snippet)[1:-1]) <= set(words(' '.join(text[0])))


def due(row):
    """A good file in which nobody found a word may be without text."""
    empty = row['kind'] == 'good' and not row['expected_snippet'] and row['reference_words'] in ('', '0')
    return DUE[row['kind']] | ({'no_text'} if empty else set())


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--every', type=int, default=1)
    options.add_argument('folder', nargs='?', default=CORPUS)
    args = options.parse_args()
    checks = h.Checks()
    if not os.path.exists(os.path.join(args.folder, 'MANIFEST.tsv')):
        print(f'no documents in {args.folder}: nothing to do')
        print('1 passed, 0 failed')
        return
    fleet, port = h.Fleet(), h.free_port()
    env = dict(CC_RATE_PAID=10**6, CC_EMBED='hash')
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
    h.await_ready(port, fleet=fleet)
    for name in ('ingest-0', 'ingest-1'):
        fleet.start(name, 'cc-ingest', CC_INSTANCE=name, **env)
    try:
        run(checks, fleet, port, args)
    finally:
        fleet.stop()
    checks.end()


def run(checks, fleet, port, args):
    who = h.tenant('corpus', 'builtin:builtin')
    files = rows(args.folder, args.every)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for row, ident in zip(files, pool.map(lambda r: upload(port, who['secret'], r, args.folder), files)):
            row['id'] = ident
    seconds = watch(who['tenant'], fleet.log)
    state = {i: (status, error) for i, status, error in h.sql(
        f"SELECT id, status, replace(replace(error, E'\\n', ' '), E'\\t', ' ') FROM documents WHERE tenant_id = '{who['tenant']}'")}
    judge(checks, who, files, state, seconds)
    checks.check('both ingest processes live', all(fleet.procs[n].poll() is None for n in fleet.names('ingest')))


def judge(checks, who, files, state, seconds):
    refused = [r for r in files if r['id'] is None]
    for row in refused:
        print(f"     {row['file']} ({row['kind']}) refused: {row['refused']}")
    checks.check('what was refused is no good file', not any(r['kind'].startswith('good') for r in refused), len(refused))
    taken = [r for r in files if r['id']]
    wrong = [r for r in taken if state[r['id']][0] not in due(r)]
    for row in wrong:
        print(f"     {row['file']} ({row['kind']}): {state[row['id']]}")
    checks.check('each ends in its expected status', not wrong, f'{len(taken) - len(wrong)} of {len(taken)}')
    late = [r for r in taken if seconds.get(r['id'], WAIT_S) > SECONDS]
    slowest = max(taken, key=lambda r: seconds.get(r['id'], WAIT_S))
    for row in late:
        print(f"     {row['file']} ({row['kind']}): {seconds.get(row['id'])} s, {state[row['id']]}")
    checks.check(f'each within {SECONDS} s', not late, f"slowest {slowest['file']} {seconds.get(slowest['id'], WAIT_S):.1f} s")
    failed = [r for r in taken if state[r['id']][0] in ('failed', 'dead')]
    checks.check('each failure has its reason', all(state[r['id']][1] for r in failed), len(failed))
    wanted = [r for r in taken if r['kind'] == 'good' and r['expected_snippet']]
    lost = [r for r in wanted if not has_snippet(who['tenant'], r['id'], r['expected_snippet'])]
    for row in lost:
        print(f"     {row['file']}: not in its passages: {row['expected_snippet'][:80]!r}")
    checks.check('snippets are in the passages', len(lost) <= 0.03 * len(wanted), f'{len(wanted) - len(lost)} of {len(wanted)}')


main()

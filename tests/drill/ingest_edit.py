"""ingest_edit - a document that comes anew with one paragraph changed: exactly the changed passages are embedded.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_edit.py

A long document is handed in, then again with a paragraph edited, one taken out, and one put in,
each under the same id; a counting embedding service sees what is asked of it. Questions are answered
from the old passages until the new ones are there.
"""
import json
import time

import documents as d
import harness as h

ENV = dict(CC_RECLAIM_MS=200, CC_SWEEP_MS=2000, CC_RATE_PAID=10**6)
PASSAGES = 60
UPLOAD = '/api/dashboard/documents/upload'


def versions():
    """Words, and the paragraphs after each change of the ones before."""
    first = d.text(1, PASSAGES).split('\n\n')
    edited = list(first)
    edited[80] = edited[80].replace('stands beside', 'lies below', 1)
    shorter = edited[:120] + edited[121:]
    longer = shorter[:40] + ['A paragraph of its own, put in between: the clavichord stands beside nothing.'] + shorter[40:]
    return ('edited', edited), ('taken out', shorter), ('put in', longer), ('at the end', longer + ['The last word stands beside.'])


def main():
    checks, fleet, port, service = h.Checks(), h.Fleet(), h.free_port(), d.Embeddings(0)
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    who = h.tenant('edit', 'builtin:builtin')
    fleet.start('ingest', 'cc-ingest', **ENV, **service.env)
    try:
        run(checks, port, who, service)
    finally:
        fleet.stop()
    checks.end()


def take_in(port, who, body, document=None):
    """The document's id, once it is ready, and how often it was seen with less than it has."""
    fields = dict(documentId=document) if document else {}
    document = d.upload(port, who['secret'], 'long.txt', body.encode(), fields=fields, path=UPLOAD)
    least, end, status = 10**9, time.monotonic() + 60, ''
    while status != 'ready' and time.monotonic() < end:
        (status, found), = h.sql(f"SELECT status, (SELECT count(*) FROM chunks c WHERE c.document_id = d.id AND "
                                 f"c.generation = d.active) FROM documents d WHERE id = '{document}'")
        least = min(least, int(found))
        time.sleep(0.02)
    return document, status, least


def run(checks, port, who, service):
    document, status, _ = take_in(port, who, d.text(1, PASSAGES))
    before = d.passages(who['tenant'])['long.txt']
    checks.check('the first time all is embedded', status == 'ready' and len(service.counted()) == len(set(before)),
                 f'{len(before)} passages')
    for words, paragraphs in versions():
        service.forget()
        again, status, least = take_in(port, who, '\n\n'.join(paragraphs), document)
        now = d.passages(who['tenant'])['long.txt']
        new, counted = set(now) - set(before), service.counted()
        (detail, added, removed, embedded), = h.sql(
            f"SELECT detail, added, removed, embedded FROM document_changes WHERE document_id = '{document}' "
            'ORDER BY generation DESC LIMIT 1')
        checks.check(f'one paragraph {words}: the same document', again == document and status == 'ready', status)
        checks.check('  only its new passages are embedded, once',
                     len(counted) == len(new) and max(counted.values(), default=0) <= 1 and int(embedded) == len(new),
                     f'{len(counted)} of {len(now)} passages')
        checks.check('  few are new', 0 < len(new) <= 4, f'{added} added, {removed} removed')
        checks.check('  the note shows them', len(json.loads(detail)['added']) == int(added) >= len(new))
        checks.check('  the old ones were found until then', least >= len(before) - 4, f'never less than {least}')
        before = now


main()

"""ingest_fair - one tenant hands in very much while others hand in little and chat: they hardly notice.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_fair.py [DOCUMENTS [EMBEDDING]]

First five tenants upload five files each and chat, alone; then the same while a sixth has just handed
in DOCUMENTS files. Waits are from the upload's row to the publish, as PostgreSQL's clock says; chats
are measured from the question to the end of the answer.
"""
import concurrent.futures
import sys
import threading
import time

import documents as d
import harness as h

TENANTS, FILES, CHATS = 5, 5, 8
ENV = dict(CC_RECLAIM_MS=200, CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6,
           CC_INFLIGHT_TENANT=10**6, CC_CACHE_ANSWER_S=0)
MODEL = 'scripted:mock-ttft40-itl8-len40'


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    ENV['CC_EMBED'] = sys.argv[2] if len(sys.argv) > 2 else 'use'
    checks, fleet, port = h.Checks(), h.Fleet(), h.free_port()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    small = [h.tenant(f'small {i}', MODEL) for i in range(TENANTS)]
    big = h.tenant('big', MODEL)
    fleet.start('ingest', 'cc-ingest', CC_INSTANCE='ingest', **ENV)
    fleet.start('worker', 'cc-worker', **ENV)
    try:
        warm_up(port, small)
        alone = round_of(port, small, 'alone')
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: d.upload(port, big['secret'], f'b{i}.txt', d.text(i, 1).encode()), range(documents)))
        handed_in = time.monotonic() - began
        beside = round_of(port, small, 'beside')
        left = documents - (d.statuses(big['tenant']) or {}).get('ready', 0)
        last = d.await_ended(big['tenant'], lambda: documents, 60 + documents)
        judge(checks, alone, beside, dict(left=left, last=last, handed_in=handed_in, documents=documents,
                                          took=time.monotonic() - began))
    finally:
        fleet.stop()
    checks.end()


def warm_up(port, small):
    """Models are loaded, connections made: once, before anything is measured."""
    for who in small:
        d.upload(port, who['secret'], 'first.txt', d.text(0, 1, who['tenant']).encode())
        d.await_ended(who['tenant'], lambda: 1, 60)
    h.run_all([h.Viewer([port], small[0]['public'], f'Where is the stool number {i}?', seed=i) for i in range(4)], 2)


def chats(port, who, words, seconds):
    for i in range(CHATS):
        viewer = h.Viewer([port], who['public'], f'What is the word of document {i} {words}?',
                          seed=f'{who["bot"]} {words} {i}').run(60)
        seconds.append(viewer.seconds if viewer.done is not None else 60.0)


def round_of(port, small, words):
    """Each uploads five files and chats: waits of the files and seconds of the chats."""
    seconds, threads = [], []
    for n, who in enumerate(small):
        for i in range(FILES):
            d.upload(port, who['secret'], f'{words}-{i}.txt', d.text(1000 * n + i, 2, words).encode())
        t = threading.Thread(target=chats, args=(port, who, words, seconds), daemon=True)
        t.start()
        threads.append(t)
    for t in threads:
        t.join()
    for who in small:
        total = int(h.sql(f"SELECT count(*) FROM documents WHERE tenant_id = '{who['tenant']}'")[0][0])
        d.await_ended(who['tenant'], lambda n=total: n, 300)
    tenants = ','.join(f"'{who['tenant']}'" for who in small)
    waits = [float(r[0]) for r in h.sql(
        f"SELECT extract(epoch FROM updated_at - created_at) FROM documents WHERE tenant_id IN ({tenants}) "
        f"AND filename LIKE '{words}-%' AND status = 'ready'")]
    return dict(waits=sorted(waits), chats=sorted(seconds))


def p95(sorted_values):
    return sorted_values[int(0.95 * (len(sorted_values) - 1))]


def judge(checks, alone, beside, big):
    print(f'files of the small: worst wait alone {alone["waits"][-1]:.2f} s, beside {beside["waits"][-1]:.2f} s; '
          f'chat p95 alone {p95(alone["chats"]) * 1000:.0f} ms, beside {p95(beside["chats"]) * 1000:.0f} ms '
          f'(median {alone["chats"][len(alone["chats"]) // 2] * 1000:.0f}, {beside["chats"][len(beside["chats"]) // 2] * 1000:.0f}); '
          f'{big["documents"]} files handed in within {big["handed_in"]:.1f} s, all ready after {big["took"]:.1f} s')
    checks.check('every small file is ready', len(beside['waits']) == len(alone['waits']) == TENANTS * FILES)
    checks.check('the big one was still waiting then', big['left'] > 0, f'{big["left"]} of {big["documents"]} left')
    checks.check('small files wait for turns, not for the big line',
                 beside['waits'][-1] < 2 * alone['waits'][-1] + 3,
                 f'{alone["waits"][-1]:.2f} s alone, {beside["waits"][-1]:.2f} s beside, {big["took"]:.1f} s the line')
    checks.check('every chat was answered', max(beside['chats']) < 60)
    checks.check('chat is not starved', p95(beside['chats']) < 3 * p95(alone['chats']) + 0.3,
                 f'p95 {p95(alone["chats"]) * 1000:.0f} ms alone, {p95(beside["chats"]) * 1000:.0f} ms beside')
    checks.check('in the end the big one is through, too', big['last'] == {'ready': big['documents']}, big['last'])


main()

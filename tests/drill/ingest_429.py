"""ingest_429 - the embedding service is busy for a while: taking-in slows, then finishes; nothing fails.

usage: tests/support/servers --migrate -- python3 tests/drill/ingest_429.py [DOCUMENTS [SECONDS]]

Two processes share one service. A third of the documents shows how fast they ask it; then it answers 429
for SECONDS while the rest is handed in: once with Retry-After, once without. The service's double holds
each request to the form that OpenAI's takes, and is itself held to what OpenAI's own client expects (where
tests/support/doubles has its packages).
"""
import http.server
import json
import os
import subprocess
import sys
import threading
import time

import documents as d
import harness as h

KEY, MODEL, RETRY_AFTER = 'sk-drill', 'busy-model', 2
TEXTS_MAX, BYTES_MAX = 64, 256 * 1024
SETTLED_S = 3       # after which nobody may still ask at the pace of before
FLOOR = 3           # requests a second that are few, whatever the pace was
ENV = dict(CC_RECLAIM_MS=200, CC_LEASE_MS=5000, CC_RATE_PAID=10**6, CC_INGEST_SLOTS=4)


class Busy(d.Embeddings):
    """The service: refuses while `refusing`, writes down when it was asked and what was wrong with it."""

    def __init__(self):
        self.refusing, self.retry_after, self.asked, self.wrong = False, None, [], []
        super().__init__(pause_s=0.05)
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                raw = self.rfile.read(int(self.headers['content-length']))
                double.look(self.path, self.headers, raw)
                if double.refusing:
                    self.say(429, dict(error=dict(message='Rate limit reached', type='requests', param=None,
                                                  code='rate_limit_exceeded')))
                else:
                    self.say(200, double.answer(json.loads(raw)))

            def say(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                if status == 429 and double.retry_after is not None:
                    self.send_header('retry-after', str(double.retry_after))
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.server.RequestHandlerClass = Handler
        self.url = self.env['CC_OPENAI_URL']
        self.env.update(CC_EMBED=f'openai:{MODEL}', CC_OPENAI_KEY=KEY)

    def look(self, path, headers, raw):
        with self.lock:
            self.asked.append(time.monotonic())
            self.wrong += [words for words, wrong in faults(path, headers, raw) if wrong]

    def per_second(self, since, until):
        with self.lock:
            return sum(since <= at < until for at in self.asked) / max(until - since, 0.001)


def faults(path, headers, raw):
    body = json.loads(raw)
    texts = body.get('input')
    fine = isinstance(texts, list) and 1 <= len(texts) <= TEXTS_MAX and all(isinstance(t, str) and t for t in texts)
    yield f'path {path}', path != '/v1/embeddings'
    yield 'no key', headers.get('authorization') != f'Bearer {KEY}'
    yield 'no JSON by its type', headers.get('content-type') != 'application/json'
    yield f'members {sorted(body)}', not set(body) <= {'model', 'input', 'encoding_format'}
    yield 'model', body.get('model') != MODEL
    yield 'form', body.get('encoding_format') not in (None, 'base64', 'float')
    yield 'texts', not fine
    yield 'too much at once', fine and len(texts) > 1 and sum(len(t.encode()) for t in texts) > BYTES_MAX


def official_client(checks, service, *more):
    folder = os.path.join(h.ROOT, 'tests/support/doubles')
    if not os.path.isdir(os.path.join(folder, 'node_modules/openai')):
        print('skip the official client: its packages are not installed', flush=True)
        return
    done = subprocess.run(['node', os.path.join(folder, 'openai-client.mjs'), service.url, KEY, MODEL, *more],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    checks.check('the official client is content with the double' + ' that refuses' * bool(more),
                 done.returncode == 0, done.stdout.decode()[-300:].strip())


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    checks, fleet, port, service = h.Checks(), h.Fleet(), h.free_port(), Busy()
    official_client(checks, service)
    service.refusing = True
    official_client(checks, service, 'busy')
    service.refusing, service.wrong = False, []
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    h.await_ready(port, fleet=fleet)
    for name in ('ingest-0', 'ingest-1'):
        fleet.start(name, 'cc-ingest', CC_INSTANCE=name, **ENV, **service.env)
    try:
        for retry_after in (RETRY_AFTER, None):
            service.retry_after = retry_after
            run(checks, service, port, documents, seconds)
    finally:
        fleet.stop()
    checks.check('every request had the form that the service takes', not service.wrong, service.wrong[:3])
    checks.end()


def hand_in(port, who, first, last):
    for i in range(first, last):
        d.upload(port, who['secret'], f'd{i}.txt', d.text(i, 12, who['tenant']).encode())


def run(checks, service, port, documents, seconds):
    words = f'with Retry-After {service.retry_after}' if service.retry_after is not None else 'without Retry-After'
    who, third = h.tenant('busy ' + words, 'builtin:builtin'), documents // 3
    began = time.monotonic()
    hand_in(port, who, 0, third)
    d.await_ended(who['tenant'], lambda: third, 60)
    before = service.per_second(began, time.monotonic())

    refused = time.monotonic()
    service.refusing = True
    threading.Thread(target=hand_in, args=(port, who, third, documents), daemon=True).start()
    time.sleep(seconds)
    during = service.per_second(refused + SETTLED_S, refused + seconds)
    quiet = d.statuses(who['tenant'])
    service.refusing = False
    again = time.monotonic()
    last = d.await_ended(who['tenant'], lambda: documents, 180 + seconds)
    ended = time.monotonic()
    after = max(service.per_second(at, at + 1) for at in range(int(again), int(ended) + 1))

    attempts = h.sql(f"SELECT max(attempt), max(tries) FROM documents WHERE tenant_id = '{who['tenant']}'")[0]
    print(f'     {words}: {before:.1f} requests a second before, {during:.2f} while refused (from the {SETTLED_S}rd '
          f'second on), {after:.0f} at best afterwards; all through {ended - again:.1f} s after the last refusal', flush=True)
    checks.check(f'{words}: no document ended badly while it refused', bad(quiet) == 0, quiet)
    checks.check(f'{words}: all documents became ready', last == dict(ready=documents), last)
    checks.check(f'{words}: in one attempt each', attempts == ['1', '1'], attempts)
    checks.check(f'{words}: asked far less while it refused', during <= max(FLOOR, before / 4), f'{during:.2f} of {before:.1f}')
    checks.check(f'{words}: and faster again afterwards', after >= max(2 * during, 2), f'{after:.0f}')


def bad(statuses):
    return sum(statuses.get(s, 0) for s in ('failed', 'dead', 'no_text', 'encrypted'))


main()

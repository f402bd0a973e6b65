"""documents - what drills of taking-in have in common: texts, uploads, looks, a counting embedding service."""
import base64
import collections
import hashlib
import http.client
import http.server
import json
import os
import random
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid

import harness as h

NOUNS = 'bowl cup jar plate shelf lamp stool bench oven kettle basket ladle tray stone'.split()
ENDS = ('ready', 'failed', 'dead', 'no_text', 'encrypted')


def text(number, passages=10, salt=''):
    """So many passages, more or less, all different, with one word that is only in this document."""
    rng = random.Random(f'{number} {salt}')
    lines = [f'The word of this document is canary{number}.']
    for _ in range(int(22.5 * passages)):
        lines.append(f'In hall {rng.randrange(99)} the {rng.choice(NOUNS)} number {rng.randrange(10**6)} stands beside '
                     f'a {rng.choice(NOUNS)} that weighs {rng.randrange(10, 999)} grams.')
    return '\n\n'.join(' '.join(lines[i:i + 5]) for i in range(0, len(lines), 5))


def endless_pdf(number, levels=12, fan=10):
    """A page of a drawing of ten drawings of ten drawings ...: a real reader is at it for years."""
    font = 5 + levels

    def drawing(i):
        if i == levels - 1:
            return f'BT /F 9 Tf 10 10 Td (again {number}) Tj ET', f'<</Font<</F {font} 0 R>>>>'
        return ' '.join(['/X Do'] * fan), f'<</XObject<</X {6 + i} 0 R>>>>'

    bodies = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>',
              '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>',
              '<</Length 5>>stream\n/X Do\nendstream']
    for i in range(levels):
        content, resources = drawing(i)
        bodies.append(f'<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources {resources}/Length {len(content)}>>'
                      f'stream\n{content}\nendstream')
    bodies.append('<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>')
    out, places = '%PDF-1.4\n', []
    for i, body in enumerate(bodies):
        places.append(len(out))
        out += f'{i + 1} 0 obj\n{body}\nendobj\n'
    table = ''.join(f'{at:010d} 00000 n \n' for at in places)
    return (f'{out}xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(bodies) + 1}/Root 1 0 R>>\n'
            f'startxref\n{len(out)}\n%%EOF\n').encode()


def upload(port, secret, name, body, key=None, fields=None, path='/process-document', kind='text/plain'):
    """The document's id.  With a key it may be repeated: while a server is away it is."""
    boundary = uuid.uuid4().hex
    parts = ''.join(f'--{boundary}\r\ncontent-disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                    for k, v in (fields or {}).items())
    data = (f'{parts}--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n'
            f'content-type: {kind}\r\n\r\n').encode() + body + f'\r\n--{boundary}--\r\n'.encode()
    headers = {'authorization': f'Bearer {secret}', 'content-type': f'multipart/form-data; boundary={boundary}'}
    if key:
        headers['idempotency-key'] = key
    end = time.monotonic() + 120
    while True:
        try:
            url = f'http://127.0.0.1:{port}{path}'
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
                return json.load(answer)['id']
        except urllib.error.HTTPError as e:
            if not key or e.code not in (429, 500, 502, 503, 504) or time.monotonic() > end:
                raise
        except (OSError, http.client.HTTPException):
            if not key or time.monotonic() > end:
                raise
        time.sleep(0.2)


def sql(query):
    """Rows as of h.sql; None while PostgreSQL is away."""
    out = subprocess.run(['psql', '-X', '-q', '-At', '-F', '\t', '-d', os.environ['CC_PG_SUPER'], '-c', query],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return None if out.returncode else [line.split('\t') for line in out.stdout.decode().split('\n')[:-1]]


def statuses(tenant):
    rows = sql(f"SELECT status, count(*) FROM documents WHERE tenant_id = '{tenant}' GROUP BY 1")
    return {status: int(n) for status, n in rows} if rows is not None else None


def half_shown(tenant):
    """Documents whose active generation has other passages than were published; None: not known now."""
    rows = sql(f"SELECT count(*) FROM documents d WHERE tenant_id = '{tenant}' AND active IS NOT NULL AND "
               f"active_chunks <> (SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND "
               f"c.document_id = d.id AND c.generation = d.active)")
    return int(rows[0][0]) if rows else None


def orphans(tenant):
    """Words and vectors of passages that are not there."""
    return sum(int(h.sql(f"SELECT count(*) FROM {table} x WHERE tenant_id = '{tenant}' AND NOT EXISTS (SELECT FROM "
                         f"chunks c WHERE c.tenant_id = x.tenant_id AND c.id = x.chunk)")[0][0])
               for table in ('postings', 'chunk_vectors'))


def passages(tenant):
    """File name -> hashes of the texts that are found, in order."""
    found = collections.defaultdict(list)
    for name, sha in h.sql(f"SELECT d.filename, c.text_sha256 FROM documents d JOIN chunks c ON c.tenant_id = "
                           f"d.tenant_id AND c.document_id = d.id AND c.generation = d.active WHERE d.tenant_id = "
                           f"'{tenant}' ORDER BY d.filename, c.idx"):
        found[name].append(sha)
    return found


def await_ended(tenant, documents, seconds, look=None):
    """Until so many have ended or the time is over; statuses seen last."""
    end, seen = time.monotonic() + seconds, None
    while time.monotonic() < end:
        now = statuses(tenant)
        seen = now if now is not None else seen
        if look:
            look()
        if now and sum(now.get(s, 0) for s in ENDS) >= documents():
            break
        time.sleep(0.1)
    return seen


class Embeddings:
    """An embedding service as OpenAI's: vectors follow from the text alone; counts each text, and the
    requests (batches) with one that had come before."""

    DIM = 64

    def __init__(self, pause_s=0.02):
        self.lock, self.texts, self.repeats, self.pause_s = threading.Lock(), collections.Counter(), 0, pause_s
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers['content-length'])))
                answer = json.dumps(double.answer(body)).encode()
                self.send_response(200)
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass                # who was killed in the middle does not read on

        self.server = Server(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.env = dict(CC_EMBED='openai:counted', CC_OPENAI_KEY='sk-drill',
                        CC_OPENAI_URL=f'http://127.0.0.1:{self.server.server_port}/v1')

    def answer(self, body):
        texts = body['input'] if isinstance(body['input'], list) else [body['input']]
        with self.lock:
            self.repeats += any(t in self.texts for t in texts if self.is_of_document(t))
            self.texts.update(texts)
        time.sleep(self.pause_s)
        return dict(object='list', model=body['model'], usage=dict(prompt_tokens=1, total_tokens=1), data=[
            dict(object='embedding', index=i, embedding=self.vector(t, body.get('encoding_format')))
            for i, t in enumerate(texts)])

    def vector(self, text, form):
        rng = random.Random(hashlib.sha256(text.encode()).digest())
        numbers = [rng.uniform(-1, 1) for _ in range(self.DIM)]
        if form != 'base64':
            return numbers
        return base64.b64encode(struct.pack(f'<{self.DIM}f', *numbers)).decode()

    @staticmethod
    def is_of_document(text):
        return 'stands beside' in text or 'canary' in text

    def counted(self):
        """Texts of documents, each with how often it came: a process's first question is not one."""
        with self.lock:
            return {t: n for t, n in self.texts.items() if self.is_of_document(t)}

    def forget(self):
        with self.lock:
            self.texts.clear()
            self.repeats = 0


def metric(port, name):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=5) as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.rsplit(' ', 1)[1]) for line in lines if line.startswith(name) and not line.startswith('#'))

"""prism - a validating proxy between the checks and a gateway, which holds both to docs/openapi.yaml.

CC_CONTRACT_PRISM names the program (tests/contract/openapi/node_modules/.bin/prism); without it
everything goes direct.  What goes through: whole requests in JSON, or without a body, of operations
that are described.  What does not, and why:

* streams and sockets: Prism answers when the whole answer is there, and knows no upgrade;
* files (bytes as a body): it takes multipart for text;
* HEAD and OPTIONS, and headers about the connection or the coding of a body: it answers or changes
  these itself.

For those the described types, members and headers are checked by openapi/answers.mjs.
"""
import json
import os
import re
import subprocess

import described

PROGRAM = os.environ.get('CC_CONTRACT_PRISM')
OWN = {'accept-encoding', 'connection', 'content-length', 'expect', 'host', 'if-none-match', 'transfer-encoding', 'upgrade'}
STREAMS = ('/stream', '/ws/dashboard', '/export')


class Prism:
    """One proxy before one gateway; its violations are kept."""

    def __init__(self, fleet_log, gateway, port):
        self.gateway, self.port = gateway, port
        self.passed, self.violations = 0, []
        book = described.Book()
        self.known = [
            (o.method, re.compile('^' + re.sub(r'\{\w+\}', '[^/]+', o.path) + '$'))
            for o in book.operations
            if not o.path.endswith(STREAMS)
        ]
        spec = os.path.join(described.HERE, '..', '..', 'docs', 'openapi.yaml')
        self.process = subprocess.Popen(
            [PROGRAM, 'proxy', spec, f'http://127.0.0.1:{gateway}', '-p', str(port), '--cors=false', '-v', 'error'],
            stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(fleet_log, 'prism.log'), 'ab'),
            stderr=subprocess.STDOUT,
        )

    def takes(self, method, path, body, headers):
        path = path.split('?')[0]
        if isinstance(body, bytes) or OWN & {k.lower() for k in headers}:
            return False
        if (body or {}).get('stream') or 'event-stream' in str(headers):
            return False
        return any(m == method and pattern.match(path) for m, pattern in self.known)

    def look(self, method, path, answer):
        """What was sent wrongly counts where it was taken all the same."""
        self.passed += 1
        for v in json.loads(answer.header('sl-violations') or '[]'):
            if v['location'][0] == 'response' or answer.status < 300:
                where = '.'.join(map(str, v['location']))
                self.violations.append(f'{method} {path[:100]} {answer.status}: {where}: {v["message"]}')
        answer.headers = [(k, v) for k, v in answer.headers if k != 'sl-violations']

    def end(self):
        self.process.terminate()
        self.process.wait()

"""prism - a validating proxy between the checks and a gateway, which holds both to docs/openapi.yaml.

CC_CONTRACT_PRISM names the program (tests/contract/openapi/node_modules/.bin/prism); without it
everything goes direct.  What goes through: whole requests in JSON, or without a body, of operations
that are described.  What does not, and why:

* streams, exports and sockets: Prism answers when the whole answer is there, and knows no upgrade;
* files and large bodies: it takes multipart for text, and at most 10 MB of JSON;
* what sets cookies: of several Set-Cookie it passes one on;
* HEAD and OPTIONS, headers about the connection or the coding of a body, headers that are not
  ASCII, and "bearer" in lower case: it answers, changes or refuses these itself.

For those the described types, members and headers are checked by openapi/answers.mjs.
"""
import json
import os
import re
import subprocess

import described

PROGRAM = os.environ.get('CC_CONTRACT_PRISM')
OWN = {'accept-encoding', 'connection', 'content-length', 'expect', 'host', 'if-none-match', 'transfer-encoding', 'upgrade'}
STREAMS = re.compile('/stream$|/export$|^/ws/')
COOKIES = re.compile('^/api/auth/(register|login|logout|refresh|switch|sessions/|invitations/accept)')
LARGEST = 1024 * 1024
# A body is not looked at where none is described; clients send {} all the same.
UNREAD = 'No supported content types, but request included a non-empty body'


class Prism:
    """One proxy before one gateway; its violations are kept."""

    def __init__(self, fleet_log, gateway, port):
        self.gateway, self.port = gateway, port
        self.passed, self.violations = 0, []
        book = described.Book()
        self.known = [
            (o.method, re.compile('^' + re.sub(r'\{\w+\}', '[^/]+', o.path) + '$'))
            for o in book.operations
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
        if isinstance(body, bytes) or len(str(body)) > LARGEST or not plain(headers):
            return False
        if isinstance(body, dict) and body.get('stream') or 'event-stream' in str(headers):
            return False
        if STREAMS.search(path) or COOKIES.match(path):
            return False
        return any(m == method and pattern.match(path) for m, pattern in self.known)

    def look(self, method, path, answer):
        """What was sent wrongly counts where it was taken all the same."""
        self.passed += 1
        for v in json.loads(answer.header('sl-violations') or '[]'):
            taken = answer.status < 300 and v['message'] != UNREAD
            if v['location'][0] == 'response' or taken:
                where = '.'.join(map(str, v['location']))
                self.violations.append(f'{method} {path[:100]} {answer.status}: {where}: {v["message"]}')
        answer.headers = [(k, v) for k, v in answer.headers if k != 'sl-violations']

    def end(self):
        self.process.terminate()
        self.process.wait()


def plain(headers):
    """It passes them on as they are."""
    bearer = headers.get('authorization', '').startswith('bearer ')
    return not OWN & {k.lower() for k in headers} and all(v.isascii() for v in headers.values()) and not bearer

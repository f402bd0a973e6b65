"""mail_hook - what an installation sets as CC_MAIL_URL: takes mails, and refuses some when told to."""
import http.server
import json
import threading

SECRET = 'a-secret-of-the-mail-hook'


class MailHook:
    def __init__(self):
        self.mails, self.keys, self.refused = [], [], []
        self.failing = []  # statuses for the next posts
        self.came = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['content-length']))
                status = outer.take(self.headers, body)
                self.send_response(status)
                self.send_header('content-length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}/mails'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        with self.came:
            if headers.get('authorization') != f'Bearer {SECRET}':
                self.refused.append(body)
                return 401
            self.keys.append(headers.get('idempotency-key'))
            if self.failing:
                return self.failing.pop(0)
            self.mails.append(json.loads(body))
            self.came.notify_all()
            return 202

    def to(self, address, kind=None, seconds=15):
        """The last mail to somebody; waits for it.  None when it does not come."""

        def found():
            return [m for m in self.mails if m['to'] == address and kind in (None, m['kind'])]

        with self.came:
            self.came.wait_for(found, seconds)
            return (found() or [None])[-1]

    def end(self):
        self.server.shutdown()
        self.server.server_close()

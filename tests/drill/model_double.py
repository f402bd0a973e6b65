"""model_double - a model service on loopback that demands one key, and notes who asked with which.

Speaks OpenAI's chat completions, streaming.  A request with another key, or none, gets 401.
"""
import http.server
import json
import socketserver
import threading
import time


class ModelDouble(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, key, words=20, pause=0.0):
        self.key, self.words, self.pause = key, words, pause  # pause: seconds between words
        self.good, self.bad = 0, []
        self.lock = threading.Lock()
        super().__init__(('127.0.0.1', 0), Handler)
        self.port = self.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}/v1'
        self.place = f'127.0.0.1:{self.port}'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def note(self, presented):
        with self.lock:
            if presented == self.key:
                self.good += 1
            else:
                self.bad.append(presented)
        return presented == self.key

    def handle_error(self, request, client_address):
        pass  # a client that has gone

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def _chunk(self, text):
        data = text.encode()
        self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))

    def _event(self, body):
        self._chunk('data: ' + json.dumps(body, separators=(',', ':')) + '\n\n')

    def do_POST(self):
        self.rfile.read(int(self.headers.get('content-length', 0)))
        scheme, _, key = self.headers.get('authorization', '').partition(' ')
        if not self.server.note(key if scheme == 'Bearer' else ''):
            body = json.dumps({'error': {'type': 'authentication_error', 'code': 'invalid_api_key'}}).encode()
            self.send_response(401)
            self.send_header('content-type', 'application/json')
            self.send_header('content-length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(200)
        self.send_header('content-type', 'text/event-stream')
        self.send_header('transfer-encoding', 'chunked')
        self.end_headers()
        for i in range(self.server.words):
            time.sleep(self.server.pause)
            self._event({'choices': [{'index': 0, 'delta': {'content': f'word{i} '}, 'finish_reason': None}]})
        self._event({'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'stop'}],
                     'usage': {'prompt_tokens': 10, 'completion_tokens': self.server.words}})
        self._chunk('data: [DONE]\n\n')
        self.wfile.write(b'0\r\n\r\n')

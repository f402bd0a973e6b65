"""site - a small web site on loopback: pages that can change, robots.txt, a sitemap."""
import hashlib
import http.server
import threading

PARAGRAPH = (
    '<p>The {name} garden is open from eight in the morning until dusk, and whoever wants to see the '
    'greenhouses asks at the gate, where a plan of the paths is kept for visitors. Dogs stay outside, '
    'bicycles are left at the wall, and the benches by the pond are for everybody.</p>'
)

MENU = ['#plan', '#shop', '#friends', '#press', '#contact']


def page(name, links=(), extra=''):
    listed = ''.join(f'<li><a href="{href}">{href}</a></li>' for href in [*links, *MENU])
    rest = ''.join(
        PARAGRAPH.format(name=f'{name} {part}') for part in ('kitchen', 'water', 'winter', 'wall', 'moss', 'night')
    )
    return (
        f'<!doctype html><html><head><title>The {name} garden</title></head><body><nav><ul>{listed}</ul></nav>'
        f'<main><h1>The {name} garden</h1>{PARAGRAPH.format(name=name)}{extra}{rest}'
        f'</main><footer>All paths lead to the pond.</footer></body></html>'
    )


class Site:
    def __init__(self):
        self.pages = {
            '/': ('text/html', page('rose', ['/herbs', '/private/keys'])),
            '/herbs': ('text/html', page('herb', ['/'])),
            '/private/keys': ('text/html', page('secret')),
            '/robots.txt': ('text/plain', 'User-agent: *\nDisallow: /private/\n'),
        }
        self.asked = []
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        places = ''.join(f'<url><loc>{self.url}{p}</loc></url>' for p in ('/', '/herbs'))
        self.pages['/sitemap.xml'] = (
            'application/xml',
            f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>',
        )

    def answer(self, handler):
        with self.lock:
            self.asked.append(handler.path)
            kind, text = self.pages.get(handler.path, (None, ''))
        body = text.encode()
        tag = '"' + hashlib.sha1(body).hexdigest()[:12] + '"'
        status = 404 if kind is None else 304 if handler.headers.get('If-None-Match') == tag else 200
        handler.send_response(status)
        handler.send_header('ETag', tag)
        if kind:
            handler.send_header('Content-Type', kind)
        handler.send_header('Content-Length', '0' if status != 200 else str(len(body)))
        handler.end_headers()
        if status == 200:
            handler.wfile.write(body)

    def change(self, path, text, kind='text/html'):
        with self.lock:
            self.pages[path] = (kind, text)

    def end(self):
        self.server.shutdown()
        self.server.server_close()

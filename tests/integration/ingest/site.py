#!/usr/bin/env python3
"""site.py: a small web site for tests of the visitor; prints its port and serves until it is ended.

What it answers can be changed, and what it was asked is told:
    POST /-/set?NAME=VALUE   a switch, see SWITCHES
    GET  /-/log              one line per request: seconds path status
"""
import gzip
import hashlib
import http.server
import sys
import threading
import time
import urllib.parse

SWITCHES = {'version': '1', 'robots': '200', 'delay': '0', 'slow': '0', 'canary': '1'}
log = []
lock = threading.Lock()


def page(title, *links, head='', text=''):
    words = ' '.join(f'The {title} page tells about {title} in sentence {i}.' for i in range(12))
    anchors = ''.join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return (f'<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>'
            f'<main><h1>{title}</h1><p>{words}</p>{text}</main><nav><ul>{anchors}</ul></nav>'
            '</body></html>')


def long_text(version):
    """Many sections; one of them says which version it is."""
    parts = []
    for section in range(30):
        lines = ' '.join(f'In hall {section} shelf {i * 7 % 101} holds {i * 31 % 97} bowls of kind {i}.'
                         for i in range(40))
        note = f'<p>This is version {version} of hall twelve.</p>' if section == 12 else ''
        parts.append(f'<h2>Hall {section}</h2><p>{lines}</p>{note}')
    return ''.join(parts)


NOINDEX = '<meta name="robots" content="noindex">'
NOFOLLOW = '<meta name="robots" content="nofollow">'


def html_pages():
    removed = SWITCHES['version'] != '1'
    front = ['/docs/a', 'docs/b#part', '/docs/a?utm_source=news', '/private/plan', '/old', '/loop1',
             '/away', 'http://elsewhere.example/', '/noindex', '/nofollow', '/files/list.txt',
             '/image.png', '/admin/users', '/missing', '/flaky', '/packed', '/empty', '/long',
             'mailto:somebody@site.example', '/many/1']
    pages = {
        '/': page('front', *front, *([] if removed else ['/docs/c'])),
        '/docs/a': page('alpha', 'a1', '../docs/./b'),
        '/docs/a1': page('alpha one', '/docs/a2'),
        '/docs/a2': page('alpha two'),
        '/docs/b': page('beta', text=long_text(SWITCHES['version'])),
        '/docs/new': page('renewed', '/'),
        '/private/plan': page('secret plan'),
        '/admin/users': page('admin'),
        '/noindex': page('noindex', '/docs/behind', head=NOINDEX),
        '/docs/behind': page('behind'),
        '/nofollow': page('nofollow', '/docs/hidden', head=NOFOLLOW),
        '/docs/hidden': page('hidden'),
        '/flaky': page('flaky'),
        '/packed': page('packed'),
        '/only/mapped': page('mapped'),
    }
    if not removed:
        pages['/docs/c'] = page('gamma')
    return pages


def sitemap(tag, *urls):
    kind = 'sitemap' if tag == 'sitemapindex' else 'url'
    places = ''.join(f'<{kind}><loc>{url}</loc></{kind}>' for url in urls)
    return f'<?xml version="1.0"?><{tag} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</{tag}>'


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    flaky = 0

    def log_message(self, *_):
        pass

    def answer(self, status, body=b'', kind='text/html; charset=utf-8', **headers):
        body = body.encode() if isinstance(body, str) else body
        if not self.path.startswith('/-/'):
            with lock:
                log.append(f'{self.begun:.3f} {self.path} {status} {self.headers["User-Agent"]}')
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        if status != 304:
            self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def own(self, path):
        return f'http://127.0.0.1:{self.server.server_port}{path}'

    def redirect(self, to):
        self.answer(302, 'over there', Location=to)

    def robots(self):
        if SWITCHES['robots'] == '302':
            return self.redirect('/hops/4')
        if SWITCHES['robots'] != '200':
            return self.answer(int(SWITCHES['robots']))
        return self.answer(200, 'User-agent: *\nDisallow: /private/\n'
                           f'Crawl-delay: {SWITCHES["delay"]}\n'
                           f'Sitemap: {self.own("/maps/index.xml")}\n', 'text/plain')

    def hop(self, left):
        if left:
            return self.redirect(f'/hops/{left - 1}')
        return self.answer(200, 'User-agent: *\nDisallow: /private/\n', 'text/plain')

    def fails_once(self):
        Site.flaky += 1
        if Site.flaky == 1:
            return self.answer(503, Retry_After='1')
        return self.page('/flaky')

    def page(self, path):
        if self.path.startswith('/many/'):  # a chain of pages as long as anybody likes
            number = int(self.path[6:])
            return self.unchanged_or(page(f'many {number}', f'/many/{number + 1}'))
        body = html_pages().get(path)
        if body is None:
            return self.answer(404, page('not here'))
        return self.unchanged_or(body)

    def unchanged_or(self, body):
        etag = '"' + hashlib.sha256(body.encode()).hexdigest()[:16] + '"'
        if self.headers['If-None-Match'] == etag:
            return self.answer(304, ETag=etag)
        return self.answer(200, body, ETag=etag)

    def special(self, path):
        """Paths that are no pages of text."""
        if path.startswith('/hops/'):
            return lambda: self.hop(int(path[6:]))
        dated = 'Fri, 20 Nov 2026 08:00:00 GMT'
        table = {
            '/robots.txt': self.robots,
            '/old': lambda: self.redirect('/docs/new'),
            '/loop1': lambda: self.redirect('/loop2'),
            '/loop2': lambda: self.redirect('/loop1'),
            '/away': lambda: self.redirect(f'http://127.0.0.1:{SWITCHES["canary"]}/x'),
            '/moved': lambda: self.redirect(f'http://localhost:{self.server.server_port}/docs/a'),
            '/image.png': lambda: self.answer(200, b'\x89PNG\r\n\x1a\n', 'image/png'),
            '/empty': lambda: self.answer(200),
            '/long': lambda: self.answer(200, 'x' * 300000),
            '/flaky': self.fails_once,
            '/packed': lambda: self.answer(200, gzip.compress(html_pages()['/packed'].encode(), mtime=0),
                                           Content_Encoding='gzip'),
            '/files/list.txt': lambda: self.answer(304) if self.headers['If-Modified-Since'] == dated
            else self.answer(200, 'A list of tools: hammer, saw, chisel and plane.\n', 'text/plain',
                             Last_Modified=dated),
            '/maps/index.xml': lambda: self.answer(200, sitemap(
                'sitemapindex', self.own('/maps/a.xml'), self.own('/maps/b.xml.gz')), 'text/xml'),
            '/maps/a.xml': lambda: self.answer(200, sitemap(
                'urlset', self.own('/docs/a'), self.own('/private/plan'), self.own('/only/mapped'),
                'http://elsewhere.example/x'), 'text/xml'),
            '/maps/b.xml.gz': lambda: self.answer(200, gzip.compress(sitemap(
                'urlset', self.own('/docs/b?utm_medium=x'), self.own('/admin/users')).encode(), mtime=0),
                'application/gzip'),
        }
        return table.get(path)

    def do_GET(self):
        self.begun = time.monotonic()
        path = urllib.parse.urlsplit(self.path).path
        if path == '/-/log':
            with lock:
                return self.answer(200, '\n'.join(log) + '\n', 'text/plain')
        time.sleep(float(SWITCHES['slow']))
        special = self.special(path)
        return special() if special else self.page(path)

    def do_POST(self):
        self.begun = time.monotonic()
        query = urllib.parse.urlsplit(self.path).query
        self.rfile.read(int(self.headers['Content-Length'] or 0))
        SWITCHES.update(urllib.parse.parse_qsl(query))
        with lock:
            log.clear()
        self.answer(200)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever asked was killed, or had read enough."""


if __name__ == '__main__':
    server = Server(('127.0.0.1', 0), Site)
    print(server.server_port, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()

"""The files of the widget and of /docs, served from memory."""
import gzip

FILES = {
    '/widget.js': 'text/javascript',
    '/widget-app.js': 'text/javascript',
    '/page.css': 'text/css',
    '/demo': 'text/html',
    '/demo.css': 'text/css',
    '/demo.js': 'text/javascript',
    '/docs': 'text/html',
    '/docs/page.js': 'text/javascript',
    '/docs/page.css': 'text/css',
    '/docs/viewer.js': 'text/javascript',
    '/docs/viewer.css': 'text/css',
    '/docs/openapi.yaml': 'application/yaml',
}


def test_each_file(s):
    for path, kind in FILES.items():
        plain = s.send('GET', path, headers={'accept-encoding': 'identity'})
        etag = plain.header('etag')
        s.check(f'{path} is {kind}', plain.status == 200 and plain.type == kind and plain.body, plain)
        s.check(f'{path} has a strong ETag', bool(etag) and etag.startswith('"') and etag.endswith('"'), etag)
        packed = s.send('GET', path, headers={'accept-encoding': 'gzip'})
        s.same(f'{path} comes gzipped when wanted', packed.header('content-encoding'), 'gzip')
        s.check(f'{path} is the same then', gzip.decompress(packed.body) == plain.body)
        s.check(
            f'{path} varies by Accept-Encoding',
            'accept-encoding' in (plain.header('vary') or '').lower(),
            plain.header('vary'),
        )
        again = s.send('GET', path, headers={'if-none-match': etag})
        s.check(f'{path} is 304 without body when known', again.status == 304 and again.body == b'', again)
        s.same(f'{path} names its ETag then, too', again.header('etag'), etag)


def test_conditions(s):
    etag = s.send('GET', '/widget.js').header('etag')
    for words, value, status in (
        ('a weak one', 'W/' + etag, 304),
        ('a list', f'"x", {etag}', 304),
        ('a star', '*', 304),
        ('another', '"abc"', 200),
    ):
        s.same(
            f'If-None-Match with {words}: {status}',
            s.send('GET', '/widget.js', headers={'if-none-match': value}).status,
            status,
        )
    a = s.send('GET', '/widget.js', headers={'accept-encoding': 'gzip;q=0, identity'})
    s.same('gzip;q=0 is obeyed', a.header('content-encoding'), None)


def test_head(s):
    got, only = s.send('GET', '/widget.js'), s.send('HEAD', '/widget.js')
    s.check('HEAD has no body', only.status == 200 and only.body == b'', only)
    s.same('HEAD tells the length', only.header('content-length'), str(len(got.body)))
    s.same('HEAD tells the ETag', only.header('etag'), got.header('etag'))


def test_who_may_load_it(s):
    s.same('any page may load the loader', s.send('GET', '/widget.js').header('access-control-allow-origin'), '*')
    for path in ('/widget.js', '/demo'):
        s.same(f'{path} is not to be sniffed', s.send('GET', path).header('x-content-type-options'), 'nosniff')
    for path in ('/demo', '/docs'):
        policy = s.send('GET', path).header('content-security-policy') or ''
        s.check(f'{path} has a policy', "default-src 'self'" in policy and 'unsafe' not in policy, policy)

"""Places on the web that documents come from: one page, a sitemap, a site."""
from site_of_gardens import page

BASE = '/api/dashboard/sources'
ADD = '/api/dashboard/documents/url'
NOBODY = 'src_' + '0' * 32


def add(s, url, key=None, **body):
    return s.send('POST', ADD, key=key or s.library.secret, body=dict(url=url, **body))


def call(s, method, path='', key=None, **more):
    return s.send(method, BASE + path, key=key or s.library.secret, **more)


def visited(s, ident):
    return s.until(lambda: call(s, 'GET', '/' + ident), lambda a: a.json['status'] in ('ready', 'failed'), 60)


def documents(s, ident):
    return s.send('GET', f'/api/dashboard/documents?sourceId={ident}', key=s.library.secret).json['items']


def all_ready(s, ident, n):
    got = s.until(
        lambda: documents(s, ident), lambda d: len(d) == n and all(x['status'] == 'ready' for x in d), 60
    )
    return sorted(x['url'] for x in got if x['status'] == 'ready')


def test_a_page(s):
    a = add(s, s.site.url + '/', tags=['web'], title='The rose garden')
    s.same('a page', (a.status, a.json['status'], a.json['kind']), (201, 'pending', 'page'))
    ident = a.json['id']
    src = visited(s, ident).json
    s.same('is visited', (src['status'], src['documents'], src['failed']), ('ready', 1, 0))
    s.same(
        '... as asked for',
        (src['title'], src['tags'], src['maxPages'], src['everySeconds']),
        ('The rose garden', ['web'], 1, 0),
    )
    s.check('... with its times', src['visitedAt'] and src['createdAt'] and src['nextVisitAt'] is None, src)
    s.same('it is a document', all_ready(s, ident, 1), [s.site.url + '/'])
    doc = documents(s, ident)[0]
    s.check('... of that source, with its tags', doc['sourceId'] == ident and 'web' in doc['tags'], doc)
    text = ' '.join(
        c['text']
        for c in s.send('GET', f'/api/dashboard/documents/{doc["id"]}/chunks', key=s.library.secret).json['items']
    )
    s.check('... of its main text', 'greenhouses' in text and 'All paths lead' not in text, text)
    p = call(s, 'GET', f'/{ident}/pages').json['items']
    s.same(
        'its one page',
        [(x['url'], x['state'], x['documentId'], x['httpStatus']) for x in p],
        [(s.site.url + '/', 'fetched', doc['id'], 200)],
    )


def test_only_what_changed(s):
    s.site.change('/news', page('news'))
    ident = add(s, s.site.url + '/news').json['id']
    all_ready(s, ident, 1)
    doc = documents(s, ident)[0]['id']
    a = call(s, 'POST', f'/{ident}/visit')
    s.same('another visit is taken', a.status, 202)
    s.until(lambda: call(s, 'GET', f'/{ident}/pages'), lambda a: a.json['items'][0]['state'] == 'unchanged', 60)
    s.same(
        'what has not changed is not taken in again',
        len(s.send('GET', f'/api/dashboard/documents/{doc}/changes', key=s.library.secret).json['items']),
        1,
    )
    s.site.change(
        '/news', page('news', extra='<p>Since yesterday there is a swing under the walnut tree for all.</p>')
    )
    call(s, 'POST', f'/{ident}/visit')
    changes = s.until(
        lambda: s.send('GET', f'/api/dashboard/documents/{doc}/changes', key=s.library.secret),
        lambda a: len(a.json['items']) == 2,
        60,
    ).json['items']
    s.check('what has changed is, and can be seen', len(changes) == 2 and changes[0]['added'] >= 1, changes)


def test_a_site(s):
    a = add(s, s.site.url + '/', crawl=dict(depth=2, maxPages=10, exclude=['/news*']))
    s.same('a site', (a.status, a.json['kind']), (201, 'crawl'))
    ident = a.json['id']
    s.same(
        'its pages are documents, but not those that robots.txt keeps',
        all_ready(s, ident, 2),
        [s.site.url + '/', s.site.url + '/herbs'],
    )
    pages = call(s, 'GET', f'/{ident}/pages').json['items']
    kept = [x for x in pages if x['url'].endswith('/private/keys')]
    s.check('... which are told as refused', kept and kept[0]['state'] == 'refused' and kept[0]['error'], pages)
    first = call(s, 'GET', f'/{ident}/pages?limit=1').json
    rest = call(s, 'GET', f'/{ident}/pages?cursor={first["nextCursor"]}').json
    s.same('pages come in pages', [x['url'] for x in first['items'] + rest['items']], [x['url'] for x in pages])
    s.same('it goes', call(s, 'DELETE', '/' + ident).status, 204)
    s.problem('... and is gone', call(s, 'GET', '/' + ident), 404, 'not_found')
    s.same('... with its documents', documents(s, ident), [])


def test_a_sitemap(s):
    a = add(s, s.site.url + '/sitemap.xml', sitemap=True)
    s.same('a sitemap', (a.status, a.json['kind']), (201, 'sitemap'))
    s.same('its pages are documents', all_ready(s, a.json['id'], 2), [s.site.url + '/', s.site.url + '/herbs'])


def test_what_cannot_be_fetched(s):
    gone = add(s, s.site.url + '/nowhere').json['id']
    src = visited(s, gone).json
    s.check('a page that is not there', src['documents'] == 0 and src['status'] == 'failed' and src['error'], src)
    pages = call(s, 'GET', f'/{gone}/pages').json['items']
    s.same('... says why', [(x['state'], x['httpStatus']) for x in pages], [('gone', 404)])
    for url in ('http://127.0.0.1:9/', 'http://169.254.169.254/latest/', 'http://[::1]/'):
        a = add(s, url)
        src = visited(s, a.json['id']).json if a.status == 201 else {}
        s.check(
            f'{url}: nothing of our own network is fetched',
            a.status == 400 or src['documents'] == 0 and 'not public' in src.get('error', ''),
            src,
        )


def test_list_and_patch(s):
    key = s.refused.secret
    idents = sorted(add(s, f'{s.site.url}/herbs?{i}', key=key).json['id'] for i in range(3))
    oldest = call(s, 'GET', '/' + idents[0], key=key).json['url']
    listed = call(s, 'GET', key=key).json
    s.same('newest first', [x['id'] for x in listed['items']], idents[::-1])
    first = call(s, 'GET', '?limit=2', key=key).json
    rest = call(s, 'GET', '?limit=2&cursor=' + first['nextCursor'], key=key).json
    s.same('in pages', [x['id'] for x in first['items'] + rest['items']], idents[::-1])
    a = call(
        s, 'PATCH', '/' + idents[0], key=key, body=dict(title='Herbs', everySeconds=3600, tags=['t'], maxPages=5)
    )
    s.same(
        'what is said changes',
        (a.status, a.json['title'], a.json['everySeconds'], a.json['tags'], a.json['maxPages']),
        (200, 'Herbs', 3600, ['t'], 5),
    )
    s.same('... the rest stays', (a.json['url'], a.json['kind']), (oldest, 'page'))
    s.check('... and it will be visited again', visited_next(s, idents[0], key), a.json)
    for body, name in (
        (dict(everySeconds=5), 'everySeconds'),
        (dict(title=5), 'title'),
        (dict(url='x'), 'url'),
        (dict(maxPages=10**6), 'maxPages'),
        (dict(depth=11), 'depth'),
        (dict(include='x'), 'include'),
    ):
        a = call(s, 'PATCH', '/' + idents[0], key=key, body=body)
        s.problem(f'{body}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    s.problem('a sister\'s', call(s, 'GET', '/' + idents[0], key=s.quick.secret), 404, 'not_found')


def visited_next(s, ident, key):
    return s.until(lambda: call(s, 'GET', '/' + ident, key=key), lambda a: a.json['nextVisitAt'], 30).json[
        'nextVisitAt'
    ]


def test_what_is_wrong(s):
    for body, name in (
        ({}, 'url'),
        (dict(url=''), 'url'),
        (dict(url='example.com'), 'url'),
        (dict(url='ftp://example.com/'), 'url'),
        (dict(url='https://user:pw@example.com/'), 'url'),
        (dict(url='https://exa mple.com/'), 'url'),
        (dict(url=5), 'url'),
        (dict(url='https://example.com/', crawl='yes'), 'crawl'),
        (dict(url='https://example.com/', crawl=True, sitemap=True), 'crawl'),
        (dict(url='https://example.com/', crawl=dict(depth=-1)), 'depth'),
        (dict(url='https://example.com/', crawl=dict(deep=1)), 'deep'),
        (dict(url='https://example.com/', crawl=dict(maxPages=10**6)), 'maxPages'),
        (dict(url='https://example.com/', sitemap=1), 'sitemap'),
        (dict(url='https://example.com/', everySeconds=1), 'everySeconds'),
        (dict(url='https://example.com/', depth=1), 'depth'),
    ):
        a = s.send('POST', ADD, key=s.library.secret, body=body)
        s.problem(f'{str(body)[:60]}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    s.problem('a strange bot', add(s, s.site.url + '/', botId=s.foreign.id), 404, 'not_found')
    for method, path in (('GET', ''), ('PATCH', ''), ('DELETE', ''), ('POST', '/visit'), ('GET', '/pages')):
        for bad in (NOBODY, 'src_x'):
            a = call(s, method, f'/{bad}{path}', body={} if method == 'PATCH' else None)
            s.problem(f'{method} of {bad[:6]}{path}', a, 404, 'not_found')
    s.problem('a public key', call(s, 'GET', key=s.library.public), 403, 'forbidden')

"""Passages as their owner changes them, and how a document would be cut."""
from test_dashboard_documents import NOBODY, call, ready, upload_file
from test_documents import ended

LONG = ''.join(
    f'\n# Chapter {i}\n\n' + f'In chapter {i} the keeper of house {i} writes about the weather. ' * 30
    for i in range(6)
)


def chunks(s, ident, query='', key=None):
    return call(s, 'GET', f'/{ident}/chunks{query}', key)


def one(s, ident, chunk):
    return next((c for c in chunks(s, ident).json['items'] if c['id'] == chunk), None)


def found(s, question):
    a = s.send('POST', '/api/dashboard/retrieval/test', key=s.library.secret, body=dict(query=question, top=50))
    assert a.status == 200, a
    return [x['text'] for x in a.json['items']]


def long_one(s, name, **fields):
    ident = upload_file(s, name + '.md', 'text/markdown', LONG.replace('keeper', name).encode(), **fields)
    assert ended(s, ident).json['status'] == 'ready'
    return ident


def test_list(s):
    ident = long_one(s, 'lister', chunking='{"tokens": 100, "overlap": 10}')
    a = chunks(s, ident)
    items = a.json['items']
    shape = all(
        isinstance(c['id'], str)
        and c['id'].isdigit()
        and c['index'] == i
        and c['text']
        and c['enabled'] is True
        and c['edited'] is False
        and 0 < c['tokens'] <= 100
        and isinstance(c['section'], str)
        for i, c in enumerate(items)
    )
    s.check('passages come in order, as described', shape and len(items) > 6, items[:2])
    s.check(
        '... with their headings', any('Chapter 3' in c['section'] for c in items), [c['section'] for c in items]
    )
    page = chunks(s, ident, '?limit=2').json
    seen = page['items']
    while page['nextCursor']:
        page = chunks(s, ident, '?limit=2&cursor=' + page['nextCursor']).json
        seen += page['items']
    s.same('in pages they are the same', [c['id'] for c in seen], [c['id'] for c in items])
    for query in ('?limit=0', '?cursor=x', '?cursor=-1'):
        s.problem(f'list {query}', chunks(s, ident, query), 400, 'invalid_request')


def test_edit(s):
    ident = ready(s, 'edited')
    c = chunks(s, ident).json['items'][0]
    a = call(s, 'PATCH', f'/{ident}/chunks/{c["id"]}', body=dict(text='The edited kiosk has moved to Plum Lane.'))
    s.same(
        'another text',
        (a.status, a.json['text'], a.json['edited']),
        (200, 'The edited kiosk has moved to Plum Lane.', True),
    )
    s.check('... with its tokens counted', 0 < a.json['tokens'] < c['tokens'], a.json)
    s.same('... in its place', a.json['index'], c['index'])
    s.check('... it is found', any('Plum Lane' in t for t in found(s, 'Where has the edited kiosk moved to?')))
    changed = a.json['id']
    a = call(s, 'PATCH', f'/{ident}/chunks/{changed}', body=dict(section='Moving'))
    s.same(
        'a section alone',
        (a.json['section'], a.json['text']),
        ('Moving', 'The edited kiosk has moved to Plum Lane.'),
    )
    changed = a.json['id']
    a = call(s, 'PATCH', f'/{ident}/chunks/{changed}', body=dict(enabled=False))
    s.same('switched off', (a.json['enabled'], a.json['edited']), (False, True))
    s.check(
        '... it is not found', not any('Plum Lane' in t for t in found(s, 'Where has the edited kiosk moved to?'))
    )
    call(s, 'POST', f'/{ident}/reindex')
    s.until(lambda: call(s, 'GET', '/' + ident), lambda a: a.json['status'] == 'ready', 60)
    kept = [c for c in chunks(s, ident).json['items'] if 'Plum Lane' in c['text']]
    s.same('a new taking-in keeps both', [(c['enabled'], c['edited']) for c in kept], [(False, True)])
    a = call(s, 'PATCH', f'/{ident}/chunks/{kept[0]["id"]}', body=dict(enabled=True))
    s.same('on again', a.json['enabled'], True)


def test_add_and_remove(s):
    ident = ready(s, 'added')
    a = call(
        s,
        'POST',
        f'/{ident}/chunks',
        body=dict(text='On Mondays the added kiosk gives away pears.', section='Extras'),
    )
    s.same('one more', (a.status, a.json['section'], a.json['edited']), (201, 'Extras', True))
    mine = a.json['id']
    s.same('... is on the list', one(s, ident, mine)['text'], 'On Mondays the added kiosk gives away pears.')
    s.check('... is found', any('pears' in t for t in found(s, 'What does the added kiosk give away on Mondays?')))
    s.same('it goes', call(s, 'DELETE', f'/{ident}/chunks/{mine}').status, 204)
    s.same('... from the list', one(s, ident, mine), None)
    s.problem('... and is gone', call(s, 'DELETE', f'/{ident}/chunks/{mine}'), 404, 'not_found')
    parsed = chunks(s, ident).json['items'][0]['id']
    a = call(s, 'DELETE', f'/{ident}/chunks/{parsed}')
    s.problem('one of the document itself stays', a, 409, 'conflict')
    s.check('... and is to be switched off', a.status == 409 and 'off' in a.json['detail'], a)


def test_what_is_wrong(s):
    ident = ready(s, 'wronged')
    c = chunks(s, ident).json['items'][0]['id']
    for method, path, body, name in (
        ('POST', '', {}, 'text'),
        ('POST', '', dict(text=''), 'text'),
        ('POST', '', dict(text=5), 'text'),
        ('POST', '', dict(text='x', enabled=True), 'enabled'),
        ('POST', '', dict(text='x', section='y' * 201), 'section'),
        ('POST', '', dict(text='x ' * 9000), 'text'),
        ('PATCH', '/' + c, dict(text=' '), 'text'),
        ('PATCH', '/' + c, dict(enabled=1), 'enabled'),
        ('PATCH', '/' + c, dict(index=5), 'index'),
    ):
        a = call(s, method, f'/{ident}/chunks{path}', body=body)
        s.problem(f'{method} {str(body)[:40]}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    for bad in ('0', '-1', 'x', '999999999999', '9' * 30):
        s.problem(
            f'passage {bad}', call(s, 'PATCH', f'/{ident}/chunks/{bad}', body=dict(enabled=True)), 404, 'not_found'
        )
    s.problem('of no document', call(s, 'POST', f'/{NOBODY}/chunks', body=dict(text='x')), 404, 'not_found')
    other = ready(s, 'others')
    s.problem(
        'of another document', call(s, 'PATCH', f'/{other}/chunks/{c}', body=dict(enabled=False)), 404, 'not_found'
    )


def test_preview(s):
    ident = long_one(s, 'viewer')
    before = chunks(s, ident).json

    def preview(**chunking):
        return call(s, 'POST', f'/{ident}/preview', body=dict(chunking=chunking))

    small, large = preview(tokens=64, overlap=8), preview(tokens=500, overlap=50)
    s.check(
        'small passages are many',
        small.json['total'] > large.json['total'] > 0,
        (small.json['total'], large.json['total']),
    )
    first = small.json['items'][0]
    s.check(
        'a passage has index, section, tokens and text',
        first['index'] == 0 and first['text'] and isinstance(first['section'], str) and 0 < first['tokens'] <= 64,
        first,
    )
    s.check('none is longer', all(c['tokens'] <= 64 for c in small.json['items']), small)
    s.same('nothing was stored', chunks(s, ident).json, before)
    s.same('as it is, without settings', call(s, 'POST', f'/{ident}/preview', body={}).status, 200)
    for chunking in (
        dict(tokens=31),
        dict(tokens=2001),
        dict(tokens=100, overlap=50),
        dict(mode='x'),
        dict(size=1),
        dict(tokens='9'),
    ):
        a = preview(**chunking)
        s.problem(f'preview of {chunking}', a, 400, 'invalid_request')
        s.check(
            '... names the member',
            a.status == 400 and next(iter(chunking)) in a.json['detail'] or 'overlap' in a.json['detail'],
            a,
        )
    s.problem('of no document', call(s, 'POST', f'/{NOBODY}/preview', body={}), 404, 'not_found')

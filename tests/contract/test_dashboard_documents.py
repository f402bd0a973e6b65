"""Documents as the back office sees them: handed in, listed, described, tried again, removed."""
import base64
import os

import talk
from test_documents import ended, text_file, upload

BASE = '/api/dashboard/documents'
UPLOADS = (BASE + '/upload', '/api/admin/knowledge/upload')
NOBODY = 'doc_' + '0' * 32
MEMBERS = (
    'id filename title description type url botId sourceId tags metadata chunking size status progress currentStep '
    'chunksTotal chunksDone chunks pages attempts enabled createdAt updatedAt'
).split()


def put(s, files, key=None, path=UPLOADS[0], fields=(), **headers):
    return upload(s, files, key=key, path=path, fields=fields, **headers)


def upload_file(s, name, kind, data, key=None, **fields):
    """One file; its id."""
    a = put(s, [('file', name, kind, data)], key=key, fields=list(fields.items()))
    assert a.status == 201, a
    return a.json['id']


def call(s, method, path, key=None, **more):
    return s.send(method, BASE + path, key=key or s.library.secret, **more)


def get(s, ident, key=None):
    return call(s, 'GET', '/' + ident, key)


def delete(s, ident, key=None):
    return call(s, 'DELETE', '/' + ident, key)


def ready(s, name, **fields):
    """A text of that name, ready; its id."""
    ident = upload_file(s, *text_file(name)[1:], **fields)
    got = ended(s, ident, key=fields.get('key'))
    assert got.json['status'] == 'ready', got
    return ident


def broken_pdf():
    return b'%PDF-1.4\nnonsense ' + os.urandom(8).hex().encode()


def test_upload(s):
    for path in UPLOADS:
        a = put(s, [text_file('teal' + path[5:8])], path=path)
        s.check(
            f'{path}: 201 with id, status and filename', a.status == 201 and a.json['id'].startswith('doc_'), a
        )
        s.same('... pending', a.json['status'], 'pending')
    body = dict(
        filename='plain', fileData=base64.b64encode(b'A text without a type.').decode(), tags=['x'], title='T'
    )
    a = s.send('POST', UPLOADS[0], key=s.library.secret, body=body)
    s.same('base64, without type or end of name: by its content', a.status, 201)
    s.same('... with what was said of it', (d := get(s, a.json['id']).json)['tags'] + [d['title']], ['x', 'T'])


def test_fields(s):
    fields = [
        ('title', 'The opening hours'),
        ('description', 'Of all kiosks'),
        ('tags', 'faq, hours'),
        ('tags', 'kiosk'),
        ('tags', 'faq'),
        ('metadata', '{"lang": "en", "year": 2026}'),
        ('chunking', '{"tokens": 100, "overlap": 10}'),
        ('botId', s.library.id),
        ('program', 'of the sender'),
    ]
    ident = put(s, [text_file('fieldy')], fields=fields).json['id']
    d = get(s, ident).json
    s.check('a document has all its members', set(MEMBERS) <= set(d), sorted(set(MEMBERS) - set(d)))
    s.same('title and description', (d['title'], d['description']), ('The opening hours', 'Of all kiosks'))
    s.same('tags are parted and stand once', d['tags'], ['faq', 'hours', 'kiosk'])
    s.same('metadata', d['metadata'], dict(lang='en', year=2026))
    s.same('chunking', d['chunking'], dict(tokens=100, overlap=10))
    s.same('its bot', d['botId'], s.library.id)
    s.same('it becomes ready', ended(s, ident).json['status'], 'ready')
    d = get(s, ident).json
    s.check('ready: type, size, passages', d['type'].startswith('text/') and d['size'] > 0 and d['chunks'] >= 1, d)


def test_fields_that_are_wrong(s):
    for name, value in (
        ('title', 'x' * 201),
        ('title', 'bad\x01'),
        ('description', 'x' * 2001),
        ('tags', ','.join(f't{i}' for i in range(51))),
        ('tags', 'x' * 101),
        ('metadata', '{"lang":'),
        ('metadata', '[1]'),
        ('metadata', '{"x": "' + 'y' * 4100 + '"}'),
        ('chunking', '{"tokens": 5}'),
        ('chunking', '{"tokens": 100, "overlap": 60}'),
        ('chunking', '{"mode": "odd"}'),
        ('chunking', '{"size": 5}'),
    ):
        a = put(s, [text_file('wrongly')], fields=[(name, value)])
        s.problem(f'{name} {value[:20]!r}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    for value in ('bot_' + '0' * 32, 'hello', s.foreign.id):
        a = put(s, [text_file('wrongly')], fields=[('botId', value)])
        s.problem(f'botId {value[:8]}', a, 404, 'not_found')


def test_duplicates(s):
    first = ready(s, 'doubled')
    again = put(s, [('file', 'another name.md', 'text/markdown', text_file('doubled')[3])])
    j = again.json
    s.same(
        'the same bytes again: the same document', (again.status, j['id'], j.get('duplicate')), (201, first, True)
    )
    s.same('... with its status', j['status'], 'ready')
    both = put(s, [text_file('doubled'), text_file('undoubled')]).json['items']
    s.same('among others', [x.get('duplicate', False) for x in both], [True, False])
    mine = put(s, [text_file('doubled')], key=s.foreign.secret).json
    s.check('another tenant has its own', mine['id'] != first and 'duplicate' not in mine, mine)
    delete(s, first)
    new = put(s, [text_file('doubled')]).json
    s.check('after it was removed it is new', new['id'] != first and 'duplicate' not in new, new)


def test_replace(s):
    ident = ready(s, 'versions', title='Kept')
    text = text_file('versions')[3] + b'\nThe versions kiosk sells lemonade, too.\n'
    a = put(s, [('file', 'second.md', 'text/markdown', text)], fields=[('documentId', ident)])
    s.same('new bytes for a document', (a.status, a.json['id'], a.json['status']), (201, ident, 'pending'))
    s.until(lambda: get(s, ident), lambda a: a.json['status'] == 'ready', 60)
    d = get(s, ident).json
    s.same('... it is ready again, its title stays', (d['status'], d['title']), ('ready', 'Kept'))
    s.same('... under its new name', d['filename'], 'second.md')
    a = call(s, 'GET', f'/{ident}/changes')
    newest = a.json['items'][0]
    s.check('what changed can be seen', newest['added'] >= 1 and newest['removed'] >= 1, a)
    s.check('... in words', newest['detail']['added'] and newest['detail']['added'][0]['text'], newest)
    a = put(s, [('file', 'second.md', 'text/markdown', text)], fields=[('documentId', ident)])
    s.same(
        'the same bytes once more are nothing new', (a.json.get('duplicate'), a.json['status']), (True, 'ready')
    )
    two = put(s, [text_file('v1'), text_file('v2')], fields=[('documentId', ident)])
    s.problem('two files for one document', two, 400, 'invalid_request')
    s.problem('for none', put(s, [text_file('v1')], fields=[('documentId', NOBODY)]), 404, 'not_found')


def test_many_with_problems(s):
    files = [
        text_file('many1'),
        ('file', 'tool.exe', 'application/x-msdownload', b'MZ\x90\x00\x03'),
        ('file', 'empty.txt', 'text/plain', b''),
        text_file('many2'),
    ]
    a = put(s, files)
    s.same('one bad file does not hold up the others', a.status, 201)
    items = a.json['items']
    s.same('each has its place', [x['filename'] for x in items], ['many1.md', 'tool.exe', 'empty.txt', 'many2.md'])
    s.same(
        'each has its problem',
        [x.get('error', {}).get('code') for x in items],
        [None, 'unsupported_type', 'invalid_request', None],
    )
    s.check('... in words', 'PDF' in items[1]['error']['detail'], items[1])
    s.same('the answer itself is the first good one', a.json['id'], items[0]['id'])
    s.problem('none good', put(s, files[1:3]), 415, 'unsupported_type')
    a = put(s, [text_file(f'hundred{i}') for i in range(100)])
    s.same('a hundred files at once', (a.status, len(a.json['items'])), (201, 100))
    s.problem('a hundred and one', put(s, [text_file(f'n{i}') for i in range(101)]), 413, 'too_large')
    for x in a.json['items']:
        delete(s, x['id'])


def test_list(s):
    key = s.refused.secret  # a bot of the house's: nothing else is uploaded with it
    idents = []
    for i in range(5):
        idents.append(upload_file(s, *text_file(f'listed{i}')[1:], key=key, tags=f'row{i % 2},all'))
        ended(s, idents[-1], key=key)  # ids of the same millisecond have no order

    def listed(query=''):
        a = call(s, 'GET', query, key)
        return [d['id'] for d in a.json['items']], a

    newest = idents[::-1]
    s.same('newest first', listed()[0], newest)
    page, a = listed('?limit=2')
    s.same('a page', page, newest[:2])
    seen = page
    while a.json['nextCursor']:
        page, a = listed('?limit=2&cursor=' + a.json['nextCursor'])
        seen += page
    s.same('... and those after it', seen, newest)
    s.same('by status', (listed('?status=ready')[0], listed('?status=failed')[0]), (newest, []))
    s.same('by tag', listed('?tag=row1')[0], [idents[3], idents[1]])
    s.same('by words', listed('?q=LISTED4')[0], [idents[4]])
    s.same('by bot', listed('?botId=' + s.refused.id)[0], newest)
    s.same('by source', listed('?sourceId=src_' + '0' * 32)[0], [])
    for query in (
        '?limit=0',
        '?limit=101',
        '?limit=x',
        '?cursor=doc_1',
        '?status=odd',
        '?sourceId=x',
        '?q=' + 'x' * 201,
    ):
        s.problem(f'list {query[:20]}', call(s, 'GET', query, key), 400, 'invalid_request')
    s.problem('of a sister\'s', call(s, 'GET', '?botId=' + s.quick.id, key), 404, 'not_found')


def test_bound_keys(s):
    """A key of a bot reads its own and everybody's, and changes its own."""
    mine = ready(s, 'mine', key=s.quick.secret)
    all_bots = upload_file(s, *text_file('everybody')[1:], key=made_unbound(s))
    for words, ident, status in (('its own', mine, 200), ('everybody\'s', all_bots, 200)):
        s.same(f'a bound key reads {words}', get(s, ident, s.quick.secret).status, status)
    s.problem('not a sister\'s', get(s, mine, s.slow.secret), 404, 'not_found')
    for method, path, body in changes(all_bots):
        a = s.send(method, path, key=s.quick.secret, body=body)
        s.problem(f'it does not change everybody\'s: {method} {path[-20:]}', a, 404, 'not_found')
    s.problem('a list is of its own', call(s, 'GET', '?botId=' + s.slow.id, s.quick.secret), 404, 'not_found')


def changes(ident):
    yield 'PATCH', f'{BASE}/{ident}', dict(title='x')
    yield 'DELETE', f'{BASE}/{ident}', None
    for verb in ('retry', 'skip', 'reindex'):
        yield 'POST', f'{BASE}/{ident}/{verb}', {}
    yield 'POST', f'{BASE}/{ident}/chunks', dict(text='x')


def made_unbound(s):
    """A secret key that is good for all bots of the house."""
    import scene

    return scene.made('key', 'add', s.house, '--secret')['key']


def test_patch(s):
    ident = ready(s, 'patched', tags='old')
    a = call(
        s,
        'PATCH',
        '/' + ident,
        body=dict(title=' New title ', tags=['a', 'b'], metadata=dict(k=[1]), description=''),
    )
    s.same(
        'what is said changes',
        (a.status, a.json['title'], a.json['tags'], a.json['metadata']),
        (200, 'New title', ['a', 'b'], dict(k=[1])),
    )
    a = call(s, 'PATCH', '/' + ident, body=dict(enabled=False))
    s.same(
        'what is not said stays',
        (a.json['enabled'], a.json['title'], a.json['tags']),
        (False, 'New title', ['a', 'b']),
    )
    p = s.told(s.library, 'When does the patched kiosk open?')
    used = [x['documentId'] for e in p.named('sources') for x in e.data['items']]
    s.check('switched off it is not found', ident not in used, used)
    a = call(s, 'PATCH', '/' + ident, body=dict(enabled=True, tags=[]))
    s.same('on again, without tags', (a.json['enabled'], a.json['tags']), (True, []))
    p = s.told(s.library, 'When does the patched kiosk open?')
    s.check(
        '... it is found',
        ident in [x['documentId'] for e in p.named('sources') for x in e.data['items']],
        p.events,
    )
    for body, name in (
        (dict(title=''), 'title'),
        (dict(title=5), 'title'),
        (dict(tags='x'), 'tags'),
        (dict(tags=[5]), 'tags'),
        (dict(metadata=[]), 'metadata'),
        (dict(enabled='yes'), 'enabled'),
        (dict(status='ready'), 'status'),
    ):
        a = call(s, 'PATCH', '/' + ident, body=body)
        s.problem(f'{body}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    s.problem('no object', call(s, 'PATCH', '/' + ident, body=[]), 400, 'invalid_request')


def test_delete(s):
    ident = ready(s, 'removed')
    s.same('it goes', delete(s, ident).status, 204)
    for a in (
        get(s, ident),
        delete(s, ident),
        call(s, 'GET', f'/{ident}/status'),
        call(s, 'GET', f'/{ident}/chunks'),
    ):
        s.problem('... and is gone', a, 404, 'not_found')


def test_failure_and_retry(s):
    ident = upload_file(s, 'broken.pdf', 'application/pdf', broken_pdf())
    j = ended(s, ident).json
    s.check(
        'a file that cannot be read says why, and in a word',
        j['status'] == 'failed' and j['error'] and j['errorCode'] == 'parser_failed',
        j,
    )
    st = call(s, 'GET', f'/{ident}/status').json
    s.check('the status has waiting and pages', st['waiting'] == 0 and isinstance(st['pages'], int), st)
    a = call(s, 'POST', f'/{ident}/retry', body={})
    s.same('it is tried again', (a.status, a.json), (202, dict(id=ident, status='pending')))
    s.same('... and fails again', ended(s, ident).json['status'], 'failed')
    s.problem('it is not dead: nothing to skip', call(s, 'POST', f'/{ident}/skip'), 409, 'conflict')
    good = ready(s, 'retried')
    s.problem('what is ready is not tried again', call(s, 'POST', f'/{good}/retry'), 409, 'conflict')
    a = call(s, 'POST', f'/{good}/reindex')
    s.same('it is taken in anew', (a.status, a.json['status']), (202, 'pending'))
    s.until(lambda: get(s, good), lambda a: a.json['status'] == 'ready', 60)
    s.same('... and ready again', get(s, good).json['status'], 'ready')


def test_dead_letters(s):
    """The list of those that were given up, with reason, retry and skip."""
    import harness as h

    letters = '/api/dashboard/dead-letters'
    idents = [upload_file(s, f'dead{i}.pdf', 'application/pdf', broken_pdf()) for i in range(3)]
    for i in idents:
        ended(s, i)
    listed = ','.join(f"'{i}'" for i in idents)
    h.sql(
        f"UPDATE documents SET status = 'dead', error = 'gave up after 3 attempts', error_code = 'gave_up', "
        f"error_page = 7 WHERE id IN ({listed}) RETURNING id"
    )
    a = s.send('GET', letters, key=s.library.secret)
    mine = {x['id']: x for x in a.json['items']}
    s.check('they are on the list', set(idents) <= set(mine), a)
    x = mine[idents[0]]
    s.same(
        '... with reason and page',
        (x['error'], x['errorCode'], x['errorPage']),
        ('gave up after 3 attempts', 'gave_up', 7),
    )
    s.check('... attempts and time', x['attempts'] >= 1 and x['updatedAt'] and x['filename'] == 'dead0.pdf', x)
    page = s.send('GET', letters + '?limit=1', key=s.library.secret).json
    s.check('in pages', len(page['items']) == 1 and page['nextCursor'], page)
    a = call(s, 'POST', f'/{idents[0]}/skip')
    s.same('skipped', (a.status, a.json['status']), (202, 'failed'))
    d = get(s, idents[0]).json
    s.same(
        '... it stays as failed, with its reason',
        (d['status'], d['error']),
        ('failed', 'gave up after 3 attempts'),
    )
    s.same('retried', call(s, 'POST', f'/{idents[1]}/retry').status, 202)
    ended(s, idents[1])
    left = {x['id'] for x in s.send('GET', letters, key=s.library.secret).json['items']}
    s.same('what is left on the list', left & set(idents), {idents[2]})
    delete(s, idents[2])


def test_who_may(s):
    ident = ready(s, 'guarded')
    rows = [
        ('GET', ''),
        ('GET', '/' + ident),
        ('GET', f'/{ident}/status'),
        ('GET', f'/{ident}/changes'),
        ('GET', f'/{ident}/chunks'),
        ('DELETE', '/' + ident),
        ('POST', f'/{ident}/retry'),
    ]
    for method, path in rows:
        s.problem(f'a public key: {method} {path[:8]}', call(s, method, path, s.library.public), 403, 'forbidden')
        s.problem('no key', s.send(method, BASE + path), 401, 'unauthorized')
    for bad in (NOBODY, 'doc_x', 'hello'):
        for method, path in rows[1:]:
            s.problem(f'{method} of {bad[:8]}', call(s, method, path.replace(ident, bad)), 404, 'not_found')
    body, kind = talk.multipart([text_file('guarded')])
    a = s.send('POST', UPLOADS[0], key=s.library.public, body=body, headers={'content-type': kind})
    s.problem('a file with a public key', a, 403, 'forbidden')

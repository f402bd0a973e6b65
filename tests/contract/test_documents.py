"""Documents from a server: both ways in, many at once, how far they are, and that they answer."""
import base64
import uuid

import talk

STATUSES = 'pending uploading parsing chunking embedding storing ready failed no_text encrypted dead'.split()
TEXT = (
    '# The house rules of the {name} kiosk\n\nThe {name} kiosk opens at half past seven in the morning.\n\n'
    'Bicycles are parked behind the {name} kiosk, never in front of it.\n'
)
PATHS = ('/process-document', '/api/widget/process-document')


def upload(s, files, key=None, path=PATHS[0], fields=(), **headers):
    body, kind = talk.multipart(files, fields)
    return s.send('POST', path, key=key or s.library.secret, body=body, headers={'content-type': kind, **headers})


def text_file(name, field='file'):
    return field, name + '.md', 'text/markdown', TEXT.format(name=name).encode()


def status(s, ident, key=None):
    return s.send('GET', f'/api/widget/documents/{ident}/status', key=key or s.library.secret)


def ended(s, ident, key=None):
    return s.until(
        lambda: status(s, ident, key), lambda a: a.status == 200 and a.json['status'] in STATUSES[6:], 60
    )


def test_one_file(s):
    for path in PATHS:
        name = path.strip('/').replace('/', '-')
        a = upload(s, [text_file('umber-' + name)], path=path)
        s.check(f'multipart to {path}: 202', a.status == 202 and a.type == 'application/json', a)
        s.check(
            '... with id and status', a.json['id'].startswith('doc_') and a.json['status'] == 'pending', a.json
        )
        b = s.send(
            'POST',
            path,
            key=s.library.secret,
            body=dict(
                filename='ochre.md',
                fileType='text/markdown',
                fileData=base64.b64encode(TEXT.format(name='ochre-' + name).encode()).decode(),
            ),
        )
        s.check(f'JSON with base64 to {path}: 202', b.status == 202 and b.json['id'].startswith('doc_'), b)
        for answer in (a, b):
            s.same('... becomes ready', ended(s, answer.json['id']).json['status'], 'ready')


def test_many_files(s):
    names = ['sienna', 'cobalt', 'madder']
    a = upload(s, [text_file(n) for n in names])
    s.same(
        'many files are many documents',
        (a.status, [x['filename'] for x in a.json.get('items', [])]),
        (202, [n + '.md' for n in names]),
    )
    idents = [x['id'] for x in a.json['items']]
    s.same('... each with its id', len(set(idents)), 3)
    s.same('... all become ready', [ended(s, i).json['status'] for i in idents], ['ready'] * 3)


def test_status(s):
    ident = upload(s, [text_file('viridian')]).json['id']
    seen = [status(s, ident).json]
    s.until(lambda: seen.append(status(s, ident).json) or seen[-1], lambda j: j['status'] in STATUSES[6:], 60)
    for j in (seen[0], seen[-1]):
        shape = (
            isinstance(j['id'], str)
            and j['status'] in STATUSES
            and isinstance(j['progress'], int)
            and 0 <= j['progress'] <= 100
            and isinstance(j['currentStep'], str)
            and isinstance(j['chunksTotal'], int)
            and isinstance(j['chunksDone'], int)
        )
        s.check(f'a status that is {j["status"]} is as described', shape and j['id'] == ident, j)
    s.check(
        'progress never goes back',
        [j['progress'] for j in seen] == sorted(j['progress'] for j in seen),
        [j['progress'] for j in seen],
    )
    last = seen[-1]
    s.same('ready is 100 %', (last['status'], last['progress']), ('ready', 100))
    s.check(
        'ready has all its chunks and no error',
        last['chunksDone'] == last['chunksTotal'] >= 1 and 'error' not in last,
        last,
    )
    for bad in ('doc_00000000000000000000000000000000', 'doc_x', 'hello'):
        s.problem(f'status of {bad}', status(s, bad), 404, 'not_found')


def test_it_answers(s):
    ident = upload(s, [text_file('indigo')], fields=[('title', 'House rules')]).json['id']
    s.same('it becomes ready', ended(s, ident).json['status'], 'ready')
    p = s.told(s.library, 'When does the indigo kiosk open?')
    s.same('sources come before the text', p.names[:3], ['accepted', 'start', 'sources'])
    items = p.named('sources')[0].data['items']
    s.same('they are numbered', [x['n'] for x in items], list(range(1, len(items) + 1)))
    for x in items:
        shape = all(
            isinstance(x.get(k), kind)
            for k, kind in (('documentId', str), ('title', str), ('snippet', str), ('score', (int, float)))
        )
        s.check('a source has n, documentId, title, snippet and score', shape, x)
    s.same('the first is the document', (items[0]['documentId'], items[0]['title']), (ident, 'House rules'))
    s.check('the snippet is out of it', 'indigo' in items[0]['snippet'], items[0])
    s.check('the answer quotes and cites it', 'half past seven' in p.text and '[1]' in p.text, p.text)
    whole = s.ask(s.library, 'Where are bicycles parked at the indigo kiosk?').json
    s.check('a whole answer has its sources', whole['sources'] and whole['sources'][0]['n'] == 1, whole)
    s.same('history has them, too', s.stored(whole['answerId'])[1]['sources'], whole['sources'])


def test_idempotency_key(s):
    key = uuid.uuid4().hex
    a, b = (upload(s, [text_file('russet'), text_file('sepia')], **{'idempotency-key': key}) for _ in range(2))
    s.same(
        'a repeated upload finds its documents',
        [x['id'] for x in b.json['items']],
        [x['id'] for x in a.json['items']],
    )
    c = upload(s, [text_file('russet'), text_file('sepia')])
    s.same(
        'without the key the bytes are known again',
        [(x['id'], x.get('duplicate')) for x in c.json['items']],
        [(x['id'], True) for x in a.json['items']],
    )
    own, sister = (
        upload(s, [text_file('umber')], key=bot.secret, **{'idempotency-key': key}).json['id']
        for bot in (s.quick, s.slow)
    )
    s.check('the same key from another bot is another upload', own != sister, (own, sister))

"""What is refused of a file, and at which size."""
import base64

import talk
from test_documents import PATHS, ended, text_file, upload

CAP = 10 * 1024 * 1024


def big(n):
    """A file of n bytes with one sentence in it."""
    text = b'The lantern is lit at dusk.\n'
    return text + b' \n' * ((n - len(text)) // 2) + b'\n' * ((n - len(text)) % 2)


def as_json(s, name, data, kind='text/plain', **more):
    return s.send(
        'POST',
        PATHS[0],
        key=s.library.secret,
        timeout=120,
        body=dict(filename=name, fileType=kind, fileData=base64.b64encode(data).decode(), **more),
    )


def test_ten_megabytes(s):
    for words, send in (
        ('as multipart', lambda n: upload(s, [('file', 'big.txt', 'text/plain', big(n))])),
        ('as base64', lambda n: as_json(s, 'big.txt', big(n))),
    ):
        a = send(CAP)
        s.check(f'10 MB {words} are taken', a.status == 202, a)
        s.problem(f'10 MB + 1 {words}', send(CAP + 1), 413, 'too_large')
        s.same('what was taken becomes ready', ended(s, a.json['id']).json['status'], 'ready')


def test_what_cannot_be_read(s):
    for name, kind in (
        ('tool.exe', 'application/x-msdownload'),
        ('picture.png', 'image/png'),
        ('noname', 'application/octet-stream'),
    ):
        s.problem(f'{name} ({kind})', upload(s, [('file', name, kind, b'x' * 100)]), 415, 'unsupported_type')
        s.problem(f'{name} as base64', as_json(s, name, b'x' * 100, kind), 415, 'unsupported_type')
    s.problem(
        'one bad file among good ones',
        upload(s, [text_file('amber'), ('file', 'a.exe', 'x/y', b'x')]),
        415,
        'unsupported_type',
    )
    s.problem('an empty file', upload(s, [('file', 'empty.txt', 'text/plain', b'')]), 400, 'invalid_request')
    s.problem('no file', upload(s, [], fields=[('title', 'x')]), 400, 'invalid_request')


def test_bodies_that_are_none(s):
    def post(body, kind):
        return s.send('POST', PATHS[0], key=s.library.secret, body=body, headers={'content-type': kind})

    good, kind = talk.multipart([text_file('coral')])
    s.problem('nothing', s.send('POST', PATHS[0], key=s.library.secret), 400, 'invalid_request')
    for words, a in (
        ('multipart cut off', post(good[:-30], kind)),
        ('another boundary', post(good, kind + 'x')),
        ('no boundary', post(good, 'multipart/form-data')),
        ('half a JSON', post(b'{"filename":', 'application/json')),
        ('no base64', post(b'{"filename":"a.txt","fileType":"text/plain","fileData":"%%%"}', 'application/json')),
        ('no filename', post(b'{"fileType":"text/plain","fileData":"YQ=="}', 'application/json')),
    ):
        s.problem(words, a, 400, 'invalid_request')
    a = post(b'hello', 'text/plain')
    s.check(
        'a bare text is refused as a problem', a.status in (400, 415) and a.type == 'application/problem+json', a
    )
    many = upload(s, [text_file(f'n{i}') for i in range(33)])
    s.problem('33 files at once', many, 413, 'too_large')


def test_names(s):
    """Only the last part of a path is a name."""
    for given, wanted in (
        ('../../etc/passwd.txt', 'passwd.txt'),
        ('C:\\files\\notes.txt', 'notes.txt'),
        ('Grüße 漢.txt', 'Grüße 漢.txt'),
    ):
        a = as_json(s, given, b'The gate is green.')
        s.same(f'{given} is called', a.json.get('filename'), wanted)


def test_kinds_that_end_badly(s):
    a = upload(s, [('file', 'blank.txt', 'text/plain', b' \n \n')])
    s.same('a file without text ends as no_text', ended(s, a.json['id']).json['status'], 'no_text')
    a = upload(s, [('file', 'broken.pdf', 'application/pdf', b'%PDF-1.4\nnonsense')])
    j = ended(s, a.json['id']).json
    s.check('a broken PDF ends as failed, with an error', j['status'] == 'failed' and j.get('error'), j)

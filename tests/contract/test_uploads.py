"""What is refused of a file, and at which size."""
import base64
import io
import os
import zipfile

import talk
from test_documents import PATHS, ended, text_file, upload

CAP = 10 * 1024 * 1024


def big(n):
    """A file of n bytes with one sentence in it."""
    text = b'The lantern is lit at dusk: %s\n' % os.urandom(8).hex().encode()
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


def office(name, text):
    """The least of a file of an office program: an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        z.writestr(name, text)
    return out.getvalue()


def test_what_cannot_be_read(s):
    junk = b'\x7fELF\x02\x01\x01\x00' + bytes(range(256))
    for name, kind in (
        ('tool.exe', 'application/x-msdownload'),
        ('picture.png', 'image/png'),
        ('noname', 'application/octet-stream'),
    ):
        a = upload(s, [('file', name, kind, junk)])
        s.problem(f'{name} ({kind})', a, 415, 'unsupported_type')
        s.check('... says what is read', a.status == 415 and 'Word' in a.json['detail'], a)
        s.problem(f'{name} as base64', as_json(s, name, junk, kind), 415, 'unsupported_type')
    png = b'\x89PNG\r\n\x1a\n' + bytes(50)
    s.problem(
        'a picture, when nothing reads pictures',
        upload(s, [('file', 'a.txt', 'text/plain', png)]),
        415,
        'unsupported_type',
    )
    s.problem('an empty file', upload(s, [('file', 'empty.txt', 'text/plain', b'')]), 400, 'invalid_request')
    s.problem('no file', upload(s, [], fields=[('title', 'x')]), 400, 'invalid_request')


def test_kinds_are_told_by_content(s):
    """What a file is called matters only where its bytes say nothing."""
    mark = os.urandom(6).hex()
    for name, kind, data, wanted in (
        ('noname', 'application/octet-stream', f'Plain words {mark}'.encode(), 'text/plain'),
        ('tool.exe', 'application/x-msdownload', f'Words all the same {mark}'.encode(), 'text/plain'),
        ('wide.bin', '', f'Wide words {mark}'.encode('utf-16'), 'text/plain'),
        ('table.csv', '', f'name,price\napple {mark},3\n'.encode(), 'text/csv'),
        (
            'page',
            'text/html',
            f'<!doctype html><title>x</title><p>Words of a page {mark}, and some more.'.encode(),
            'text/html',
        ),
        ('list.json', '', f'[{{"name": "pear {mark}", "price": 4}}]'.encode(), 'application/json'),
        (
            'latin.txt',
            '',
            f'Gr\u00fc\u00dfe an alle, {mark}, und viele sch\u00f6ne Tage'.encode('latin-1'),
            'text/plain',
        ),
    ):
        a = upload(s, [('file', name, kind, data)])
        s.check(f'{name} as {kind or "nothing"} is taken', a.status == 202, a)
        j = ended(s, a.json['id']).json
        s.same('... and becomes ready', (j['status'], j.get('error')), ('ready', None))
        d = s.send('GET', '/api/dashboard/documents/' + a.json['id'], key=s.library.secret).json
        s.same('... as what it is', d['type'], wanted)


def test_kinds_with_a_status_of_their_own(s):
    ole = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + os.urandom(600)
    for words, name, data in (
        ('an old or encrypted office file', 'old.doc', ole),
        ('an archive that is no office file', 'a.docx', office('hello.txt', os.urandom(4).hex())),
    ):
        a = upload(s, [('file', name, 'application/octet-stream', data)])
        s.same(f'{words} is taken', a.status, 202)
        j = ended(s, a.json['id']).json
        s.check(
            '... and ends with its reason',
            j['status'] in ('failed', 'encrypted') and j['error'] and j['errorCode'],
            j,
        )


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
    many = upload(s, [text_file(f'n{i}') for i in range(101)])
    s.problem('101 files at once', many, 413, 'too_large')


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
    a = upload(s, [('file', 'broken.pdf', 'application/pdf', b'%PDF-1.4\nno sense at all')])
    j = ended(s, a.json['id']).json
    s.check('a broken PDF ends as failed, with an error', j['status'] == 'failed' and j.get('error'), j)

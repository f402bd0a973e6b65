"""How long a question may be: code points, after trimming."""
import json

LETTERS = {'ASCII': 'a', 'two bytes': 'ü', 'three bytes': '漢', 'four bytes': '😀', 'a combining mark': '\u0301'}


def test_lengths(s):
    for words, letter in LETTERS.items():
        for n, ok in ((1, True), (1999, True), (2000, True), (2001, False)):
            a = s.ask(s.quick, letter * n)
            if ok:
                s.check(f'{n} of {words}: answered', a.status == 200, a)
            else:
                s.problem(f'{n} of {words}', a, 400, 'message_length')


def test_escapes_count_as_what_they_mean(s):
    a = s.send(
        'POST',
        '/api/widget/chat',
        key=s.quick.public,
        body=json.dumps(dict(message='😀' * 1300)).encode(),
        headers={'content-type': 'application/json'},
    )
    s.same('1,300 emoji as pairs of escapes: answered', a.status, 200)


def test_trimming(s):
    for words, text in (('nothing', ''), ('spaces', '   '), ('line ends and tabs', '\r\n\t ')):
        s.problem(f'a message of {words}', s.ask(s.quick, text), 400, 'message_length')
    a = s.ask(s.quick, ' \n' + 'a' * 2000 + '\t ')
    s.same('white space around 2,000 letters does not count', a.status, 200)
    stored = s.stored(a.json['answerId'])
    s.same('it is stored trimmed', [m['text'] for m in stored if m['role'] == 'user'], ['a' * 2000])
    s.problem(
        'no message at all', s.send('POST', '/api/widget/chat', key=s.quick.public, body={}), 400, 'message_length'
    )


def test_any_text_comes_through(s):
    text = 'quote " back\\slash </script> {{x}} \u2028 ü 漢 😀 \u200d \u0007 ' + "'; DROP TABLE messages; --"
    a = s.ask(s.quick, text)
    s.same(
        'odd characters are stored as they came',
        [m['text'] for m in s.stored(a.json['answerId']) if m['role'] == 'user'],
        [text],
    )

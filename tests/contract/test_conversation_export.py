"""Conversations as files: four formats, the filters of the list, any size."""
import csv
import datetime
import http.client
import io
import json
import os
import re
import socket
import urllib.parse

import scene as scenery
import talks

EXPORT = '/api/dashboard/conversations/export'
LIST = '/api/dashboard/conversations'
HEAD = ['conversation_id', 'bot_id', 'visitor_id', 'visitor_external_id', 'visitor_name', 'visitor_email', 'started_at',
        'status', 'flagged', 'labels', 'assignee', 'note', 'form', 'handoff', 'handoff_at', 'handoff_email',
        'handoff_note', 'answer_id', 'asked_at', 'question', 'answered_at', 'answer',
        'state', 'rating', 'comment', 'provider', 'model', 'cached', 'input_tokens', 'output_tokens', 'cost',
        'first_token_ms', 'total_ms']
ODD = 'He said "no",\r\nthen; =1+1\n\tand Übergröße 🙂 \\n \u2028 end'


def export(s, b, form=None, **query):
    query = dict(query, format=form) if form else query
    return s.send('GET', EXPORT + '?' + urllib.parse.urlencode(query), key=b.secret, timeout=120)


def filled(label):
    b = scenery.Bot(scenery.tenant(label), label, scenery.QUICK)
    scenery.h.sql(f"UPDATE bots SET system = 'Be brief.' WHERE id = '{b.id}'")
    talks.put(b, 'first-talk', [
        ('=HYPERLINK("http://evil.example","click")', '+49 30 123', dict(rating='up', comment='-5', cost=1234567)),
        (ODD, '@' + ODD, dict(sources=talks.sources('A "title"'), rating='down')),
        ('no answer to this', None, dict(code='upstream_failed')),
    ], at="now() - interval '3 days'", labels="'{a,\"b c\"}'", note="'=note'", flagged='true')
    talks.put(b, 'second-talk', [('hello', 'world'), ('liked?', 'liked!', dict(rating='up')),
                                 ('stopped', 'half an ans', dict(state='cancelled'))], at="now() - interval '2 days'")
    talks.put(b, 'failed-talk', [('only failures', None)], at="now() - interval '1 days'")
    return b


def rows_of(answer):
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline=''), strict=True))
    return rows[0], [dict(zip(rows[0], r)) for r in rows[1:]], rows


def test_csv(s):
    b = filled('csv')
    a = export(s, b, 'csv')
    head, rows, raw = rows_of(a)
    s.same('csv has a head', head, HEAD)
    s.same('each row has all columns', {len(r) for r in raw}, {len(HEAD)})
    s.same('a row for each question, newest conversation first', [(r['conversation_id'], r['state']) for r in rows], [
        ('failed-talk', 'failed'), ('second-talk', 'done'), ('second-talk', 'done'), ('second-talk', 'cancelled'),
        ('first-talk', 'done'), ('first-talk', 'done'), ('first-talk', 'failed')])
    formula, odd, failed = rows[4:]
    s.same('what would be a formula is text', [formula[k] for k in ('question', 'answer', 'comment', 'note')],
           ['\'=HYPERLINK("http://evil.example","click")', "'+49 30 123", "'-5", "'=note"])
    s.same('no cell begins as a formula does', [c for r in raw for c in r if c and c[0] in '=+-@\t\r'], [])
    s.same('text comes as it was said', (odd['question'], odd['answer']), (ODD, "'@" + ODD))
    s.same('money is a decimal', formula['cost'], '1.234567')
    s.same('marks are there', (formula['labels'], formula['flagged'], formula['rating'], odd['rating']),
           ('a;b c', 'true', 'up', 'down'))
    s.same('figures are there', (formula['input_tokens'], formula['output_tokens'], formula['first_token_ms'],
                                 formula['total_ms'], formula['cached']), ('3', '5', '120', '450', 'false'))
    s.same('a question without answer leaves it empty', (failed['answer'], failed['answered_at']), ('', ''))
    s.check('times are RFC 3339', all(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', r['asked_at'])
                                      for r in rows), rows[0])
    lines = a.body.split(b'\r\n')
    s.check('lines end with CRLF', lines[0] == ','.join(HEAD).encode() and lines[-1] == b'', lines[:1])
    s.same('its type', a.header('content-type'), 'text/csv; charset=utf-8; header=present')
    day = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d')
    s.same('its name', a.header('content-disposition'), f'attachment; filename="conversations-{day}.csv"')
    s.same('it is not to be kept', a.header('cache-control'), 'no-store')
    s.same('csv is the default', export(s, b).body, a.body)


def test_json(s):
    b = filled('json')
    a = export(s, b, 'json')
    s.same('json is one', a.type, 'application/json')
    items = json.loads(a.body)
    s.same('all conversations, newest first', [c['id'] for c in items], ['failed-talk', 'second-talk', 'first-talk'])
    for c in items:
        read = s.send('GET', f'{LIST}/{c["id"]}', key=b.secret).json
        read.pop('nextCursor')
        s.same(f'{c["id"]} is as it is read', c, read)
    lines = export(s, b, 'jsonl')
    s.same('jsonl says what it is', lines.type, 'application/jsonl')
    s.check('... each line ends', lines.body.endswith(b'\n'), lines.body[-20:])
    s.same('... and holds the same', [json.loads(x) for x in lines.body.decode().split('\n')[:-1]], items)


def lines_of(answer):
    return [json.loads(line) for line in answer.body.decode().split('\n')[:-1]]


def test_fine_tuning(s):
    b = filled('tune')
    a = export(s, b, 'finetune')
    s.check('its name says what it is', 'conversations-finetune-' in a.header('content-disposition')
            and a.header('content-disposition').endswith('.jsonl"'), a.header('content-disposition'))
    system = dict(role='system', content='Be brief.')
    s.same('a line for each conversation with an answer that is done; disliked ones weigh nothing', lines_of(a), [
        dict(messages=[system, dict(role='user', content='hello'), dict(role='assistant', content='world'),
                       dict(role='user', content='liked?'), dict(role='assistant', content='liked!')]),
        dict(messages=[system, dict(role='user', content='=HYPERLINK("http://evil.example","click")'),
                       dict(role='assistant', content='+49 30 123'), dict(role='user', content=ODD),
                       dict(role='assistant', content='@' + ODD, weight=0)])])
    a = export(s, b, 'finetune', rating='up')
    s.same('of liked answers alone, with what was said before', lines_of(a)[0], dict(messages=[
        system, dict(role='user', content='hello'), dict(role='assistant', content='world', weight=0),
        dict(role='user', content='liked?'), dict(role='assistant', content='liked!')]))
    for line in lines_of(a) + lines_of(export(s, b, 'finetune')):
        tune_line(s, line)
    scenery.h.sql(f"UPDATE bots SET system = '' WHERE id = '{b.id}'")
    s.same('a bot without instructions has no system message', lines_of(export(s, b, 'finetune'))[0]['messages'][0],
           dict(role='user', content='hello'))


def tune_line(s, line):
    """What OpenAI's format wants of one."""
    roles = [m['role'] for m in line['messages']]
    pairs = roles[1:] if roles[0] == 'system' else roles
    good = list(line) == ['messages'] and pairs == ['user', 'assistant'] * (len(pairs) // 2) and pairs
    for m in line['messages']:
        good = good and isinstance(m['content'], str) and m['content'] and set(m) <= {'role', 'content', 'weight'}
        good = good and ('weight' not in m or (m['role'] == 'assistant' and m['weight'] == 0))
    good = good and any(m['role'] == 'assistant' and 'weight' not in m for m in line['messages'])
    s.check('a line is good to be learned from', good, line)


def test_a_long_conversation(s):
    """Longer than any page of the export's own."""
    b = scenery.Bot(scenery.tenant('lengthy'), 'lengthy', scenery.QUICK)
    n = 173
    talks.put(b, 'lengthy-talk', [(f'q{i}', f'a{i}') for i in range(n)])
    talks.put(b, 'twenty-talk', [(f'q{i}', f'a{i}') for i in range(20)])
    _, rows, _ = rows_of(export(s, b, 'csv'))
    long = [(r['question'], r['answer']) for r in rows if r['conversation_id'] == 'lengthy-talk']
    s.same('csv has all of it, in order', long, [(f'q{i}', f'a{i}') for i in range(n)])
    items = {c['id']: c for c in json.loads(export(s, b, 'json').body)}
    s.same('json, too', [m['text'] for m in items['lengthy-talk']['messages']],
           [x for i in range(n) for x in (f'q{i}', f'a{i}')])
    s.same('... and the one that just fits', len(items['twenty-talk']['messages']), 40)
    lines = lines_of(export(s, b, 'finetune'))
    pairs = sorted((len(line['messages']) // 2 for line in lines))
    s.same('fine-tuning has it in lines of fifty', pairs, [20, 23, 50, 50, 50])


def test_filters_of_an_export(s):
    b = filled('some')
    ids = lambda **q: [c['id'] for c in json.loads(export(s, b, 'json', **q).body)]
    s.same('flagged', ids(flagged='true'), ['first-talk'])
    s.same('words', ids(q='WORLD'), ['second-talk'])
    s.same('a range', ids(**{'from': '2020-01-01', 'to': '2020-01-02'}), [])
    s.same('none of them is an empty file of its kind', [export(s, b, f, q='nowhere').body for f in
                                                        ('json', 'jsonl', 'finetune')], [b'[]\n', b'', b''])
    _, rows, raw = rows_of(export(s, b, 'csv', q='nowhere'))
    s.same('... and a head alone', raw, [HEAD])
    for name, value, form in (('format', 'xml', 'xml'), ('from', 'x', 'csv'), ('status', 'x', 'csv')):
        a = export(s, b, **{'form': form, **({} if name == 'format' else {name: value})})
        s.problem(f'{name}={value}', a, 400, 'invalid_request')
        s.check('... says which', a.json['detail'].startswith(name + ':'), a.json)
    s.problem('another tenant\'s bot', export(s, b, botId=s.foreign.id), 404, 'not_found')
    foreign = export(s, s.foreign, 'jsonl', **{'from': '2020-01-01'}).body
    s.check('another tenant\'s file holds nothing of it', b'first-talk' not in foreign and b.id.encode() not in foreign)
    other = scenery.Bot(b.tenant, 'other', scenery.QUICK)
    s.same('a key of another bot gets none of it', export(s, other, 'json').json, [])
    s.same('a stream has no HEAD', s.send('HEAD', EXPORT, key=b.secret).status, 405)


def resident(s):
    """Bytes that the gateway holds, its children included."""
    total = 0
    for pid in scenery.h.family(s.fleet.procs['gateway-main'].pid):
        with open(f'/proc/{pid}/smaps_rollup') as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith('Private_'))
    return total * 1024


def is_measurable():
    """What a sanitizer keeps of memory that was given back says nothing."""
    with open(os.path.join(scenery.h.BIN, 'cc-gateway'), 'rb') as f:
        return b'__asan_init' not in f.read()


def test_many_conversations(s):
    """Two thousand of ten kilobytes: the gateway holds a page of them at a time."""
    b = scenery.Bot(scenery.tenant('many'), 'many', scenery.QUICK)
    talks.many(b, 2000, 'many', 5000)
    export(s, b, 'csv', flagged='true')  # what is taken once stays
    before = most = resident(s)
    sizes = {}
    for form in ('csv', 'json', 'jsonl', 'finetune'):
        c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=60)
        c.request('GET', f'{EXPORT}?format={form}', headers={'authorization': 'Bearer ' + b.secret})
        r = c.getresponse()
        data, last = bytearray(), 0
        while piece := r.read(65536):
            data += piece
            if len(data) - last > 2_000_000:
                last = len(data)
                most = max(most, resident(s))
        c.close()
        sizes[form] = len(data)
        if form == 'csv':
            count = len(list(csv.reader(io.StringIO(data.decode(), newline='')))) - 1
        elif form == 'json':
            count = len(json.loads(data))
        else:
            count = len([json.loads(x) for x in data.decode().split('\n')[:-1]])
        s.same(f'{form} holds all of two thousand', count, 2000)
    s.check('they are large', min(sizes.values()) > 20_000_000, sizes)
    if is_measurable():
        s.check('the gateway took less than 8 MB for it', most - before < 8_000_000, most - before)


def test_a_reader_that_pauses(s):
    """The export waits for it, and holds no more than a piece meanwhile."""
    b = scenery.Bot(scenery.tenant('pauses'), 'pauses', scenery.QUICK)
    talks.many(b, 1500, 'pauses', 10000)
    want = len(export(s, b, 'jsonl').body)
    before = resident(s)
    c = socket.create_connection(('127.0.0.1', s.port), timeout=60)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    c.sendall(f'GET {EXPORT}?format=jsonl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
              f'Authorization: Bearer {b.secret}\r\n\r\n'.encode())
    first = c.recv(1000)
    s.same('others are served meanwhile', s.ask(b, 'Are you there?').status, 200)
    if is_measurable():
        s.check('nothing piles up', resident(s) - before < 4_000_000, resident(s) - before)
    r = http.client.HTTPResponse(c)
    r.fp = io.BufferedReader(Again(first, c))
    r.begin()
    data = r.read()
    s.check('all of it comes in the end', len(data) >= want, (len(data), want))


class Again(io.RawIOBase):
    """Bytes that were read already, and then the rest of a socket."""

    def __init__(self, first, sock):
        self.first, self.sock = first, sock

    def readable(self):
        return True

    def readinto(self, b):
        if self.first:
            n = min(len(b), len(self.first))
            b[:n], self.first = self.first[:n], self.first[n:]
            return n
        return self.sock.recv_into(b)


def test_an_export_that_breaks(s):
    """A file that is not whole does not look whole; here its key is taken away in between."""
    b = scenery.Bot(scenery.tenant('breaks'), 'breaks', scenery.QUICK)
    talks.many(b, 1500, 'breaks', 10000)
    key = scenery.made('key', 'add', b.tenant, '--secret')
    c = socket.create_connection(('127.0.0.1', s.port), timeout=60)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    c.sendall(f'GET {EXPORT}?format=jsonl HTTP/1.1\r\nHost: x\r\n'
              f'Authorization: Bearer {key["key"]}\r\n\r\n'.encode())
    first = c.recv(1000)
    s.check('it began', first.startswith(b'HTTP/1.1 200'), first[:40])
    scenery.h.ctl('key', 'revoke', b.tenant, key['keyId'])
    s.same('the key is not good any more', s.until(lambda: s.send('GET', LIST, key=key['key']),
                                                  lambda a: a.status == 401).status, 401)
    r = http.client.HTTPResponse(c)
    r.fp = io.BufferedReader(Again(first, c))
    r.begin()
    try:
        data, whole = r.read(), True
    except (http.client.IncompleteRead, ConnectionError) as e:
        data, whole = getattr(e, 'partial', b''), False
    s.check('the connection broke off', not whole, len(data))
    s.check('... before the end', len(data) < 25_000_000, len(data))
    s.same('with another key it is whole', len(export(s, b, 'jsonl').body.split(b'\n')) - 1, 1500)

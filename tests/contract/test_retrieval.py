"""What a search finds and why; texts as vectors; how a bot searches and cuts."""
import math

from test_dashboard_documents import ready

TEST = '/api/dashboard/retrieval/test'


def search(s, query, key=None, **body):
    return s.send('POST', TEST, key=key or s.library.secret, body=dict(query=query, **body))


def test_search(s):
    ident = ready(s, 'saffron', tags='spice', metadata='{"lang": "en"}')
    a = search(s, 'When does the saffron kiosk open?', top=3)
    s.check('a search answers', a.status == 200 and 1 <= len(a.json['items']) <= 3, a)
    j = a.json
    first = j['items'][0]
    s.same('the best is the document\'s', (first['documentId'], first['rank']), (ident, 1))
    s.check(
        'a passage has its place and scores',
        {'chunkId', 'title', 'filename', 'section', 'text', 'snippet', 'best'} <= set(first)
        and {'lexical', 'vector', 'fused'} <= set(first['scores']),
        first,
    )
    s.check(
        'the best sentence is in the passage', first['best'] and first['best'].strip('. ') in first['text'], first
    )
    s.check(
        'every stage has its time',
        {'embedMs', 'lexicalMs', 'vectorMs', 'loadMs', 'rerankMs', 'totalMs'} <= set(j['stages']),
        j['stages'],
    )
    s.check(
        'how it was searched is said',
        j['vectors'] in ('pgvector', 'exact', 'qdrant') and j['degraded'] is False and j['embedding'],
        j,
    )
    s.same('ranks count up', [x['rank'] for x in j['items']], list(range(1, len(j['items']) + 1)))
    fused = [x['scores']['fused'] for x in j['items']]
    s.same('... by the fused score', fused, sorted(fused, reverse=True))
    for words, more, found in (
        ('its tag', dict(tags=['spice']), True),
        ('another tag', dict(tags=['nothing']), False),
        ('its id', dict(documentIds=[ident]), True),
        ('another id', dict(documentIds=['doc_' + '0' * 32]), False),
        ('its metadata', dict(metadata=dict(lang='en')), True),
        ('other metadata', dict(metadata=dict(lang='fr')), False),
        ('by words alone', dict(weightWords=1, weightMeaning=0), True),
    ):
        items = search(s, 'When does the saffron kiosk open?', **more).json['items']
        s.same(f'with {words}', ident in [x['documentId'] for x in items], found)
    s.same('a threshold that nothing meets', search(s, 'zebra stripes', threshold=1).json['items'], [])


def test_a_pin_is_told(s):
    pin = s.send(
        'POST',
        '/api/dashboard/pins',
        key=s.library.secret,
        body=dict(botId=s.library.id, questions=['What is a lychgate?'], answer='A gate with a roof.'),
    ).json['id']
    j = search(s, 'what is a LYCHGATE').json
    s.same('the pin that would answer', (j['pin']['id'], j['pin']['score']), (pin, 1))
    s.same('none for another question', search(s, 'Where are bicycles parked?').json['pin'], None)
    s.send('DELETE', '/api/dashboard/pins/' + pin, key=s.library.secret)


def test_what_is_wrong(s):
    for body, name in (
        ({}, 'query'),
        (dict(query=''), 'query'),
        (dict(query='x' * 2001), 'query'),
        (dict(query='x', top=0), 'top'),
        (dict(query='x', top=51), 'top'),
        (dict(query='x', tags='a'), 'tags'),
        (dict(query='x', weightWords=-1), 'weightWords'),
        (dict(query='x', threshold=2), 'threshold'),
        (dict(query='x', metadata=[]), 'metadata'),
        (dict(query='x', rerank=1), 'rerank'),
        (dict(query='x', limit=3), 'limit'),
    ):
        a = s.send('POST', TEST, key=s.library.secret, body=body)
        s.problem(f'{str(body)[:40]}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)
    s.problem('another tenant\'s bot', search(s, 'x', botId=s.foreign.id), 404, 'not_found')
    s.problem('a sister\'s bot', search(s, 'x', botId=s.quick.id, key=s.slow.secret), 404, 'not_found')
    s.problem('a public key', search(s, 'x', key=s.library.public), 403, 'forbidden')


def test_embed(s):
    def embed(texts, key=None):
        return s.send('POST', '/embed', key=key or s.library.secret, body=dict(texts=texts))

    a = embed(['a red rose', 'a red rose', 'seven blue boats'])
    j = a.json
    s.check('as many vectors as texts', a.status == 200 and len(j['embeddings']) == 3 and j['model'], a)
    s.check('each of the dimension', all(len(v) == j['dimension'] for v in j['embeddings']), j['dimension'])
    s.check('of length 1', all(abs(math.sqrt(sum(x * x for x in v)) - 1) < 1e-3 for v in j['embeddings']))
    s.check('the same text is the same vector', j['embeddings'][0] == j['embeddings'][1] != j['embeddings'][2])
    s.same('64 at once', len(embed([f'text {i}' for i in range(64)]).json['embeddings']), 64)
    for texts in ([], 'x', [5], [''], ['x'] * 65, ['x' * 16385], None):
        a = embed(texts)
        s.problem(f'texts {str(texts)[:20]}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and 'texts' in a.json['detail'], a)
    s.problem('a public key', embed(['x'], s.library.public), 403, 'forbidden')


def test_settings_of_a_bot(s):
    base = f'/api/bots/{s.library.id}'
    for what, good, bad in (
        (
            'retrieval',
            dict(weightWords=1, weightMeaning=0.5, rerank=False, tags=[], metadata={}, pinThreshold=0.95),
            (
                dict(weightWords='x'),
                dict(weightWords=-1),
                dict(tags='a'),
                dict(odd=1),
                dict(rerank=1),
                dict(metadata=[]),
            ),
        ),
        (
            'chunking',
            dict(tokens=300, overlap=30, mode='text'),
            (
                dict(tokens=31),
                dict(tokens=2001),
                dict(tokens=100, overlap=50),
                dict(mode='odd'),
                dict(odd=1),
                dict(tokens=1.5),
            ),
        ),
    ):
        path = f'{base}/{what}'
        was = s.send('GET', path, key=s.library.secret)
        s.same(f'{what} can be read', (was.status, type(was.json)), (200, dict))
        a = s.send('PUT', path, key=s.library.secret, body=good)
        s.same('... set', (a.status, a.json), (200, good))
        s.same('... read again', s.send('GET', path, key=s.library.secret).json, good)
        for body in bad:
            a = s.send('PUT', path, key=s.library.secret, body=body)
            s.problem(f'{what} {body}', a, 400, 'invalid_request')
            s.check('... names the member', a.status == 400 and list(body)[-1] in a.json['detail'], a)
        s.problem(
            f'{what} that is no object',
            s.send('PUT', path, key=s.library.secret, body=[1]),
            400,
            'invalid_request',
        )
        s.same('... nothing of that was kept', s.send('GET', path, key=s.library.secret).json, good)
        s.same('... set back', s.send('PUT', path, key=s.library.secret, body=was.json).json, was.json)
        for key, bot in ((s.foreign.secret, s.library.id), (s.quick.secret, s.slow.id), (s.library.secret, 'x')):
            s.problem(
                f'{what} of another\'s bot', s.send('GET', f'/api/bots/{bot}/{what}', key=key), 404, 'not_found'
            )
            s.problem('... set', s.send('PUT', f'/api/bots/{bot}/{what}', key=key, body={}), 404, 'not_found')
        s.problem('a public key', s.send('GET', path, key=s.library.public), 403, 'forbidden')


def test_settings_count(s):
    """What is set is searched with at once, by all processes."""
    ident = ready(s, 'turmeric', tags='rare')
    path = f'/api/bots/{s.library.id}/retrieval'
    question = 'When does the turmeric kiosk open?'

    def sources():
        p = s.told(s.library, question)
        return [x['documentId'] for e in p.named('sources') for x in e.data['items']]

    s.check('found without settings', ident in sources())
    s.send('PUT', path, key=s.library.secret, body=dict(tags=['unheard of']))
    s.same('only of a tag that nothing has', s.until(sources, lambda got: not got, 10), [])
    s.send('PUT', path, key=s.library.secret, body=dict(tags=['rare']))
    s.same('only of its tag', set(s.until(sources, lambda got: got, 10)), {ident})
    s.send('PUT', path, key=s.library.secret, body={})

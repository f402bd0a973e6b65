"""What a bot was, each time it was published, and how it becomes so again."""
from people import Person

BASE = '/api/bots'


def test_versions(s):
    ann = Person(s, 'versions').register()
    bot = ann.send('POST', BASE, body=dict(name='One', widget=dict(greeting='Hi'))).json['id']
    path = f'{BASE}/{bot}'
    for name in ('Two', 'Three'):
        ann.send('PUT', path, body=dict(name=name, temperature=0.5))
    a = ann.send('GET', path + '/versions')
    s.same('newest first', [v['version'] for v in a.json['items']], [3, 2, 1])
    s.check('each with its time and who it was', all(v['at'] and v['actor'] == ann.id for v in a.json['items']), a)
    a = ann.send('GET', path + '/versions/1')
    config = a.json['config']
    s.same(
        'one is read whole',
        (a.status, config['name'], config['temperature'], config['widget']),
        (200, 'One', None, dict(greeting='Hi')),
    )
    a = ann.send('POST', path + '/versions/1/restore', body={})
    s.same(
        'it becomes the next one',
        (a.status, a.json['name'], a.json['temperature'], a.json['version']),
        (200, 'One', None, 4),
    )
    notes = {v['version']: v['note'] for v in ann.send('GET', path + '/versions').json['items']}
    s.same('... and that is noted', notes, {4: 'as version 1', 3: '', 2: '', 1: ''})
    a = ann.send('POST', path + '/versions/1/restore', body={})
    s.same('what it is already is no new one', (a.status, a.json['version']), (200, 4))
    a = ann.send('POST', path + '/versions/2/restore', body={}, headers={'if-match': '"3"'})
    s.problem('If-Match of an older version', a, 409, 'conflict')


def test_pages_and_what_is_not_there(s):
    ann = Person(s, 'pages').register()
    bot = ann.send('POST', BASE, body=dict(name='0')).json['id']
    path = f'{BASE}/{bot}'
    for i in range(4):
        ann.send('PUT', path, body=dict(name=str(i + 1)))
    seen, cursor = [], ''
    while cursor is not None:
        page = ann.send('GET', f'{path}/versions?limit=2' + (f'&cursor={cursor}' if cursor else '')).json
        seen += [v['version'] for v in page['items']]
        cursor = page['nextCursor']
    s.same('pages of two', seen, [5, 4, 3, 2, 1])
    for version in ('6', '0', '-1', 'x', '99999999999999999999'):
        s.problem(f'version {version}', ann.send('GET', f'{path}/versions/{version}'), 404, 'not_found')
        a = ann.send('POST', f'{path}/versions/{version}/restore', body={})
        s.problem('... to restore', a, 404, 'not_found')
    for query in ('?limit=0', '?cursor=x', '?cursor=0'):
        a = ann.send('GET', f'{path}/versions{query}')
        s.problem(f'versions{query}', a, 400, 'invalid_request')
        s.check('... names it', query[1:].split('=')[0] in a.json['detail'], a)
    other = Person(s, 'stranger').register()
    for method, tail in (('GET', ''), ('GET', '/1'), ('POST', '/1/restore')):
        a = other.send(method, f'{path}/versions{tail}', body={} if method == 'POST' else None)
        s.problem(f'{method} versions{tail} by a stranger', a, 404, 'not_found')

"""Bots: made, listed, changed, drafted, deleted; and what a key that is bound to one may do."""
import harness as h
import scene as scenery
from people import Person

BASE = '/api/bots'
NOBODY = 'bot_' + '0' * 32
MEMBERS = (
    'allowedOrigins chunking createdAt default hasDraft id identity limits maxTokens model name prompt '
    'provider refusal retrieval serverUse temperature threshold topK updatedAt version widget'
).split()


def owner(s):
    if not hasattr(s, 'bots_owner'):
        s.bots_owner = Person(s, 'bots').register()
    return s.bots_owner


def add(s, name='Help', **more):
    return owner(s).send('POST', BASE, body=dict(name=name, **more))


def secret(s, *scopes, bot=None):
    """A secret key of the owner's tenant with these rights."""
    words = [w for scope in scopes for w in ('--scope', scope)] + (['--bot', bot] if bot else [])
    return scenery.made('key', 'add', owner(s).tenant, '--secret', *words)['key']


def test_a_new_one(s):
    a = add(s, 'Shop', prompt='Be kind.', provider='builtin', allowedOrigins=['HTTPS://Shop.Example:443'])
    s.same('a bot is made', a.status, 201)
    x = a.json
    s.same('... with all its members', sorted(x), sorted(MEMBERS))
    s.same(
        '... as told, and else as usual',
        (x['name'], x['prompt'], x['provider'], x['temperature'], x['maxTokens'], x['version'], x['hasDraft']),
        ('Shop', 'Be kind.', 'builtin', None, 1024, 1, False),
    )
    s.same('... its origins written in one way', x['allowedOrigins'], ['https://shop.example'])
    s.same('... its version as ETag', a.header('etag'), '"1"')
    s.same('it is read', owner(s).send('GET', f'{BASE}/{x["id"]}').json, x)
    listed = owner(s).send('GET', BASE).json['items']
    s.check('it is listed', x in listed, listed)
    s.same(
        'one of them is the default, and the oldest', [b['default'] for b in listed].index(True), len(listed) - 1
    )
    a = owner(s).send('GET', BASE + '?limit=1').json
    s.same('in pages', (len(a['items']), a['nextCursor']), (1, a['items'][0]['id']))
    rest = owner(s).send('GET', f'{BASE}?cursor={a["nextCursor"]}').json['items']
    s.same('... all of them', a['items'] + rest, listed)


def test_it_answers_as_it_is_set(s):
    bot = add(s, 'Speaks', provider='builtin', serverUse=True, refusal='That I do not know.').json['id']
    key = secret(s, 'chat', bot=bot)
    ask = lambda: s.send('POST', '/api/widget/chat', key=key, body=dict(message='What is the moon made of?')).json
    s.same('the refusal that it was given', ask().get('message'), 'That I do not know.')
    owner(s).send('PUT', f'{BASE}/{bot}', body=dict(refusal='No idea.'))
    got = s.until(lambda: ask().get('message'), lambda text: text == 'No idea.', 5)
    s.same('another one within 5 s', got, 'No idea.')
    owner(s).send('PUT', f'{BASE}/{bot}?draft=true', body=dict(refusal='Drafted.'))
    s.same('a draft answers nobody', ask().get('message'), 'No idea.')


def test_changes(s):
    x = add(s, 'First', prompt='Be kind.').json
    path = f'{BASE}/{x["id"]}'
    for method, version in (('PUT', 2), ('PATCH', 3)):
        a = owner(s).send(method, path, body=dict(name=method, temperature=0.5))
        s.same(f'{method} publishes', (a.status, a.json['name'], a.json['version']), (200, method, version))
        s.same('... and leaves the rest', (a.json['prompt'], a.json['createdAt']), ('Be kind.', x['createdAt']))
    a = owner(s).send('PUT', path, body=dict(name='PATCH', temperature=0.5))
    s.same('what changes nothing is no new version', a.json['version'], 3)
    a = owner(s).send('PUT', path, body=dict(temperature=None))
    s.same('temperature null is the model\'s own', (a.json['temperature'], a.json['version']), (None, 4))
    a = owner(s).send('PUT', path, body=dict(name='Late'), headers={'if-match': '"3"'})
    s.problem('If-Match of an older version', a, 409, 'conflict')
    a = owner(s).send('PUT', path, body=dict(name='In time'), headers={'if-match': '"4"'})
    s.same('If-Match of this one', (a.status, a.json['version']), (200, 5))
    a = owner(s).send('PUT', path, body=dict(name='x'), headers={'if-match': 'five'})
    s.problem('If-Match that is none', a, 400, 'invalid_request')
    a = owner(s).send('PUT', path + '/retrieval', body=dict(rerank=True))
    s.same('its search', (a.status, a.json), (200, dict(rerank=True)))
    a = owner(s).send('PUT', path + '/chunking', body=dict(tokens=200))
    s.same('its chunking', (a.status, a.json), (200, dict(tokens=200)))
    got = owner(s).send('GET', path).json
    s.same(
        '... are versions, too, and lose nothing',
        (got['version'], got['retrieval'], got['chunking'], got['name']),
        (7, dict(rerank=True), dict(tokens=200), 'In time'),
    )


def test_many_writers(s):
    import threading

    path = f'{BASE}/{add(s, "Shared").json["id"]}'
    sent = [dict(prompt='p'), dict(model='m'), dict(refusal='r'), dict(topK=3)]
    answers = []
    threads = [
        threading.Thread(target=lambda b=body: answers.append(owner(s).send('PUT', path, body=b))) for body in sent
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    got = owner(s).send('GET', path).json
    s.same('four at once all succeed', [a.status for a in answers], [200] * 4)
    s.same(
        '... and nobody loses what he set',
        (got['prompt'], got['model'], got['refusal'], got['topK'], got['version']),
        ('p', 'm', 'r', 3, 5),
    )


def test_a_draft(s):
    path = f'{BASE}/{add(s, "Live").json["id"]}'
    send = owner(s).send
    a = send('PUT', path + '?draft=true', body=dict(name='Next'))
    s.same('a draft', (a.status, a.json['name'], a.json['hasDraft'], a.json['version']), (200, 'Next', True, 1))
    s.same('... is not what is published', send('GET', path).json['name'], 'Live')
    send('PUT', path + '?draft=true', body=dict(prompt='New words.'))
    send('PUT', path, body=dict(model='m2', prompt='Old words.'))
    x = send('GET', path + '?draft=true').json
    s.same(
        '... lies over what is published by then',
        (x['name'], x['prompt'], x['model'], x['version']),
        ('Next', 'New words.', 'm2', 2),
    )
    a = send('POST', path + '/publish', body={})
    s.same(
        '... and is, when it is published',
        (a.status, a.json['name'], a.json['prompt'], a.json['hasDraft'], a.json['version']),
        (200, 'Next', 'New words.', False, 3),
    )
    s.problem('without a draft', send('POST', path + '/publish'), 409, 'conflict')
    send('PUT', path + '?draft=true', body=dict(name='Never'))
    s.same('it is dropped', send('DELETE', path + '/draft').status, 204)
    s.same('... also when there is none', send('DELETE', path + '/draft').status, 204)
    s.same('... and gone', send('GET', path + '?draft=true').json['name'], 'Next')
    s.problem('draft=maybe', send('GET', path + '?draft=maybe'), 400, 'invalid_request')
    s.problem('a wrong draft', send('PUT', path + '?draft=true', body=dict(topK=0)), 400, 'invalid_request')


def test_wrong_members(s):
    path = f'{BASE}/{add(s, "Strict").json["id"]}'
    for body, named in (
        (dict(color='red'), 'color'),
        (dict(name=''), 'name'),
        (dict(name='x' * 101), 'name'),
        (dict(provider='skynet'), 'provider'),
        (dict(temperature='hot'), 'temperature'),
        (dict(maxTokens=0), 'maxTokens'),
        (dict(topK=1.5), 'topK'),
        (dict(threshold=2), 'threshold'),
        (dict(prompt='x' * 32001), 'prompt'),
        (dict(retrieval=dict(weights=1)), 'weights'),
        (dict(chunking=dict(tokens=1)), 'tokens'),
        (dict(widget=dict(color='red')), 'color'),
        (dict(widget=dict(logo='http://x.example/')), 'logo'),
        (dict(widget=dict(jokes=[])), 'jokes'),
        (dict(allowedOrigins=['https://a.example', 'b.example']), 'b.example'),
        (dict(allowedOrigins=['*', 'https://a.example']), '"*"'),
        (dict(identity='perhaps'), 'identity'),
        (dict(limits=dict(dailyTokens='many')), 'dailyTokens'),
        (dict(version=5), 'version'),
    ):
        for method, where in (('PUT', path), ('POST', BASE)):
            sent = body if method == 'PUT' else {**dict(name='New'), **body}
            a = owner(s).send(method, where, body=sent)
            s.problem(f'{method} {str(body)[:40]}', a, 400, 'invalid_request')
            s.check('... names what is wrong', a.status == 400 and named in a.json['detail'], a)
    s.problem('without a name', owner(s).send('POST', BASE, body={}), 400, 'invalid_request')
    s.same('nothing was published', owner(s).send('GET', path).json['version'], 1)
    for bad in (NOBODY, s.foreign.id, 'bot_x', '%00'):
        for method, tail, body in (
            ('GET', '', None),
            ('PUT', '', dict(name='Mine')),
            ('PUT', '?draft=true', dict(name='Mine')),
            ('DELETE', '', None),
            ('DELETE', '/draft', None),
            ('POST', '/publish', {}),
            ('GET', '/versions', None),
            ('GET', '/versions/1', None),
            ('POST', '/versions/1/restore', {}),
            ('GET', '/retrieval', None),
        ):
            a = owner(s).send(method, f'{BASE}/{bad}{tail}', body=body)
            s.problem(f'{method} of {bad[:6]}{tail}', a, 404, 'not_found')


def test_limits_are_for_who_may_manage(s):
    bot = add(s, 'Capped', limits=dict(dailyTokens=1000)).json
    path = f'{BASE}/{bot["id"]}'
    s.same('its owner sets them', bot['limits'], dict(dailyTokens=1000))
    editor = secret(s, 'read', 'edit')
    a = s.send('PUT', path, key=editor, body=dict(limits={}))
    s.problem('an editor takes none away', a, 403, 'forbidden')
    s.check('... and is told which member', 'limits' in a.json['detail'], a)
    a = s.send('PUT', path, key=editor, body=dict(limits=dict(dailyTokens=1000), name='Renamed'))
    s.same('... but may send what is set', (a.status, a.json['name']), (200, 'Renamed'))
    s.problem(
        'nor makes a bot with some',
        s.send('POST', BASE, key=editor, body=dict(name='x', limits=dict(dailyTokens=5))),
        403,
        'forbidden',
    )
    owner(s).send('PUT', path, body=dict(limits={}))
    a = s.send('POST', path + '/versions/1/restore', key=editor, body={})
    s.problem('... nor brings them back with a version', a, 403, 'forbidden')
    s.send('PUT', path + '?draft=true', key=editor, body=dict(limits=dict(dailyTokens=5)))
    s.problem('... nor with a draft', s.send('POST', path + '/publish', key=editor, body={}), 403, 'forbidden')
    a = s.send('PUT', path, key=secret(s, 'edit', 'manage'), body=dict(limits=dict(dailySpend=1.5)))
    s.same('a key that may manage does', (a.status, a.json['limits']), (200, dict(dailySpend=1.5)))


def test_a_bound_key(s):
    mine, other = add(s, 'Mine').json['id'], add(s, 'Other').json['id']
    key = secret(s, 'read', 'edit', 'manage', bot=mine)
    s.same('lists its own bot alone', [b['id'] for b in s.send('GET', BASE, key=key).json['items']], [mine])
    s.same('... and reads it', s.send('GET', f'{BASE}/{mine}', key=key).status, 200)
    s.same('... and changes it', s.send('PUT', f'{BASE}/{mine}', key=key, body=dict(name='Ours')).status, 200)
    for method, body in (('GET', None), ('PUT', dict(name='x')), ('DELETE', None)):
        s.problem(f'{method} of another', s.send(method, f'{BASE}/{other}', key=key, body=body), 404, 'not_found')
    s.problem('it makes no others', s.send('POST', BASE, key=key, body=dict(name='x')), 403, 'forbidden')


def test_rights(s):
    path = f'{BASE}/{add(s, "Guarded").json["id"]}'
    reader, public = secret(s, 'read'), s.foreign.public
    s.same('a reader reads', s.send('GET', path, key=reader).status, 200)
    for method, where, body in (
        ('POST', BASE, dict(name='x')),
        ('PUT', path, dict(name='x')),
        ('DELETE', path, None),
        ('POST', path + '/publish', {}),
    ):
        s.problem(f'{method} by a reader', s.send(method, where, key=reader, body=body), 403, 'forbidden')
    s.problem('a public key', s.send('GET', BASE, key=public), 403, 'forbidden')
    s.problem('nobody', s.send('GET', BASE), 401, 'unauthorized')


SHOWN = ('botId', 'name', 'widget', 'allowedOrigins')


def test_the_widget(s):
    one = add(s, 'Shown', widget=dict(greeting='Hi')).json['id']
    path = f'/api/dashboard/widget/{owner(s).tenant}?botId={one}'
    a = owner(s).send('GET', path)
    s.same(
        'the part of the settings that pages see',
        (a.status, {k: a.json[k] for k in SHOWN}),
        (200, dict(botId=one, name='Shown', widget=dict(greeting='Hi'), allowedOrigins=[])),
    )
    s.same('... and the line for a page beside it', set(a.json) - set(SHOWN), {'version', 'integrity', 'pageUrl', 'snippet'})
    body = dict(widget=dict(greeting='Hello', starters=['Why?']), allowedOrigins=['https://*.Shop.example'])
    a = owner(s).send('PUT', path, body=body)
    s.same(
        'is set',
        (a.status, a.json['widget'], a.json['allowedOrigins']),
        (200, body['widget'], ['https://*.shop.example']),
    )
    key = scenery.made('key', 'add', owner(s).tenant, '--public', '--bot', one)['key']
    seen = s.send('GET', '/api/widget/config', key=key, headers=dict(origin='https://a.shop.example'))
    s.same('a page of the list sees it', (seen.status, seen.json.get('greeting')), (200, 'Hello'))
    owner(s).send('PUT', path, body=dict(allowedOrigins=[]))
    ask = lambda: s.send('GET', '/api/widget/config', key=key, headers=dict(origin='https://a.shop.example'))
    s.problem(
        '... and off the list none within 5 s',
        s.until(ask, lambda a: a.status == 403, 5),
        403,
        'origin_not_allowed',
    )
    s.problem('other members', owner(s).send('PUT', path, body=dict(prompt='x')), 400, 'invalid_request')
    a = owner(s).send('GET', f'/api/dashboard/widget/{owner(s).tenant}')
    s.check('without botId the default bot', a.status == 200 and a.json['botId'] != one, a)
    s.problem('of another client', owner(s).send('GET', f'/api/dashboard/widget/{s.house}'), 404, 'not_found')
    s.problem('of another bot', owner(s).send('GET', path.replace(one, s.foreign.id)), 404, 'not_found')


def test_a_deleted_one(s):
    bot = add(s, 'Goes', provider='builtin', serverUse=True).json['id']
    made = scenery.made('key', 'add', owner(s).tenant, '--public', '--bot', bot)
    free = secret(s, 'chat', 'read', 'edit')
    pin = s.send('POST', '/api/dashboard/pins', key=free, body=dict(botId=bot, questions=['Who?'], answer='I.'))
    doc = s.send(
        'POST', '/api/dashboard/documents/upload', key=free, **dict(zip(('body', 'headers'), upload(bot)))
    )
    s.same('it has a pin and a document', (pin.status, doc.status), (201, 201))
    talk = lambda: s.send('POST', '/api/widget/chat', key=made['key'], body=dict(message='Who?'))
    first = talk()
    s.same('it answers', first.status, 200)
    s.same('it is deleted', owner(s).send('DELETE', f'{BASE}/{bot}').status, 204)
    for name, port in s.ports.items():
        gone = s.until(
            lambda: s.send('GET', '/api/widget/config', key=made['key'], port=port), lambda a: a.status == 401, 5
        )
        s.problem(f'its keys open nothing within 5 s, gateway {name}', gone, 401, 'unauthorized')
    s.problem('it is gone', owner(s).send('GET', f'{BASE}/{bot}'), 404, 'not_found')
    s.problem('... also to delete', owner(s).send('DELETE', f'{BASE}/{bot}'), 404, 'not_found')
    s.check('... from the list', bot not in [b['id'] for b in owner(s).send('GET', BASE).json['items']])
    a = s.send('POST', f'/api/chat/{bot}', key=free, body=dict(message='Who?'))
    s.problem('a key of all bots does not reach it', a, 404, 'not_found')
    s.problem(
        'its pin is gone', s.send('GET', '/api/dashboard/pins/' + pin.json['id'], key=free), 404, 'not_found'
    )
    a = s.send('GET', '/api/dashboard/documents/' + doc.json['id'], key=free)
    s.problem('its document is gone', a, 404, 'not_found')
    a = s.send('POST', '/api/dashboard/pins', key=free, body=dict(botId=bot, questions=['Who?'], answer='I.'))
    s.problem('it is given nothing new', a, 404, 'not_found')
    if s.full:  # a sweep of half a minute
        left = lambda: h.sql(f"SELECT count(*) FROM document_files WHERE document_id = '{doc.json['id']}'")[0][0]
        s.same('the document\'s bytes are taken away', s.until(left, lambda n: n == '0', 45), '0')
    a = owner(s).send('GET', '/api/dashboard/conversations/' + first.json['sessionId'])
    s.same('what was said with it stays', (a.status, len(a.json.get('messages', []))), (200, 2))


def upload(bot):
    import talk

    body, kind = talk.multipart([('file', 'a.txt', 'text/plain', b'Words of its own.')], [('botId', bot)])
    return body, {'content-type': kind}

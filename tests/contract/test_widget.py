"""What the widget asks before anybody has."""


def test_config(s):
    a = s.send('GET', '/api/widget/config', key=s.quick.public)
    s.check('the configuration is JSON', a.status == 200 and a.type == 'application/json', a)
    config = a.json
    s.same('it names the bot', config.get('botId'), s.quick.id)
    s.same('... and its name', config.get('name'), 'quick')
    s.same('... and how long a message may be', config.get('limits', {}).get('message'), 2000)
    s.check('... and features', isinstance(config.get('features'), dict), config)
    told = a.body.decode()
    s.check(
        'it holds no model, prompt or origins',
        not any(w in told for w in ('scripted', 'mock-', 'system', 'origins')),
        told,
    )
    s.same(
        'by the key in the path it is the same', s.send('GET', f'/api/widget/config/{s.quick.public}').json, config
    )


def test_whole_answer(s):
    a = s.ask(s.quick, 'Whole, please', metadata=dict(page='/prices'))
    s.check('a whole answer is JSON', a.status == 200 and a.type == 'application/json', a)
    body = a.json
    for name, kind in (
        ('answerId', str),
        ('sessionId', str),
        ('message', str),
        ('sources', list),
        ('usage', dict),
        ('finishReason', str),
    ):
        s.check(f'it has {name}', isinstance(body.get(name), kind), body.get(name))
    s.check(
        'ids have their prefixes',
        body['answerId'].startswith('ans_') and body['sessionId'].startswith('ses_'),
        body,
    )
    s.same('usage has its three figures', sorted(body['usage']), ['cachedTokens', 'inputTokens', 'outputTokens'])
    s.same('finishReason', body['finishReason'], 'stop')
    stored = s.stored(body['answerId'])
    s.same('the text is the stored one', [m['text'] for m in stored if m['role'] == 'assistant'], [body['message']])


def test_refused_by_the_model(s):
    a = s.ask(s.refused, 'Nothing will come')
    s.problem('an answer that the model refuses', a, 502, 'upstream_refused')
    s.check('nothing inside is told', 'scripted' not in a.body.decode() and 'HTTP 400' not in a.body.decode(), a)

"""What the widget asks before anybody has, the line that embeds it, and the loaders that pages pin."""
import base64
import gzip
import hashlib
import json
import os
import re
import threading

import harness as h
from people import Person
from test_keys import state

LOADER = '/widget.js'
FOREVER = 'public, max-age=31536000, immutable'


def test_config(s):
    a = s.send('GET', '/api/widget/config', key=s.quick.public)
    s.check('the configuration is JSON', a.status == 200 and a.type == 'application/json', a)
    config = a.json
    s.same('it names the bot', config.get('botId'), s.quick.id)
    s.same('... and its name', config.get('name'), 'quick')
    s.same('... and how long a message may be', config.get('limits', {}).get('message'), 2000)
    s.same('... how many files, and how large', (config['limits']['files'], config['limits']['fileBytes']), (5, 5242880))
    kinds = config['limits']['fileTypes']
    s.check('... and of which kinds', '.pdf' in kinds and '.txt' in kinds and '.png' not in kinds, kinds)
    s.same('... and which version of the bot it is', config['version'], 1)
    names = 'stream resume stop feedback socket upload handoff delete form'.split()
    s.same('... and features', config['features'], {name: name != 'form' for name in names})
    told = a.body.decode()
    s.check(
        'it holds no model, prompt or origins',
        not any(w in told for w in ('scripted', 'mock-', 'system', 'origins')),
        told,
    )
    s.same(
        'by the key in the path it is the same', s.send('GET', f'/api/widget/config/{s.quick.public}').json, config
    )


FORM = dict(
    title='Before we begin',
    text='Who are you?',
    fields=[
        dict(name='email', label='E-mail', type='email', required=True),
        dict(name='topic', label='Topic', type='select', options=['Sales', 'Support']),
        dict(name='terms', label='I agree', type='checkbox'),
    ],
)
LOOKS = dict(
    title='Help',
    subtitle='We answer at once',
    font="'Open Sans', Georgia, sans-serif",
    size='large',
    colors=dict(primary='#123456', accent='#abcdef'),
    upload=False,
    handoff=False,
    prechat=FORM,
)


def shopkeeper(s):
    """The owner of a tenant with a bot and a public key, {widget path}."""
    ada = Person(s, 'widget').register()
    ada.bot = ada.send('GET', '/api/bots').json['items'][0]['id']
    a = ada.send('POST', f'/api/dashboard/clients/{ada.tenant}/keys', body=dict(name='page', kind='public'))
    ada.public, ada.path = a.json['key'], f'/api/dashboard/widget/{ada.tenant}'
    ada.send('PUT', '/api/bots/' + ada.bot, body=dict(serverUse=True))
    return ada


def test_a_colour_has_four_names_and_is_told_under_one(s):
    ada = shopkeeper(s)
    for words, widget in (
        ('color', dict(color='#0f6b63')), ('colour', dict(colour='#0f6b63')),
        ('colours', dict(colours=dict(primary='#0f6b63'))), ('colors', dict(colors=dict(primary='#0f6b63')))):
        ada.send('PUT', ada.path, body=dict(widget=dict(widget, title=words)))
        told = s.until(lambda: s.send('GET', '/api/widget/config', key=ada.public).json, lambda c: c.get('title') == words, 5)
        s.same(f'a colour given as {words} is told as colors.primary', told['colors'].get('primary'), '#0f6b63')


def test_what_an_owner_sets(s):
    ada = shopkeeper(s)
    a = ada.send('PUT', ada.path, body=dict(widget=LOOKS))
    s.check('looks, features and a form are set', a.status == 200 and a.json['widget'] == LOOKS, a)
    got = s.until(
        lambda: s.send('GET', '/api/widget/config', key=ada.public).json, lambda c: c.get('title') == 'Help', 5
    )
    s.same('the widget is told', {k: got.get(k) for k in ('subtitle', 'font', 'size', 'prechat')},
           {k: LOOKS[k] for k in ('subtitle', 'font', 'size', 'prechat')})
    s.same('... colours with what can be read on them', got['colors'],
           dict(LOOKS['colors'], onPrimary='#ffffff', inkLight='#57697a', inkDark='#abcdef'))
    s.same('... what is switched off', [got['features'][k] for k in ('upload', 'handoff', 'form')], [False, False, True])
    for words, widget, named in (
        ('a font that is more than a name', dict(font='Arial; background: url(//evil.example)'), 'font'),
        ('an unknown size', dict(size='huge'), 'size'),
        ('upload that is no switch', dict(upload='yes'), 'upload'),
        ('a long subtitle', dict(subtitle='x' * 101), 'subtitle'),
        ('a form without fields', dict(prechat=dict(title='x')), 'prechat: fields'),
        ('a field with a bad name', dict(prechat=dict(fields=[dict(FORM['fields'][0], name='1')])), 'fields[0]: name'),
        ('two fields of one name', dict(prechat=dict(fields=[FORM['fields'][0]] * 2)), 'fields[1]: name'),
        ('a select without options', dict(prechat=dict(fields=[dict(name='a', label='A', type='select')])), 'options'),
        ('seven fields', dict(prechat=dict(fields=[dict(name=f'f{i}', label='A', type='text') for i in range(7)])), 'fields'),
        ('a colour that is none', dict(colors=dict(primary='red')), 'primary'),
    ):
        a = ada.send('PUT', ada.path, body=dict(widget=widget))
        s.problem(words, a, 400, 'invalid_request')
        s.check('... is named', named in a.json['detail'], a.json['detail'])
    s.same('nothing of that was taken', ada.send('GET', ada.path).json['widget'], LOOKS)


# ---- the line for a page ----
def test_the_line_that_embeds_it(s):
    ada = shopkeeper(s)
    for method, body in (('GET', None), ('PUT', dict(name='Named'))):
        got = ada.send(method, ada.path, body=body).json
        line = got['snippet']
        found = re.fullmatch(
            r'<script async src="(http://127\.0\.0\.1:\d+)(/widget\.js\?v=([0-9a-f]{8}))" integrity="([^"]+)"'
            r' crossorigin="anonymous" data-bot-id="([^"]+)"></script>',
            line,
        )
        if not s.check(f'{method}: one line for a page', bool(found), line):
            continue
        origin, path, version, integrity, bot = found.groups()
        s.same('... of this place', origin, f'http://127.0.0.1:{s.port}')
        s.same('... with the id of the bot', bot, ada.bot)
        s.same('... as it is told by itself', (got['version'], got['integrity']), (version, integrity))
        script = s.send('GET', path, headers={'origin': 'https://shop.example'})
        digest = base64.b64encode(hashlib.sha384(script.body).digest()).decode()
        s.same('its hash is that of the bytes', integrity, 'sha384-' + digest)
        s.same('... which may be kept for ever', script.header('cache-control'), FOREVER)
        s.same('... and compared by a page of any origin', script.header('access-control-allow-origin'), '*')
        s.same('the page of its own is there', got['pageUrl'], f'{origin}/chat/{ada.bot}')
        s.same('... for visitors', s.send('GET', got['pageUrl'][len(origin):]).status, 200)


def test_the_operators_line(s):
    """cc-ctl reads the same folder; who calls how is its own setting."""
    line = lambda **env: json.loads(h.ctl('bot', 'snippet', s.house, s.quick.id, '--json', **env))
    static = dict(CC_STATIC_DIR=s.common['CC_STATIC_DIR'])
    got = line(CC_PUBLIC_URL='https://chat.example.com', **static)
    body = s.send('GET', LOADER).body
    s.same('of the same loader', got['version'], hashlib.sha256(body).hexdigest()[:8])
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    wanted = (
        f'<script async src="https://chat.example.com/widget.js?v={got["version"]}" integrity="sha384-{digest}"'
        f' crossorigin="anonymous" data-bot-id="{s.quick.id}"></script>'
    )
    s.same('the same line', got['snippet'], wanted)
    s.check('without an address our own', 'src="http://127.0.0.1:1234/' in line(CC_GATEWAY_PORT='1234', **static)['snippet'])


def test_the_line_and_whoever_names_our_host(s):
    ada = shopkeeper(s)
    for host in ('"><script>alert(1)</script>', "x' onload='x", 'evil.example/x?', 'a b'):
        a = ada.send('GET', ada.path, headers={'host': host})
        if a.status == 200:
            s.same(f'Host: {host} gets no line', (a.json['snippet'], a.json['pageUrl']), (None, None))
        else:
            s.check(f'Host: {host} is refused', a.status == 400, a)
    port = s.extra_gateway('public-url', CC_PUBLIC_URL='https://chat.example.com', CC_TOKEN_KEYS=s.common['CC_TOKEN_KEYS'])
    got = ada.send('GET', ada.path, port=port).json
    s.check('the public address counts', 'src="https://chat.example.com/widget.js?v=' in got['snippet'], got)
    s.same('... for the page, too', got['pageUrl'], f'https://chat.example.com/chat/{ada.bot}')
    s.fleet.kill('gateway-public-url', 15)


# ---- loaders that pages pin ----
def put_loader(body, version=None):
    """A loader of another release."""
    version = version or hashlib.sha256(body).hexdigest()[:8]
    h.sql(f"INSERT INTO loaders (version, bytes) VALUES ('{version}', '\\x{body.hex()}')")
    return version


def loader(s, version, **more):
    return s.send('GET', f'{LOADER}?v={version}', **more)


def test_a_loader_of_another_release(s):
    today = s.send('GET', LOADER)
    body = b'(() => { /* another release */ })();' * 40 + os.urandom(8).hex().encode()
    full = hashlib.sha256(body).hexdigest()
    for port in s.ports.values():
        s.same('nobody knows it yet', loader(s, full[:8], port=port).body, today.body)
    version = put_loader(body)
    for name, port in s.ports.items():
        a = s.until(lambda: loader(s, version, port=port), lambda a: a.body == body, 5)
        s.check(f'gateway {name}: these very bytes', a.status == 200 and a.body == body, a)
        s.same('... for ever', a.header('cache-control'), FOREVER)
        s.same('... as a script for any page', (a.type, a.header('access-control-allow-origin')), ('text/javascript', '*'))
    s.same('... known again', loader(s, version, headers={'if-none-match': a.header('etag')}).status, 304)
    packed = loader(s, version, headers={'accept-encoding': 'gzip'})
    s.check('... gzipped when wanted', gzip.decompress(packed.body) == body, packed.headers)
    s.same('... by more digits', loader(s, full).body, body)
    wrong = loader(s, version + ('0' if full[8] != '0' else '1'))
    s.same('... by other ones it is not', (wrong.body, wrong.header('cache-control')), (today.body, 'no-cache'))
    s.same('without a version it is today\'s', s.send('GET', LOADER).body, today.body)


def test_versions_that_nobody_ships(s):
    today = s.send('GET', LOADER)
    forged = put_loader(b'fetch("https://evil.example")', os.urandom(4).hex())
    for words, version in (
        ('unknown', os.urandom(4).hex()),
        ('one whose bytes are others', forged),
        ('short', today.header('etag')[1:8]),
        ('upper case', 'ABCDEF01'),
        ('no version', 'x' * 300),
        ('empty', ''),
        ('a quote', "' OR true--"),
    ):
        a = loader(s, version.replace(' ', '%20').replace("'", '%27'))
        s.check(f'{words}: today\'s', a.status == 200 and a.body == today.body, a)
        s.check('... kept by nobody for long', a.header('cache-control') in ('no-cache', 'public, max-age=300'), a.headers)
        s.check('... least of all for ever', 'immutable' not in a.header('cache-control'), a.headers)


def test_made_up_versions_do_not_reach_postgresql(s):
    with open(os.path.join(os.environ['CC_TEST_DIR'], 'pg.pid')) as f:
        pid = f.read().strip()
    best = 0
    for _ in range(5):  # the list is read about once a second: PostgreSQL must stand still within one
        frozen = threading.Thread(target=h.server, args=('pg', 'pause', 2))
        frozen.start()
        while not state(pid).startswith('T'):
            loader(s, os.urandom(4).hex())
        answered = 0
        while answered < 200 and frozen.is_alive() and state(pid).startswith('T'):
            if loader(s, os.urandom(4).hex(), timeout=30).status != 200 or not state(pid).startswith('T'):
                break
            answered += 1
        best = max(best, answered)
        frozen.join()
        if best >= 50:
            break
    s.check('while it stands still they are answered all the same', best >= 50, best)


def test_our_own_is_stored(s):
    version = hashlib.sha256(s.send('GET', LOADER).body).hexdigest()[:8]
    s.same('for gateways to come', h.sql(f"SELECT count(*) FROM loaders WHERE version = '{version}'"), [['1']])


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

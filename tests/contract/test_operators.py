"""What operators ask: health, readiness, figures."""
import json
import os
import shutil
import subprocess

NAMED = [
    'chat_requests_total',
    'chat_latency_seconds',
    'chat_first_token_seconds',
    'llm_tokens_total',
    'vector_search_duration_seconds',
    'embedding_cache_hits_total',
    'embedding_cache_misses_total',
    'queue_depth',
    'queue_oldest_job_seconds',
]


def test_health(s):
    a = s.send('GET', '/health')
    s.same('/health answers 200', a.status, 200)
    s.same('/health says JSON', a.type, 'application/json')
    health = a.json
    s.same(
        '/health has status, components, queues, version',
        sorted(health),
        ['components', 'queues', 'status', 'version'],
    )
    s.same(
        'all components are named', sorted(health['components']), ['postgres', 'redisLive', 'redisQueue', 'vectors']
    )
    s.same('both queues are named', sorted(health['queues']), ['chat', 'ingest'])
    for name, queue in health['queues'].items():
        figures = all(isinstance(queue.get(k), (int, float)) for k in ('depth', 'oldestSeconds', 'pending'))
        s.check(f'queue {name} has depth, oldestSeconds and pending', figures, queue)
    s.check('the version is told', isinstance(health['version'], str) and health['version'], health['version'])


def test_live_and_ready(s):
    for path in ('/health/live', '/health/ready', '/api/widget/health'):
        a = s.send('GET', path)
        s.check(f'{path} answers 200 with JSON', a.status == 200 and a.type == 'application/json', a)


def test_every_answer_names_itself(s):
    asked = [
        ('GET', '/health'),
        ('GET', '/health/live'),
        ('GET', '/metrics'),
        ('GET', '/widget.js'),
        ('GET', '/nowhere'),
        ('POST', '/health'),
        ('OPTIONS', '/api/widget/chat'),
        ('HEAD', '/health'),
    ]
    seen = set()
    for method, path in asked:
        ident = s.send(method, path).header('x-request-id')
        s.check(f'{method} {path} carries X-Request-Id', bool(ident) and ident not in seen, ident)
        seen.add(ident)


def test_a_proxy_may_name_the_request(s):
    wanted = {'x-request-id': 'proxy-7f3a9c21'}
    s.same(
        'a trusted proxy\'s X-Request-Id is taken over',
        s.send('GET', '/health', headers=wanted, port=s.ports['capped']).header('x-request-id'),
        'proxy-7f3a9c21',
    )
    s.check(
        'anybody else\'s is not',
        s.send('GET', '/health', headers=wanted).header('x-request-id') != 'proxy-7f3a9c21',
    )
    odd = s.send('GET', '/health', headers={'x-request-id': 'a b"c'}, port=s.ports['capped']).header('x-request-id')
    s.check('nor one that is no id', odd != 'a b"c', odd)


def test_the_id_is_in_the_logs(s):
    a = s.ask(s.quick)
    ident = a.header('x-request-id')

    def logged(prefix):
        out = []
        for name in s.fleet.names(prefix):
            with open(os.path.join(s.fleet.log, name + '.log')) as f:
                out += [json.loads(line) for line in f if line.startswith('{') and ident in line]
        return out

    lines = s.until(lambda: logged('gateway'), bool, 5)
    s.check(
        'the gateway logs the request under its id',
        lines and (lines[0]['trace'], lines[0]['event']) == (ident, 'request'),
        lines,
    )
    lines = s.until(lambda: logged('worker'), bool, 5)
    s.check('the worker logs the answer under the same id', lines and lines[0]['trace'] == ident, lines)


def test_metrics(s):
    s.told(s.quick)
    a = s.send('GET', '/metrics')
    s.check(
        '/metrics is Prometheus text',
        a.status == 200 and a.header('content-type').startswith('text/plain; version=0.0.4'),
        a,
    )
    text = a.body.decode()
    for name in NAMED:
        s.check(f'{name} is described', f'# TYPE {name} ' in text and f'# HELP {name} ' in text)
    line = next((x for x in text.splitlines() if x.startswith('chat_requests_total{')), '')
    s.check(
        'chat_requests_total has client_id, tier and status',
        all(x in line for x in ('client_id="', 'tier="', 'status="')),
        line,
    )
    far = s.send('GET', '/metrics', headers={'x-forwarded-for': '203.0.113.9'})
    s.problem('/metrics through a proxy', far, 404, 'not_found')


def test_promtool_agrees(s):
    if not shutil.which('promtool'):
        return
    text = s.send('GET', '/metrics').body
    out = subprocess.run(
        ['promtool', 'check', 'metrics'], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    s.same('promtool finds no error', out.returncode if out.returncode != 3 else 0, 0)
    print(out.stdout.decode().strip() or 'promtool: silent')

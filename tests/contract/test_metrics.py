"""That figures move with what happens."""
import re


def value(text, name, **labels):
    total = 0.0
    for line in text.splitlines():
        m = re.match(r'(\w+)(?:\{(.*)\})? (\S+)$', line)
        if m and m[1] == name and all(f'{k}="{v}"' in (m[2] or '') for k, v in labels.items()):
            total += float(m[3])
    return total


def figures(s):
    return s.send('GET', '/metrics').body.decode()


def test_chats_are_counted(s):
    before = figures(s)
    for _ in range(3):
        s.ask(s.quick)
    s.ask(s.refused)
    after = figures(s)

    def grown(name, **labels):
        return value(after, name, **labels) - value(before, name, **labels)

    s.same('three answers are three requests', grown('chat_requests_total', client_id=s.house, status='ok'), 3)
    s.same(
        'a refused one is counted with its code',
        grown('chat_requests_total', client_id=s.house, status='upstream_refused'),
        1,
    )
    s.same('latency has as many observations', grown('chat_latency_seconds_count'), 3)
    s.same('first token, too', grown('chat_first_token_seconds_count'), 3)


def test_requests_are_counted_by_route(s):
    before = figures(s)
    s.send('GET', '/api/widget/config', key=s.quick.public)
    grown = value(figures(s), 'http_requests_total', route='widget_config', status='200') - value(
        before, 'http_requests_total', route='widget_config', status='200'
    )
    s.same('a request is counted under its route', grown, 1)

"""caps - fifty at once at a cap: exactly as many are let in as it says, whichever gateway they ask.

usage: tests/support/servers --migrate -- python3 tests/drill/caps.py

Requests a minute of a tenant, a key, a bot, a session and an address; tokens a day of a tenant and
of a bot.  Two gateways share the counts.
"""
import json
import threading
import time

import harness as h

AT_ONCE, CAP = 50, 23
TENANT, SESSION, ADDRESS = 31, 17, 19       # what the gateways are told
WORDS = 5
SLOW = f'scripted:mock-ttft4000-len{WORDS}'
QUESTION = 'Why?'
ENV = dict(CC_RATE_PAID=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6, CC_CACHE_ANSWER_S=0, CC_EMBED='hash',
           CC_INFLIGHT_TENANT=1000, CC_RATE_FREE=TENANT)


def made(*args):
    return json.loads(h.ctl(*args, '--json'))


class Tenant:
    def __init__(self, name, *ceiling, tier='paid', limits='{}', model=f'scripted:mock-len{WORDS}', requests=()):
        self.id = made('tenant', 'add', name, '--tier', tier)['tenantId']
        if ceiling:
            made('tenant', 'set', self.id, *ceiling)
        self.bot = made('bot', 'add', self.id, name, '--origin', '*', '--server-use', '--model', model,
                        '--max-tokens', str(WORDS), '--limits', limits)['botId']
        self.secret = made('key', 'add', self.id, '--secret', '--bot', self.bot, *requests)['key']
        self.public = made('key', 'add', self.id, '--public', '--bot', self.bot)['key']


def early_in_the_minute():
    """Rates are counted in minutes; the sums of two of them would be mixed at their border."""
    while time.time() % 60 > 40:
        time.sleep(0.2)


def fifty(ports, key, **body):
    """Outcomes of as many at once, as a dictionary; and the answers that were no success."""
    seen, refused, lock = {}, [], threading.Lock()
    start = threading.Barrier(AT_ONCE)

    def ask(i):
        c = h.http.client.HTTPConnection('127.0.0.1', ports[i % len(ports)], timeout=60)
        c.connect()
        start.wait()
        c.request('POST', '/api/widget/chat', json.dumps(dict(message=QUESTION, **body)),
                  {'content-type': 'application/json', 'x-api-key': key})
        r = c.getresponse()
        answer = json.loads(r.read())
        with lock:
            name = r.status if r.status == 200 else answer.get('code')
            seen[name] = seen.get(name, 0) + 1
            if r.status != 200:
                refused.append((r.status, {k.lower(): v for k, v in r.getheaders()}))
        c.close()
    threads = [threading.Thread(target=ask, args=(i,)) for i in range(AT_ONCE)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return seen, refused


def rate(checks, words, ports, key, cap, **body):
    early_in_the_minute()
    seen, refused = fifty(ports, key, **body)
    checks.check(f'{words}: {cap} of {AT_ONCE} at once', seen == {200: cap, 'rate_limited': AT_ONCE - cap}, seen)
    told = [r for r in refused if r[0] == 429 and 1 <= int(r[1].get('retry-after', 0)) <= 120 and
            r[1].get('ratelimit-limit') == str(cap) and r[1].get('ratelimit-remaining') == '0']
    checks.check(f'{words}: who is refused is told when to come again', len(told) == len(refused) > 0,
                 refused[0] if len(told) != len(refused) and refused else '')


def bound(ports):
    """Tokens that are held for one answer while a model works at it."""
    who = Tenant('probe', '--ceiling-tokens', '1000000', model=SLOW)
    t = threading.Thread(target=h.request, args=(ports[0], 'POST', '/api/widget/chat', dict(message=QUESTION),
                                                 {'x-api-key': who.secret}))
    t.start()
    rows = []
    while t.is_alive() and not rows:
        rows = h.sql(f"SELECT input_tokens + output_tokens FROM spend_holds WHERE tenant_id = '{who.id}' AND attempt = 1")
    t.join()
    return int(rows[0][0])


def tokens(checks, words, ports, who, cap):
    """None of them ends while others come, so what is held decides."""
    seen, refused = fifty(ports, who.secret)
    count, used = h.sql(f"SELECT sum(answers), sum(input_tokens + output_tokens) FROM usage_daily WHERE tenant_id = '{who.id}'")[0]
    checks.check(f'{words}: {CAP} of {AT_ONCE} at once', seen == {200: CAP, 'quota_exceeded': AT_ONCE - CAP}, seen)
    checks.check(f'{words}: what was used is counted', int(count) == CAP and 0 < int(used) <= cap, f'{used} of {cap} tokens')
    checks.check(f'{words}: nothing is held', h.sql(f"SELECT count(*) FROM spend_holds WHERE tenant_id = '{who.id}'") == [['0']])


def main():
    fleet, checks = h.Fleet(), h.Checks()
    ports, narrow = [h.free_port(), h.free_port()], [h.free_port(), h.free_port()]
    for i, port in enumerate(ports):
        fleet.start(f'gateway-{i}', 'cc-gateway', CC_GATEWAY_PORT=port, **ENV)
    for i, port in enumerate(narrow):
        fleet.start(f'narrow-{i}', 'cc-gateway', CC_GATEWAY_PORT=port,
                    **{**ENV, 'CC_RATE_VISITOR': SESSION, 'CC_RATE_ADDRESS': ADDRESS})
    fleet.start('worker', 'cc-worker', **ENV)
    for port in ports + narrow:
        h.await_ready(port)

    rate(checks, 'a tenant by its tier', ports, Tenant('tier', tier='free').secret, TENANT)
    rate(checks, 'a tenant by its ceiling', ports, Tenant('ceiling', '--ceiling-requests', str(CAP)).secret, CAP)
    rate(checks, 'a key', ports, Tenant('key', requests=('--requests', str(CAP))).secret, CAP)
    rate(checks, 'a bot', ports, Tenant('bot', limits=json.dumps(dict(requestsPerMinute=CAP))).secret, CAP)
    rate(checks, 'a session', narrow, Tenant('session').secret, SESSION, sessionId='one-of-fifty-pages')
    rate(checks, 'an address', narrow, Tenant('address').public, ADDRESS)

    each = bound(ports)
    reserved = len(QUESTION) + WORDS            # of those that wait for a worker
    assert AT_ONCE * reserved < each, (reserved, each)
    cap = (CAP + 1) * each - 1                  # room for the others' reservations, but for no 24th answer
    tokens(checks, 'tokens of a tenant', ports, Tenant('tokens', '--ceiling-tokens', str(cap), model=SLOW), cap)
    tokens(checks, 'tokens of a bot', ports, Tenant('bot tokens', limits=json.dumps(dict(dailyTokens=cap)), model=SLOW), cap)
    checks.end()


if __name__ == '__main__':
    main()

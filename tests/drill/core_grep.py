"""core_grep - no credential is found in a gateway's memory, a dump, or a log.

usage: tests/support/servers --migrate -- python3 tests/drill/core_grep.py

Planted: keys of model services, API keys that were presented and that were made and shown, passwords
of register, login, change and reset, the tokens of logins, refreshes and mails, what visitors are
signed with.  Then the connections are
closed, and core files of every gateway process (gcore), pg_dump of everything, the files of both
Redis servers and all logs are searched, also for what is cut in half, in base64 and in UTF-16.
Controls: the same search finds a planted text in a core file, in a dump, in a Redis file and a log.
"""
import argparse
import base64
import glob
import hmac
import http.client
import json
import os
import pwd
import secrets
import socket
import subprocess
import sys
import time

import harness as h
from model_double import ModelDouble

sys.path.insert(0, os.path.join(h.ROOT, 'tests', 'contract'))
import mail_hook

SCOPES = [word for scope in ('chat', 'read', 'edit', 'manage') for word in ('--scope', scope)]
LEAST = 14      # bytes of a piece that counts as the secret


class Planted:
    """Secrets by what they are; all are unlike each other and anything else."""

    def __init__(self):
        self.by_name = {}

    def add(self, name, text):
        self.by_name.setdefault(name, []).append(text)
        return text

    def new(self, name, prefix='', size=18):
        return self.add(name, prefix + secrets.token_hex(size))

    def needles(self):
        """name -> the byte forms that it must not be found in"""
        out = {}
        for name, texts in self.by_name.items():
            for i, text in enumerate(texts):
                half = len(text) // 2
                raw = text.encode()
                forms = {raw, base64.b64encode(raw).rstrip(b'='), text.encode('utf-16-le')}
                # a piece of a key from the middle: what a buffer that was partly written over keeps
                forms.add(raw[half - LEAST // 2:half + LEAST // 2 + 4])
                forms.add(raw[-(LEAST + 4):])
                out[f'{name} {i + 1}'] = forms
        return out


def finds(path, needles):
    with open(path, 'rb') as f:
        data = f.read()
    return sorted(name for name, forms in needles.items() if any(form in data for form in forms))


def send(conn, method, path, body=None, headers=None):
    """On a connection that stays open."""
    conn.request(method, path, json.dumps(body) if body is not None else None,
                 {'content-type': 'application/json', **(headers or {})})
    r = conn.getresponse()
    data = r.read()
    return r.status, json.loads(data) if data[:1] in (b'{', b'[') else data


def bearer(token):
    return {'authorization': 'Bearer ' + token}


def with_keys(port, plant, who, model, checks):
    """API keys that are presented, keys that are made, a model service's key."""
    conn = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    provider = plant.new('provider key', 'sk-model-')
    model.key = provider
    status, body = send(conn, 'PUT', '/api/admin/llm/config',
                           dict(providers=[dict(name='openai', apiKey=provider, baseUrl=model.url)]),
                           bearer(who['manage']))
    checks.check('a model service\'s key is taken', status == 200, (status, body))
    wrong = plant.new('refused provider key', 'sk-model-')
    status, body = send(conn, 'PUT', '/api/admin/llm/config',
                           dict(providers=[dict(name='openai', apiKey=wrong, baseUrl='nonsense')]),
                           bearer(who['manage']))
    checks.check('one with a bad URL is refused, and not repeated', status == 400 and wrong not in str(body),
                 (status, body))
    status, body = send(conn, 'POST', '/api/admin/llm/test', dict(provider='openai', model='gpt-x'),
                           bearer(who['manage']))
    checks.check('it works', status == 200 and body['ok'] and model.good > 0, (status, body))
    for i in range(20):
        status, body = send(conn, 'POST', '/api/widget/chat', dict(message=f'Question {i}?'),
                               {'x-api-key': who['public']})
        assert status == 200, (status, body)
    for i in range(3):
        status, body = send(conn, 'POST', '/api/widget/chat/stream', dict(message=f'And {i}?'),
                            {'x-api-key': who['public'], 'accept': 'text/event-stream'})
        assert status == 200 and b'event: done' in body, (status, body)
    with_signatures(conn, plant, who, checks)
    bad = plant.add('unknown key', 'sk_live_' + secrets.token_hex(18))
    status, _ = send(conn, 'GET', '/api/admin/llm/config', headers=bearer(bad))
    checks.check('an unknown key is refused', status == 401, status)
    for i in range(3):
        status, body = send(conn, 'POST', f"/api/dashboard/clients/{who['tenant']}/keys",
                               dict(name=f'made {i}', kind='secret', scopes=['read']), bearer(who['manage']))
        checks.check('a key is made and shown once', status == 201, status)
        if status == 201:
            plant.add('new key', body['key'])
    conn.close()


def with_signatures(conn, plant, who, checks):
    """The secret that a bot's visitors are signed with, and what one of them shows."""
    status, body = send(conn, 'GET', f"/api/bots/{who['bot']}/identity", headers=bearer(who['manage']))
    checks.check('a bot\'s identity secret is shown', status == 200, status)
    secret = plant.add('identity secret', body['secret'])
    until = str(int(time.time()) + 600)
    proof = plant.add('visitor proof', hmac.new(secret.encode(), f'visitor-7.{until}'.encode(), 'sha256').hexdigest())
    status, body = send(conn, 'POST', '/api/widget/chat', dict(message='Do you know me?'),
                        {'x-api-key': who['public'], 'x-visitor-id': 'visitor-7', 'x-visitor-exp': until,
                         'x-visitor-hash': proof})
    checks.check('a signed visitor is let in', status == 200, (status, str(body)[:200]))


def with_people(port, plant, hook, checks):
    """Passwords and tokens of a person, through a life of logins."""
    conn = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    email = f'{secrets.token_hex(6)}@shop.example'
    password = plant.new('password', 'Pw-')
    status, body = send(conn, 'POST', '/api/auth/register', dict(email=email, password=password, company='Shop'))
    checks.check('a person registers', status == 201, status)
    plant.add('shown key', body['publicKey'])
    note_login(plant, body)
    status, _ = send(conn, 'POST', '/api/auth/login', dict(email=email, password=plant.new('wrong password', 'Pw-')))
    checks.check('a wrong password is refused', status == 401, status)
    status, body = send(conn, 'POST', '/api/auth/login', dict(email=email, password=password))
    checks.check('a login', status == 200, status)
    access, refresh = note_login(plant, body)
    status, body = send(conn, 'POST', '/api/auth/refresh', dict(refreshToken=refresh))
    checks.check('a refresh', status == 200, status)
    access, refresh = note_login(plant, body)
    newer = plant.new('new password', 'Pw-')
    status, body = send(conn, 'POST', '/api/auth/password', dict(currentPassword=password, newPassword=newer), bearer(access))
    checks.check('a change of password', status in (200, 204), (status, str(body)[:200]))
    status, _ = send(conn, 'GET', '/api/auth/me', headers=bearer(access))
    checks.check('who am I', status in (200, 401), status)
    # a mail's token goes through Redis on its way to the worker
    status, _ = send(conn, 'POST', '/api/auth/password/forgot', dict(email=email))
    mail = hook.to(email, 'reset')
    checks.check('a mail with a token comes', status == 202 and mail is not None, status)
    token = mail['token']
    plant.add('reset token', token.split('.')[1][-24:] + '.' + token.split('.')[2])
    status, body = send(conn, 'POST', '/api/auth/password/reset',
                        dict(token=token, password=plant.new('reset password', 'Pw-')))
    checks.check('it resets the password', status in (200, 204), (status, str(body)[:200]))
    conn.close()


def note_login(plant, body):
    for name in ('accessToken', 'refreshToken'):
        if body.get(name):
            # the head is the same for all tokens; what is secret comes after it
            plant.add(name, body[name].split('.')[1][-24:] + '.' + body[name].split('.')[2])
    return body.get('accessToken'), body.get('refreshToken')


def connections(port):
    """Bytes that wait to be read, of each connection that the gateway has open."""
    with open('/proc/net/tcp') as f:
        rows = [line.split() for line in f.readlines()[1:]]
    # established, or closed by the client only
    return [int(r[4].split(':')[1], 16) for r in rows
            if int(r[1].split(':')[1], 16) == port and r[3] in ('01', '08')]


def await_that(words, good, seconds=20):
    end = time.monotonic() + seconds
    while not good():
        if time.monotonic() > end:
            sys.exit(f'not within {seconds} s: {words}')
        time.sleep(0.05)


def settled(port):
    """All connections are closed, and the gateway has turned round since."""
    await_that('all connections are closed', lambda: not connections(port))
    for _ in range(3):
        h.request(port, 'GET', '/health/live')
    await_that('those of the last look, too', lambda: not connections(port))


def cores(fleet, names, folder):
    out = []
    for name in names:
        for pid in h.family(fleet.procs[name].pid):
            path = os.path.join(folder, f'{name}.{pid}')
            run = subprocess.run(['gcore', '-o', path, str(pid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if os.path.exists(f'{path}.{pid}'):
                out.append(f'{path}.{pid}')
            else:
                sys.exit(f'gcore of {name}: {run.stdout.decode()[-300:]}')
    return out


def redis_files():
    """Both servers save and rewrite; every file they keep."""
    for name in ('redis-queue', 'redis-live'):
        sock = os.path.join(os.environ['CC_TEST_DIR'], name + '.sock')
        ask = lambda *words: subprocess.run(['redis-cli', '-s', sock, *words], stdout=subprocess.PIPE,
                                            check=True).stdout.decode()
        folder = ask('config', 'get', 'dir').split('\n')[1]
        ask('config', 'set', 'dbfilename', name + '.rdb')
        ask('save')
        for path in glob.glob(os.path.join(folder, '**'), recursive=True):
            if os.path.isfile(path) and ('.rdb' in path or '.aof' in path or 'appendonly' in path):
                yield path


def dump(folder):
    path = os.path.join(folder, 'dump.sql')
    with open(path, 'wb') as f:
        subprocess.run(['pg_dump', '-d', os.environ['CC_PG_SUPER']], stdout=f, check=True)
    return path


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--show', action='store_true', help='what stands around a hit')
    args = p.parse_args()
    checks = h.Checks()
    plant = Planted()
    model = ModelDouble('')
    hook = mail_hook.MailHook()
    here = os.environ['CC_TEST_DIR']
    ring = os.path.join(here, 'seal', 'keyring')
    os.mkdir(os.path.dirname(ring), 0o700)
    os.environ['CC_SEAL_KEYRING'] = ring
    h.ctl('seal', 'init', '--json')
    if os.getuid() == 0:
        who = pwd.getpwnam(h.UNPRIVILEGED)
        for path in (os.path.dirname(ring), ring):
            os.chown(path, who.pw_uid, who.pw_gid)
    port = h.free_port()
    fleet = h.Fleet()
    common = dict(CC_EMBED='hash', CC_CACHE_ANSWER_S=0, CC_PROVIDER_ALLOW=model.place, CC_RATE_PAID=10**6,
                  CC_RATE_FREE=10**6, CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6, CC_LOGIN_TRIES=10**6,
                  CC_LOG_LEVEL='debug', CC_MAIL_URL=hook.url, CC_MAIL_SECRET=mail_hook.SECRET)
    fleet.start('gateway', 'cc-gateway', **{**common, 'CC_GATEWAY_PORT': port, 'CC_SEAL_KEYRING': '',
                                            'CC_GATEWAY_WORKERS': 2, 'CC_TOKEN_KEYS': 'k1:' + '5a' * 32,
                                            'CC_IDENTITY_KEY': '7e' * 32})
    fleet.start('worker', 'cc-worker', **common)
    fleet.start('ingest', 'cc-ingest', **common)
    h.await_ready(port, fleet=fleet)

    who = h.tenant('planted', 'openai:gpt-x')
    who['manage'] = json.loads(h.ctl('key', 'add', who['tenant'], '--secret', *SCOPES, '--json'))['key']
    for name in ('public', 'secret', 'manage'):
        plant.add(name + ' key', who[name])
    with_keys(port, plant, who, model, checks)
    with_people(port, plant, hook, checks)
    settled(port)

    needles = plant.needles()
    found = cores(fleet, ['gateway'], here)
    checks.check('a core file of each gateway process', len(found) >= 3, len(found))
    for path in found:
        hits = finds(path, needles)
        checks.check(f'no credential in {os.path.basename(path)}', not hits, hits)
        if args.show and hits:
            show(path, needles, hits)

    # what is there while a request is under way is found: so the search finds what there is
    control = 'control-' + secrets.token_hex(18)
    conn = socket.create_connection(('127.0.0.1', port))
    conn.sendall(f'GET / HTTP/1.1\r\nhost: x\r\nx-api-key: {control}\r\n'.encode())
    await_that('the gateway has read it', lambda: connections(port) == [0])
    forms = {'control': {control.encode()}}
    hits = [p for p in cores(fleet, ['gateway'], here) if finds(p, forms)]
    checks.check('the key of a request under way is found in a core file', bool(hits), hits)
    conn.close()

    files = [dump(here), *redis_files(), *glob.glob(os.path.join(here, '*.log'))]
    for path in files:
        hits = finds(path, needles)
        checks.check(f'no credential in {os.path.relpath(path, here)}', not hits, hits)
    checks.check('the dump was really one', finds(files[0], {'tenant': {who['tenant'].encode()}}) == ['tenant'])
    checks.check('Redis files were looked at', sum('.rdb' in f or '.aof' in f for f in files) >= 2, len(files))
    in_files = {'question': {b'Question 7?'}}
    checks.check('the dump holds what visitors asked', finds(files[0], in_files) == ['question'])
    checks.check('a log holds the tenant\'s id', any(finds(f, {'t': {who['tenant'].encode()}}) for f in files
                                                    if f.endswith('gateway.log')))
    model.end()
    hook.end()
    checks.end()


def show(path, needles, hits):
    with open(path, 'rb') as f:
        data = f.read()
    for name in hits:
        for form in needles[name]:
            at = data.find(form)
            while at >= 0:
                around = data[max(0, at - 160):at + len(form) + 80]
                print('    ', name, hex(at), ''.join(chr(b) if 32 <= b < 127 else '.' for b in around))
                at = data.find(form, at + 1)


if __name__ == '__main__':
    main()

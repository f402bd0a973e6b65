"""rotation - the operator's key is exchanged while visitors chat; no call of the model fails.

usage: tests/support/servers --migrate -- python3 tests/drill/rotation.py [--chats 500] [--rounds 6]

A tenant's own key is sealed in the database, and the model service demands it.  While visitors ask,
`cc-ctl seal rotate` runs again and again, and each old key is dropped at once.  Notices that the
tenant changed keep the workers opening the key anew.  At the end the first keyring is of no use.
"""
import argparse
import json
import os
import pwd
import shutil
import subprocess
import threading
import time

import harness as h
from model_double import ModelDouble

KEY = 'sk-of-the-tenant-5c1ab7e09d'


def own(path):
    if os.getuid() == 0:
        who = pwd.getpwnam(h.UNPRIVILEGED)
        os.chown(path, who.pw_uid, who.pw_gid)


def keyring():
    folder = os.path.join(os.environ['CC_TEST_DIR'], 'seal')
    os.mkdir(folder, 0o700)
    path = os.environ['CC_SEAL_KEYRING'] = os.path.join(folder, 'keyring')
    h.ctl('seal', 'init', '--json')
    own(folder)
    own(path)
    return path


def status():
    return json.loads(h.ctl('seal', 'status', '--json'))


class Rotations(threading.Thread):
    """Rotates and drops the old key, over and over."""

    def __init__(self, port, secret, rounds, over):
        super().__init__()
        self.port, self.secret, self.rounds, self.over = port, secret, rounds, over
        self.done, self.dropped, self.failed = 0, [], []

    def run(self):
        # on while visitors ask, at least so many rounds
        while self.done < self.rounds or not self.over.is_set():
            try:
                self.once()
            except (subprocess.CalledProcessError, AssertionError) as e:
                self.failed.append(repr(e))
                return

    def once(self):
        old = [k['kid'] for k in status()]
        new = json.loads(h.ctl('seal', 'rotate', '--json'))
        assert new['rewrapped'] >= 1, new
        for kid in old:
            h.ctl('seal', 'drop', kid, '--json')
            self.dropped.append(kid)
        # what workers keep is dropped: they have to open it with what there is now
        code, body = h.request(self.port, 'PUT', '/api/admin/llm/config', dict(defaults={'temperature': 0.5}),
                               {'authorization': 'Bearer ' + self.secret})
        assert code == 200, (code, body)
        self.done += 1


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--chats', type=int, default=500)
    p.add_argument('--rounds', type=int, default=6)
    p.add_argument('--at-once', type=int, default=16)
    args = p.parse_args()
    checks = h.Checks()
    model = ModelDouble(KEY, pause=0.02)
    path = keyring()
    first = path + '.first'
    shutil.copy2(path, first)
    port = h.free_port()
    fleet = h.Fleet()
    common = dict(CC_EMBED='hash', CC_CACHE_ANSWER_S=0, CC_PROVIDER_ALLOW=model.place, CC_RATE_PAID=10**6,
                  CC_RATE_VISITOR=10**6, CC_RATE_ADDRESS=10**6)
    fleet.start('gateway', 'cc-gateway', **{**common, 'CC_GATEWAY_PORT': port, 'CC_SEAL_KEYRING': ''})
    for i in range(2):
        fleet.start(f'worker-{i}', 'cc-worker', **common, CC_SEAL_KEYRING=path)
    h.await_ready(port, fleet=fleet)

    who = h.tenant('rotated', 'openai:gpt-x')
    secret = json.loads(h.ctl('key', 'add', who['tenant'], '--secret', '--scope', 'read', '--scope', 'manage',
                              '--json'))['key']
    code, body = h.request(port, 'PUT', '/api/admin/llm/config',
                           dict(providers=[dict(name='openai', apiKey=KEY, baseUrl=model.url)]),
                           {'authorization': 'Bearer ' + secret})
    checks.check('the tenant\'s key is stored', code == 200, (code, body[:200]))

    over = threading.Event()
    rotations = Rotations(port, secret, args.rounds, over)
    rotations.start()
    began = time.monotonic()
    viewers = h.run_all([h.Viewer([port], who['public'], f'Question number {i}?', seed=i + 1) for i in range(args.chats)],
                        args.at_once)
    over.set()
    rotations.join()
    took = time.monotonic() - began

    failed = [v.error or 'no end' for v in viewers if v.done is None]
    again = [v for v in viewers if v.attempt > 1]
    print(f'{args.chats} chats in {took:.1f} s, {rotations.done} rotations, {len(rotations.dropped)} keys dropped')
    opened = sum(h.log_tail(os.path.join(fleet.log, f'worker-{i}.log'), 10**6).count('"keyring_read"') for i in range(2))
    checks.check('the workers took up new keyrings meanwhile', opened >= args.rounds, opened)
    checks.check('every chat has its answer', not failed, failed[:3])
    checks.check('at the first attempt', not again, len(again))
    checks.check('the model service was asked with the tenant\'s key each time',
                 model.good >= args.chats and not model.bad, (model.good, len(model.bad)))
    checks.check(f'at least {args.rounds} rotations, and none failed',
                 rotations.done >= args.rounds and not rotations.failed, (rotations.done, rotations.failed))
    keys = status()
    checks.check('one operator\'s key is left, and it seals', len(keys) == 1 and keys[0]['current']
                 and keys[0]['pairs'] >= 1, keys)
    with open(path) as a, open(first) as b:
        checks.check('the keyring has none of its first keys', not set(a.read().split()) & set(b.read().split()))

    # the control: with the first keyring nothing opens any more, so it was really used
    own(first)
    for i in range(2):
        fleet.kill(f'worker-{i}')
    fleet.start('worker-old', 'cc-worker', **common, CC_SEAL_KEYRING=first, CC_ATTEMPTS=1)
    late = h.Viewer([port], who['public'], 'And now?', seed=10**9).run(60)
    checks.check('a worker with the first keyring cannot answer', late.done is None and late.error is not None,
                 (late.done, late.error))
    checks.check('and nobody\'s key was sent instead', not model.bad, model.bad[:2])
    checks.end()


if __name__ == '__main__':
    main()

"""house - the processes of one installation: a gateway, a worker, an ingester."""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'contract'))
import mail_hook
import scene as scenery
import site_of_gardens
import talk

h = scenery.h


class House:
    def __init__(self):
        self.fleet = h.Fleet()
        self.site, self.hook = site_of_gardens.Site(), mail_hook.MailHook()
        self.port = h.free_port()
        env = dict(
            scenery.WIDE,
            CC_EMBED='hash',
            CC_CACHE_ANSWER_S=0,
            CC_GATEWAY_PORT=self.port,
            CC_INSTANCE='gateway',
            CC_INTERNAL_SECRET=scenery.INTERNAL,
            CC_TOKEN_KEYS=','.join(f'{kid}:{key}' for kid, key in scenery.TOKEN_KEYS.items()),
            CC_IDENTITY_KEY=scenery.IDENTITY_KEY,
            CC_SEAL_KEYRING=scenery.seal_keys(),
            CC_MAIL_URL=self.hook.url,
            CC_MAIL_SECRET=mail_hook.SECRET,
            CC_WEB_ALLOW=f'127.0.0.1:{self.site.port}',
            CC_WEB_PAUSE_MS=10,
            CC_STATIC_DIR=os.environ.get('CC_STATIC_DIR', os.path.join(h.ROOT, 'widget', 'dist')),
            CC_TOKENS_DIR=os.environ.get('CC_TOKENS_DIR', os.path.join(h.ROOT, 'var', 'models', 'tokens')),
        )
        for name in ('gateway', 'worker', 'ingest'):
            self.fleet.start(name, 'cc-' + name, **env)
        h.await_ready(self.port, fleet=self.fleet)

    def unbind(self):
        """From here on the processes reach the database as its superuser."""
        for name in ('gateway', 'worker'):
            self.fleet.how[name][1]['CC_PG'] = os.environ['CC_PG_SUPER']
            self.fleet.restart(name)
        h.await_ready(self.port, fleet=self.fleet)

    def send(self, method, path, **more):
        return talk.send(more.pop('port', self.port), method, path, **more)

    def until(self, ask, good, seconds=60):
        """Asks again until the answer is good; the last one in any case."""
        end = time.monotonic() + seconds
        while not good(got := ask()) and time.monotonic() < end:
            time.sleep(0.05)
        return got

    def routes(self):
        out = h.subprocess.run(
            [os.path.join(h.BIN, 'cc-gateway'), '--routes'], stdout=h.subprocess.PIPE, check=True
        )
        return json.loads(out.stdout)

    def logs(self):
        for name in sorted(self.fleet.how):
            with open(os.path.join(self.fleet.log, name + '.log'), errors='replace') as f:
                yield name, f.read()

    def end(self):
        self.fleet.stop()
        self.site.end()
        self.hook.end()

"""visitors - people whom a site's server has signed, as the checks of identity and erasure need them."""
import hashlib
import hmac
import json
import time

import people
import scene as scenery
import talk

EVERYTHING = [w for scope in ('chat', 'read', 'converse', 'edit', 'manage') for w in ('--scope', scope)]


def office_key(tenant, *more):
    """A secret key with all rights but the owner's."""
    return scenery.made('key', 'add', tenant, '--secret', *EVERYTHING, *more)['key']


def secret_of(s, bot, office):
    return s.send('GET', f'/api/bots/{bot.id}/identity', key=office).json['secret']


def hashed(secret, who, exp):
    mac = hmac.new(secret.encode(), f'{who}.{exp}'.encode(), hashlib.sha256).hexdigest()
    return {'x-visitor-id': who.encode().decode('latin-1'), 'x-visitor-exp': str(exp), 'x-visitor-hash': mac}


def token(secret, head=None, **claims):
    claims = {'exp': int(time.time()) + 600, **claims}
    return people.signed(head or {'alg': 'HS256', 'typ': 'JWT'}, claims, secret.encode())


class Visitor:
    """One who asks one bot; proof: headers, {} for nobody in particular."""

    def __init__(self, s, bot, proof):
        self.s, self.bot, self.proof = s, bot, proof

    def send(self, method, path, **more):
        return self.s.send(method, path, key=self.bot.public, headers=self.proof, **more)

    def ask(self, message='What is there?', **body):
        return self.send('POST', '/api/widget/chat', body=dict(message=message, **body))

    def history(self, session):
        return self.send('GET', f'/api/widget/sessions/{session}/messages')

    def stream(self, **body):
        return talk.Stream(self.s.port, 'POST', '/api/widget/chat/stream', key=self.bot.public, headers=self.proof,
                           body=body)


def signed_in(s, bot, secret, who='u-1'):
    return Visitor(s, bot, hashed(secret, who, int(time.time()) + 600))


def receipt_done(s, tenant, office, receipt, seconds=60):
    path = f'/api/dashboard/clients/{tenant}/receipts/{receipt["id"]}'
    return s.until(lambda: s.send('GET', path, key=office), lambda a: a.json.get('state') == 'done', seconds)


def identity(s, bot, mode):
    """Sets what the bot wants of visitors."""
    scenery.h.ctl('bot', 'set', bot.tenant, bot.id, '--identity', mode)

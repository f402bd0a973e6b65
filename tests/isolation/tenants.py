"""tenants - a tenant that has one of everything, with a canary in every text that it can write."""
import base64
import os
import time

from house import scenery

import people
import talk

PROVIDER = 'builtin'
ROLES = ('admin', 'editor', 'agent', 'viewer')
SCOPES = ['chat', 'read', 'converse', 'edit', 'manage']
CANARY = 'kanarie'
BOUND, COOKIE = 'bound key', 'owner\'s cookie'


class Tenant:
    def __init__(self, house, side):
        self.house, self.side = house, side
        self.mark = f'{CANARY}{side}{os.urandom(6).hex()}'
        self.planted = []
        self.owner = people.Person(house, self.canary('person'), email=f'{self.mark}.owner@people.example').register()
        assert self.owner.answer.status == 201, self.owner.answer
        self.id = self.owner.tenant
        self.people()
        self.keys()
        self.bots()
        self.settings()
        self.knowledge()
        self.talks()
        self.remains()

    def canary(self, of):
        """The tenant's mark and what it stands in."""
        text = f'{self.mark}{of}'
        self.planted.append(of)
        return text

    def must(self, status, method, path, body=None, **more):
        """As the owner; ends the test when it does not work."""
        a = self.owner.send(method, path, body=body, **more)
        assert a.status == status, f'{method} {path}: {a!r}'
        return a.json if a.body and a.type == 'application/json' else a

    @property
    def here(self):
        return f'/api/dashboard/clients/{self.id}'

    # ---- who ----
    def join(self, name, role):
        """Somebody who was invited, and came."""
        email = f'{self.mark}.{name}@people.example'
        self.must(201, 'POST', self.here + '/invitations', dict(email=email, role=role))
        mail = self.house.hook.to(email)
        assert mail, f'no mail came to {email}'
        body = dict(token=mail['token'], password=people.PASSWORD, name=self.canary(name))
        a = self.house.send('POST', '/api/auth/invitations/accept', body=body)
        assert a.status in (200, 201), a
        return people.Person(self.house, name, email=email).login()

    def people(self):
        self.members = {'owner': self.owner, **{role: self.join(role, role) for role in ROLES}}
        self.member, self.login = self.members['agent'].id, self.members['agent'].sid
        email = f'{self.mark}.open@people.example'
        self.invitation = self.must(201, 'POST', self.here + '/invitations', dict(email=email, role='viewer'))['id']
        self.invite_token = self.house.hook.to(email)['token']
        forgetful = self.join('forgetful', 'viewer').email
        self.house.send('POST', '/api/auth/password/forgot', body=dict(email=forgetful))
        self.reset_token = self.house.hook.to(forgetful, 'reset')['token']

    def key(self, **more):
        return self.must(201, 'POST', self.here + '/keys', dict(name=self.canary('key'), **more))

    def keys(self):
        self.bot = self.must(200, 'GET', '/api/bots')['items'][0]['id']
        self.secret_made = self.key(kind='secret', scopes=SCOPES)
        self.secret_id = self.secret_made['id']
        self.spare = self.key(kind='secret', scopes=['read'])['id']
        self.secret = self.secret_made['key']
        self.bound = self.key(kind='secret', scopes=SCOPES, botId=self.bot)['key']
        self.public = self.key(kind='public', botId=self.bot)['key']

    # ---- what ----
    def bots(self):
        texts = {name: self.canary(name) for name in ('title', 'subtitle', 'greeting', 'placeholder', 'launcher', 'footer')}
        address = f'https://{self.mark}.example/'
        options = [self.canary('option'), 'none']
        field = dict(name='why', label=self.canary('label of a field'), type='select', options=options)
        form = dict(title=self.canary('form'), text=self.canary('text of a form'), fields=[field, dict(name='who', label=self.canary('who'), type='text')])
        widget = {
            **texts,
            'starters': [self.canary('starter')],
            'logo': address,
            'privacyUrl': address,
            'prechat': form,
        }
        members = dict(
            name=self.canary('bot'),
            provider=PROVIDER,
            prompt=self.canary('prompt'),
            refusal=self.canary('refusal'),
            widget=widget,
            allowedOrigins=['*'],
            serverUse=True,
            identity='optional',
        )
        path = '/api/bots/' + self.bot
        self.must(200, 'PUT', path, members)
        self.must(200, 'PUT', path, dict(prompt=self.canary('again')))
        self.must(200, 'PUT', path + '?draft=true', dict(prompt=self.canary('draft')))
        self.version = str(self.must(200, 'GET', path + '/versions')['items'][0]['version'])
        self.second = self.must(201, 'POST', '/api/bots', dict(members, name=self.canary('second')))['id']
        self.identity = self.must(200, 'GET', path + '/identity')['secret']

    def settings(self):
        provider = dict(name='openai', apiKey='sk-' + self.canary('credential'), model=self.canary('model'))
        self.must(200, 'PUT', '/api/admin/llm/config', dict(providers=[provider]))

    def knowledge(self):
        text = f'# The {self.canary("heading")} kiosk\n\nThe kiosk sells {self.canary("passage")} on Mondays.\n'
        body = dict(
            filename=self.canary('file') + '.md',
            fileType='text/markdown',
            fileData=base64.b64encode(text.encode()).decode(),
            title=self.canary('title'),
            description=self.canary('description'),
            tags=[self.canary('tag')],
            metadata={'of': self.canary('metadata')},
        )
        path = '/api/dashboard/documents/'
        self.document = self.must(201, 'POST', path + 'upload', body)['id']
        self.await_state(path + self.document + '/status', 'ready')
        chunk = dict(text=f'Written by hand: {self.canary("chunk")}.', section=self.canary('section'))
        self.chunk = self.must(201, 'POST', path + self.document + '/chunks', chunk)['id']
        page = site = self.house.site
        site.pages['/' + self.mark] = ('text/html', scenery.site_of_gardens.page(self.canary('page')))
        url = dict(url=f'{page.url}/{self.mark}', title=self.canary('source'))
        self.source = self.must(201, 'POST', path + 'url', url)['id']
        self.await_state('/api/dashboard/sources/' + self.source, 'ready')
        pin = dict(botId=self.bot, questions=[self.canary('question') + '?'], answer=self.canary('pinned'))
        self.pin = self.must(201, 'POST', '/api/dashboard/pins', pin)['id']

    def await_state(self, path, state):
        got = self.house.until(lambda: self.owner.send('GET', path), lambda a: a.json['status'] in (state, 'failed'))
        assert got.json['status'] == state, got

    # ---- talk ----
    def proof(self, who):
        """A token with which the tenant's server says who a visitor is."""
        claims = dict(sub=who, exp=int(time.time()) + 3600, name=self.canary('name'), email=f'{self.mark}@shop.example')
        return {'x-visitor-token': people.signed({'alg': 'HS256', 'typ': 'JWT'}, claims, self.identity.encode())}

    def ask(self, message, who, **body):
        a = self.house.send(
            'POST',
            '/api/widget/chat',
            key=self.public,
            body=dict(message=message, **body),
            headers=self.proof(who),
            timeout=60,
        )
        assert a.status == 200, a
        return a.json

    def talks(self):
        self.external = self.canary('visitor')
        self.message_id = os.urandom(12).hex() + '-of-a-page'  # the other sends it himself
        said = self.ask(f'What is {self.canary("asked")}?', self.external, messageId=self.message_id)
        self.answer, self.session, self.message = said['answerId'], said['sessionId'], said['messageId']
        self.give()
        rate = dict(rating='down', comment=self.canary('comment'))
        path = f'/api/widget/answers/{self.answer}/feedback'
        a = self.house.send('POST', path, key=self.public, body=rate, headers=self.proof(self.external))
        assert a.status == 204, a
        self.beside()
        talk_path = '/api/dashboard/conversations/' + self.session
        self.must(200, 'POST', talk_path + '/flag', dict(flagged=True, note=self.canary('note')))
        self.must(200, 'PUT', talk_path + '/labels', dict(labels=[self.canary('label')]))
        self.visitor = self.must(200, 'GET', '/api/dashboard/visitors')['items'][0]['id']

    def give(self):
        """A file of the visitor's."""
        text = f'The visitor writes {self.canary("given")} by hand.'
        body, kind = talk.multipart([('file', self.canary('given file') + '.txt', 'text/plain', text.encode())])
        path = f'/api/widget/sessions/{self.session}/files'
        proof = {**self.proof(self.external), 'content-type': kind}
        a = self.house.send('POST', path, key=self.public, body=body, headers=proof)
        assert a.status == 201 and a.json['items'][0]['status'] == 'ready', a
        self.file = a.json['items'][0]['id']

    def beside(self):
        """What a visitor says beside his questions."""
        path, proof = f'/api/widget/sessions/{self.session}', self.proof(self.external)
        for what, body, status in (
            ('form', dict(values=dict(who=self.canary('said first'))), 204),
            ('handoff', dict(email=f'{self.mark}.back@shop.example', note=self.canary('wish')), 202),
        ):
            a = self.house.send('POST', f'{path}/{what}', key=self.public, body=body, headers=proof)
            assert a.status == status, a

    def remains(self):
        """A receipt of something that is gone."""
        said = self.ask(f'Forget {self.canary("forgotten")}.', self.canary('gone'))
        path = '/api/dashboard/conversations/' + said['sessionId']
        self.receipt = self.must(202, 'DELETE', path)['id']
        self.house.until(
            lambda: self.owner.send('GET', f'{self.here}/receipts/{self.receipt}'),
            lambda a: a.status == 200 and a.json['state'] == 'done',
        )

    def stir(self):
        """Something that the tenant's own dashboards hear of."""
        self.must(200, 'PATCH', '/api/dashboard/documents/' + self.document, dict(title=self.canary('retitled')))
        self.must(202, 'POST', f'/api/dashboard/documents/{self.document}/reindex', {})
        self.ask(f'And what is {self.canary("stirred")}?', self.external)

    # ---- who may come in ----
    def credentials(self):
        """{name: (headers, rights)}; a visitor's key shows no person."""
        out = {
            'public key': ({'x-api-key': self.public}, {'chat'}, 'key'),
            'id of a bot': ({'x-api-key': self.bot}, {'chat'}, 'key'),
            'secret key': (bearer(self.secret), set(SCOPES), 'key'),
            BOUND: (bearer(self.bound), set(SCOPES), 'key'),
        }
        for role, person in self.members.items():
            out[role] = (bearer(person.access), RIGHTS[role], 'person')
        out[COOKIE] = (self.cookie(self.owner), RIGHTS['owner'], 'person')
        return out

    def cookie(self, person):
        """As a page of ours sends it."""
        own = {'origin': f'http://127.0.0.1:{self.house.port}', 'sec-fetch-site': 'same-origin'}
        return {**person.cookie(), 'x-csrf-token': person.csrf, **own}


def bearer(token):
    return {'authorization': 'Bearer ' + token}


RIGHTS = {'viewer': {'read'}}
RIGHTS['agent'] = RIGHTS['viewer'] | {'converse'}
RIGHTS['editor'] = RIGHTS['agent'] | {'edit'}
RIGHTS['admin'] = RIGHTS['editor'] | {'manage'}
RIGHTS['owner'] = RIGHTS['admin'] | {'own'}

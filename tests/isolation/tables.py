"""tables - which thing of a tenant each id of a path, a query, a header or a body names.

Who adds a route or a member with an id adds its row here; run.py fails for what has none.
"""
import re

# {name}, or ({name}, beginning of the pattern): attribute of tenants.Tenant
PATHS = {
    'clientId': 'id',
    'botId': 'bot',
    'answerId': 'answer',
    'sessionId': 'session',
    'chunkId': 'chunk',
    'fileId': 'file',
    'userId': 'member',
    'keyId': 'spare',
    'version': 'version',
    ('id', '/api/widget/documents/'): 'document',
    ('id', '/api/dashboard/documents/'): 'document',
    ('id', '/api/dashboard/sources/'): 'source',
    ('id', '/api/dashboard/pins/'): 'pin',
    ('id', '/api/bots/'): 'bot',
    ('id', '/api/auth/sessions/'): 'login',
    ('id', '/api/dashboard/clients/{clientId}/invitations/'): 'invitation',
    ('id', '/api/dashboard/clients/{clientId}/receipts/'): 'receipt',
    ('id', '/api/dashboard/conversations/'): 'session',
    ('id', '/api/dashboard/visitors/'): 'visitor',
    'key': None,  # a credential, not an id: tests/contract/test_keys.py
    # shown by the pages that embed the bot, to everybody: tests/contract/test_pages.py
    ('botId', '/chat/'): None,
    ('botId', '/embed/'): None,
    'file': None,  # of the widget, the same for everybody
}
NUMBERS = {'version'}  # count from 1 in each bot: nobody's by themselves

# What an answer to a foreign id must be: it does not exist, or it finds nothing.
GONE, NOTHING = {404}, {200, 201, 202, 204, 404}
BARRED = {401, 403, 404}

# (place, name), or (operation, place, name): (attribute, what is right)
MEMBERS = {
    ('body', 'botId'): ('bot', GONE),
    ('query', 'botId'): ('bot', GONE),
    ('body', 'documentId'): ('document', GONE),
    ('body', 'documentIds'): (['document'], NOTHING),
    ('body', 'retrieval.documentIds'): (['document'], NOTHING),
    ('query', 'sourceId'): ('source', NOTHING),
    ('query', 'visitorId'): ('visitor', NOTHING),
    ('query', 'actor'): ('secret_id', NOTHING),
    ('query', 'cursor'): ('cursor', NOTHING | {400}),
    ('body', 'sessionId'): ('session', GONE),
    ('query', 'sessionId'): ('session', GONE),
    ('body', 'messageId'): ('message_id', NOTHING),
    ('query', 'messageId'): ('message_id', NOTHING),
    ('header', 'Idempotency-Key'): ('message_id', NOTHING),
    ('query', 'externalId'): ('external', NOTHING),
    ('POST /api/dashboard/conversations/{id}/assign', 'body', 'userId'): ('member', GONE),
    ('PUT /api/dashboard/pins/{id}', 'body', 'botId'): ('bot', {400}),  # it stays, whose ever the other is
    ('body', 'clientId'): ('id', GONE),
    ('POST /api/auth/login', 'body', 'clientId'): ('id', BARRED),
}
# Members that are credentials or secrets, and no ids.
CREDENTIALS = {
    ('body', 'refreshToken'),
    ('body', 'token'),
    ('body', 'apiKey'),
    ('body', 'providers.apiKey'),
    ('header', 'x-visitor-token'),
    ('query', 'visitorToken'),
}

# Which list a cursor is of: its last thing.
CURSORS = {
    '/api/widget/sessions/': 'message',
    '/api/chat/history/': 'message',
    '/api/dashboard/documents/{id}/chunks': 'chunk',
    '/api/dashboard/documents': 'document',
    '/api/dashboard/dead-letters': 'document',
    '/api/dashboard/sources': 'source',
    '/api/dashboard/pins': 'pin',
    '/api/dashboard/conversations': 'session',
    '/api/dashboard/visitors': 'visitor',
    '/api/bots/{id}/versions': 'version',
    '/api/bots': 'bot',
    '/internal/client/{clientId}/config': 'bot',
    '/api/auth/sessions': 'login',
    '/api/dashboard/clients': 'id',
    '/api/dashboard/clients/{clientId}/members': 'member',
    '/api/dashboard/clients/{clientId}/invitations': 'invitation',
    '/api/dashboard/clients/{clientId}/keys': 'spare',
    '/api/dashboard/clients/{clientId}/audit': 'version',
    '/api/dashboard/clients/{clientId}/receipts': 'receipt',
}

# Bodies that must be more than the description's own example.
BODIES = {
    'POST /api/dashboard/pins': lambda t: dict(botId=t.bot, questions=['Whose?'], answer='Mine.'),
    'POST /api/dashboard/documents/url': lambda t: dict(url=t.house.site.url + '/herbs'),
    'POST /api/internal/document-progress': lambda t: dict(documentId=t.document, clientId=t.id),
    'POST /api/auth/password/reset': lambda t: dict(token=t.reset_token, password='another good one'),
    'POST /api/auth/invitations/accept': lambda t: dict(token=t.invite_token, password='another good one'),
    'POST /api/auth/login': lambda t: dict(email=t.owner.email, password=t.owner.password),
    'POST /api/dashboard/conversations/{id}/assign': lambda t: dict(userId=t.member),
    'POST /api/widget/sessions/{sessionId}/form': lambda t: dict(values=dict(who='Ada')),
    'POST /api/dashboard/retrieval/test': lambda t: dict(query='the kiosk', botId=t.bot),
}

# Those that are no JSON: one file in a form.
FILES = {
    'POST /api/widget/sessions/{sessionId}/files': ('file', 'a.txt', 'text/plain', b'Whose is this?'),
}

ID = re.compile(r'(^id$|Ids?$|^cursor$|^actor$|^key$|[kK]ey$|[tT]oken$|-id$|-hash$)')


def parts(schema):
    return schema.get('oneOf', []) + schema.get('anyOf', []) + ([schema['items']] if 'items' in schema else [])


def is_id(name, schema):
    if ID.search(name) or '_[0-9a-f]{32}' in schema.get('pattern', ''):
        return True
    return any(is_id('', part) for part in parts(schema))


def inside(schema, before=''):
    """(dotted name, schema) of every member of a body, at any depth."""
    for name, member in schema.get('properties', {}).items():
        yield before + name, member
        yield from inside(member, before + name + '.')
    for part in parts(schema):
        yield from inside(part, before)


def members_of(operation):
    """(place, dotted name) of every id that it takes beside its path."""
    for p in operation.parameters:
        if p.where != 'path' and is_id(p.name, p.schema):
            yield p.where, p.name
    for name, schema in inside(operation.body or {}):
        if is_id(name.rsplit('.', 1)[-1], schema):
            yield 'body', name


def path_row(pattern, name):
    """The attribute, or KeyError."""
    fits = [k for k in PATHS if isinstance(k, tuple) and k[0] == name and pattern.startswith(k[1])]
    if not fits and name in PATHS:
        return PATHS[name]
    if not fits:
        raise KeyError(f'{pattern}: {{{name}}} has no row in tests/isolation/tables.py')
    return PATHS[max(fits, key=lambda k: len(k[1]))]


def member_row(operation, place, name):
    if (place, name) in CREDENTIALS:
        return None
    row = MEMBERS.get((operation.words, place, name), MEMBERS.get((place, name)))
    if row is None:
        raise KeyError(f'{operation.words}: {name} ({place}) has no row in tests/isolation/tables.py')
    if row[0] != 'cursor':
        return row
    fits = [k for k in CURSORS if operation.path.startswith(k)]
    if not fits:
        raise KeyError(f'{operation.words}: its cursor has no row in tests/isolation/tables.py')
    return CURSORS[max(fits, key=len)], row[1]


def value(tenant, attribute):
    if isinstance(attribute, list):
        return [getattr(tenant, a) for a in attribute]
    return getattr(tenant, attribute)

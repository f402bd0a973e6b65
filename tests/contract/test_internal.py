"""What outside programs of ours tell: the progress of a document they work on."""
import scene as scenery
import sock
from test_dashboard_documents import NOBODY, ready, upload_file
from test_documents import ended, text_file

PATH = '/api/internal/document-progress'


def tell(s, body, secret=scenery.INTERNAL, **more):
    headers = {'x-internal-secret': secret} if secret is not None else {}
    return s.send('POST', PATH, body=body, headers=headers, **more)


def at_work(s, name):
    """A document that nobody touches but is at work, as an outside reader would have it."""
    ident = ready(s, name)
    scenery.h.sql(
        f"UPDATE documents SET status = 'parsing', progress = 5, step = 'parsing', "
        f"lease_until = now() + interval '1 hour' WHERE id = '{ident}' RETURNING id"
    )
    return ident


def put_back(ident):
    scenery.h.sql(
        f"UPDATE documents SET status = 'ready', progress = 100, step = '' WHERE id = '{ident}' RETURNING id"
    )


def test_progress(s):
    ident = at_work(s, 'outside')
    w = sock.Socket(s.port, key=s.library.secret)
    w.text()
    a = tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=40, currentStep='scanning'))
    s.same('it is taken', (a.status, a.body), (204, b''))
    f = w.until(lambda f: f.get('id') == ident)[-1]
    s.same('sockets hear it', (f['status'], f['progress'], f['currentStep']), ('parsing', 40, 'scanning'))
    st = s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json
    s.same('the status shows it', (st['status'], st['progress'], st['currentStep']), ('parsing', 40, 'scanning'))
    tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=20))
    st = s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json
    s.same('it never falls; the step stays', (st['progress'], st['currentStep']), (40, 'scanning'))
    w.drop()
    put_back(ident)


def test_who_may(s):
    ident = upload_file(s, *text_file('inside')[1:])
    ended(s, ident)
    body = dict(documentId=ident, clientId=s.library.tenant, progress=10)
    s.problem('without the secret', tell(s, body, None), 401, 'unauthorized')
    for secret in ('', 'x', scenery.INTERNAL + 'x', scenery.INTERNAL[:-1], scenery.INTERNAL.upper()):
        s.problem(f'with {secret[-4:]!r}', tell(s, body, secret), 401, 'unauthorized')
    s.problem('a secret key is none', s.send('POST', PATH, key=s.library.secret, body=body), 401, 'unauthorized')
    s.problem('where none is set it is closed', tell(s, body, port=s.ports['strict']), 404, 'not_found')
    s.problem('... whatever is sent', tell(s, body, '', port=s.ports['strict']), 404, 'not_found')


def test_what_is_wrong(s):
    ident = ready(s, 'settled')
    s.problem(
        'a document that is ready',
        tell(s, dict(documentId=ident, clientId=s.library.tenant, progress=10)),
        409,
        'conflict',
    )
    s.same(
        '... stays ready',
        s.send('GET', f'/api/dashboard/documents/{ident}/status', key=s.library.secret).json['progress'],
        100,
    )
    for document, client in ((NOBODY, s.library.tenant), (ident, s.foreign.tenant), (ident, 'ten_' + '0' * 32)):
        s.problem('another\'s', tell(s, dict(documentId=document, clientId=client)), 404, 'not_found')
    for change, name in (
        (dict(documentId='x'), 'documentId'),
        (dict(documentId=None), 'documentId'),
        (dict(clientId='x'), 'clientId'),
        (dict(progress=101), 'progress'),
        (dict(progress=-1), 'progress'),
        (dict(progress='5'), 'progress'),
        (dict(currentStep='x' * 65), 'currentStep'),
        (dict(status='ready'), 'status'),
    ):
        body = {**dict(documentId=ident, clientId=s.library.tenant), **change}
        a = tell(s, {k: v for k, v in body.items() if v is not None})
        s.problem(f'{change}', a, 400, 'invalid_request')
        s.check('... names the field', a.status == 400 and name in a.json['detail'], a)

"""talks - conversations put straight into the database, as many as a check wants.

Made with the words of the check, so that it knows what must come back.
"""
import json

import scene as scenery

h = scenery.h


def text(value):
    """As a literal of SQL."""
    return "E'" + value.replace('\\', '\\\\').replace("'", "\\'") + "'"


def put(bot, name, exchanges, at='now()', **columns):
    """One conversation; an exchange: (question, answer or None) and perhaps a dict of what else is stored of it."""
    tenant = bot.tenant
    columns = dict(created_at=at, **columns)
    names = ''.join(', ' + k for k in columns)
    values = ''.join(', ' + v for v in columns.values())
    out = [f"INSERT INTO sessions (tenant_id, id, bot_id{names}) VALUES ('{tenant}', '{name}', '{bot.id}'{values})"]
    for i, exchange in enumerate(exchanges):
        out += exchange_rows(bot, name, i, at, *exchange)
        if i % 20 == 19:  # a command line has an end
            h.sql('; '.join(out))
            out = []
    h.sql('; '.join(out) or 'SELECT')
    return name


def exchange_rows(bot, name, i, at, question, answer, more=None):
    more = dict(
        dict(state='done' if answer is not None else 'failed', sources='[]', rating=None, comment='', cost=0,
             provider='scripted', model='mock', input=3, output=5, first=120, total=450, code=''),
        **(more or {}),
    )
    tenant, ans = bot.tenant, f'ans_{name}_{i}'
    when = f"{at} + interval '{i} s'"
    out = [
        'INSERT INTO answers (tenant_id, id, bot_id, session_id, state, attempt, lease_until, owner, tier, asked_at, '
        'ended_at, message_id, code, provider, model, finish, input_tokens, output_tokens, first_ms, total_ms, cost, '
        f"unanswered) VALUES ('{tenant}', '{ans}', '{bot.id}', '{name}', '{more['state']}', 1, now(), 'x', 'paid', "
        f"{when}, {when}, {text('msg_a' + ans) if answer is not None else 'NULL'}, '{more['code']}', "
        f"'{more['provider']}', '{more['model']}', 'stop', {more['input']}, {more['output']}, {more['first']}, "
        f"{more['total']}, {more['cost']}, {str(more['state'] == 'done' and more['sources'] == '[]').lower()})"
    ]
    said = [('user', 'msg_q' + ans, question, '[]')]
    if answer is not None:
        said.append(('assistant', 'msg_a' + ans, answer, more['sources']))
    for role, ident, words, sources in said:
        out.append(
            'INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources, at) VALUES '
            f"('{tenant}', '{ident}', '{name}', '{ans}', '{role}', {text(words)}, {text(sources)}, {when})"
        )
    if more['rating']:
        out.append(
            f"INSERT INTO feedback (tenant_id, answer_id, rating, comment, at) VALUES ('{tenant}', '{ans}', "
            f"'{more['rating']}', {text(more['comment'])}, {when})"
        )
    return out


def many(bot, n, prefix, length=40):
    """n conversations of one exchange, a second apart, the last one now; names: prefix_1 ... prefix_n."""
    t, b = bot.tenant, bot.id
    series = f'generate_series(1, {n}) i'
    when = f"now() - ({n} - i) * interval '1 s'"
    h.sql(
        f"INSERT INTO sessions (tenant_id, id, bot_id, created_at) SELECT '{t}', '{prefix}_' || i, '{b}', {when} "
        f'FROM {series}; '
        'INSERT INTO answers (tenant_id, id, bot_id, session_id, state, attempt, lease_until, owner, tier, asked_at, '
        f"ended_at, message_id) SELECT '{t}', 'ans_{prefix}_' || i, '{b}', '{prefix}_' || i, 'done', 1, now(), 'x', "
        f"'paid', {when}, {when}, 'msg_a{prefix}_' || i FROM {series}; "
        'INSERT INTO messages (tenant_id, id, session_id, answer_id, role, text, sources, at) '
        f"SELECT '{t}', 'msg_' || left(r, 1) || '{prefix}_' || i, '{prefix}_' || i, 'ans_{prefix}_' || i, r, "
        f"r || ' ' || i || ' ' || repeat('x', {length}), '[]', {when} FROM {series}, "
        "unnest(ARRAY['user', 'assistant']) r ORDER BY i, r DESC"
    )


def sources(*titles):
    return json.dumps([dict(n=i + 1, documentId='doc_x', title=t, snippet='s', score=0.5) for i, t in enumerate(titles)])

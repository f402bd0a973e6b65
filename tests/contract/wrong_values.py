"""wrong_values - for a schema of docs/openapi.yaml, values that it does not allow.

Each comes with a word for what is wrong.  Only what the schema says counts: where it says less than
the gateway checks, nothing is made of it.
"""
import json
import re

import described

OF_TYPE = {
    'string': 'a text',
    'integer': 7,
    'number': 0.5,
    'boolean': True,
    'array': [],
    'object': {},
}
ALSO = {'number': {'integer'}}  # a number may be whole
BEYOND = (2**63, -(2**63) - 1, 10**30)


class Raw:
    """JSON as it is to be sent, where json.dumps() would not write it."""

    def __init__(self, text):
        self.text = text


def plain(schema):
    """The one schema of a list of choices where there is just one beside null; else None."""
    branches = [b for b in schema.get('oneOf', schema.get('anyOf', [])) if described.kinds(b) != {'null'}]
    if not branches:
        return schema
    return branches[0] if len(branches) == 1 else None


def wrong(schema):
    """(words, value) of what a member must not be."""
    kinds = described.kinds(schema)
    allowed = kinds | {also for k in kinds for also in ALSO.get(k, ())}
    if not kinds:
        return
    for kind, value in OF_TYPE.items():
        if kind not in allowed:
            yield f'a {kind}', value
    one = plain(schema)
    if one is None:
        return
    if 'enum' in one:
        yield 'another word', 'no-such-word'
        return
    makers = {'string': wrong_text, 'integer': wrong_number, 'number': wrong_number, 'array': wrong_list}
    for kind in sorted(kinds & set(makers)):
        yield from makers[kind](one)


def wrong_text(schema):
    if 'maxLength' in schema:
        yield 'one too long', 'x' * (schema['maxLength'] + 1)
        yield 'one too long, of wide characters', '\U0001f600' * (schema['maxLength'] + 1)
    if schema.get('minLength', 0) > 0:
        yield 'empty', ''
        yield 'white space', ' \t\n' * schema['minLength']
    if schema.get('minLength', 0) > 1:
        yield 'one too short', 'x' * (schema['minLength'] - 1)
    if 'pattern' in schema:
        yield 'not of the pattern', 'no/such thing'
        more = described.good_text(schema) + '!'
        if not fits(schema['pattern'], more):
            yield 'of the pattern and more', more
    if schema.get('format') in ('email', 'date-time'):
        yield 'not of the format', 'nothing like it'
    yield 'a NUL', 'a\0b'
    yield 'a control character', 'a\x01b'
    yield 'half a pair', Raw('"\\ud800"')
    yield 'bytes that are no UTF-8', Raw(b'"\xff\xfe"')


def wrong_number(schema):
    whole = schema.get('type') == 'integer' or 'integer' in schema.get('type', ())
    step = 1 if whole else 0.001
    if 'minimum' in schema:
        yield 'too small', schema['minimum'] - step
    if 'maximum' in schema:
        yield 'too large', schema['maximum'] + step
        yield 'far too large', Raw('1e308')
    if 'maximum' in schema or whole:
        for value in BEYOND if 'minimum' in schema else BEYOND[:1]:
            yield 'beyond 64 bits', value
    yield 'no finite number', Raw('1e999')
    if whole:
        yield 'a fraction', 1.5


def wrong_list(schema):
    item = schema['items']
    fine = described.good(item)
    if 'maxItems' in schema:
        many = [fine + str(i) if isinstance(fine, str) and 'enum' not in item else fine for i in range(schema['maxItems'] + 1)]
        yield 'one too many', many
    if schema.get('minItems', 0) > 0:
        yield 'none', []
    for words, value in wrong(item):
        if not isinstance(value, Raw):
            yield f'with {words} in it', [value]


def wrong_query(schema):
    """As a text, which is what a query holds."""
    kinds = described.kinds(schema)
    for words, value in wrong(schema):
        if isinstance(value, Raw):
            continue
        if isinstance(value, str):
            if 'string' in kinds or words in ('another word', 'a string'):
                yield words, value
        elif kinds <= {'integer', 'number'} and not isinstance(value, (list, dict, bool)):
            yield words, json.dumps(value)
    if kinds & {'integer', 'number', 'boolean'}:
        yield from (('no number', 'x1'), ('a sign', '+-1'), ('of another base', '0x10'))
    if kinds & {'integer', 'number'}:
        yield 'nothing', ''


def fits(pattern, text):
    return re.search(pattern, text) is not None


def dump(value):
    """Bytes of JSON; Raw parts as they are."""
    holes = []

    def hole(v):
        if isinstance(v, Raw):
            holes.append(v.text if isinstance(v.text, bytes) else v.text.encode())
            return f'\x1ahole{len(holes) - 1}\x1a'
        if isinstance(v, dict):
            return {k: hole(x) for k, x in v.items()}
        return [hole(x) for x in v] if isinstance(v, list) else v

    out = json.dumps(hole(value), ensure_ascii=False).encode('utf-8', 'surrogatepass')
    for i, raw in enumerate(holes):
        out = out.replace(b'"\\u001ahole%d\\u001a"' % i, raw)
    return out

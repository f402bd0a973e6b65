"""described - docs/openapi.yaml for checks that make requests of it: operations, parameters, good values."""
import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
METHODS = ('get', 'put', 'post', 'delete', 'patch')
SAMPLES = {'date-time': '2030-01-02T03:04:05Z', 'email': 'nobody@people.example', 'uri': 'https://shop.example/'}
OURS = re.compile(r'\^(\w+)_\[0-9a-f\]\{32\}\$$')
DIGITS = re.compile(r'\^"?\[0-9\]')


def load():
    """Node reads YAML; what it needs is installed by tests/contract/openapi."""
    text = subprocess.run(['node', os.path.join(HERE, 'openapi', 'json.mjs')], stdout=subprocess.PIPE, check=True)
    return json.loads(text.stdout)


class Parameter:
    def __init__(self, book, raw):
        raw = book.at(raw)
        self.name, self.where = raw['name'], raw['in']
        self.required = raw.get('required', False)
        self.schema = book.whole(raw['schema'])


class Operation:
    def __init__(self, book, method, path, item):
        raw = item[method]
        self.book, self.method, self.path = book, method.upper(), path
        self.words = f'{self.method} {path}'
        self.parameters = [Parameter(book, p) for p in item.get('parameters', []) + raw.get('parameters', [])]
        body = book.at(raw.get('requestBody', {}))
        self.wants_body = body.get('required', False)
        content = body.get('content', {})
        self.types = list(content)
        json_type = content.get('application/json', {})
        self.body = book.whole(json_type['schema']) if json_type else None
        self.example = json_type.get('example') or (self.body or {}).get('example')
        self.answers = raw['responses']

    def of(self, where):
        return [p for p in self.parameters if p.where == where]

    def good_body(self):
        """The example's, else with no more than what must be there; None where there is no JSON body."""
        if self.body is None:
            return None
        return self.example if self.example is not None else good(self.body)


class Book:
    def __init__(self, doc=None):
        self.doc = doc or load()
        self.operations = [
            Operation(self, m, path, item) for path, item in self.doc['paths'].items() for m in METHODS if m in item
        ]

    def find(self, method, path):
        return next((o for o in self.operations if (o.method, o.path) == (method, path)), None)

    def at(self, raw):
        """What a $ref points to."""
        while '$ref' in raw:
            found = self.doc
            for part in raw['$ref'].split('/')[1:]:
                found = found[part.replace('~1', '/').replace('~0', '~')]
            raw = found
        return raw

    def whole(self, raw):
        """A schema with every $ref replaced and allOf laid together."""
        raw = dict(self.at(raw))
        for part in raw.pop('allOf', []):
            part = self.whole(part)
            raw['properties'] = {**part.get('properties', {}), **raw.get('properties', {})}
            raw['required'] = part.get('required', []) + raw.get('required', [])
            for name, value in part.items():
                raw.setdefault(name, value)
        for name in ('oneOf', 'anyOf'):
            if name in raw:
                raw[name] = [self.whole(r) for r in raw[name]]
        if 'properties' in raw:
            raw['properties'] = {k: self.whole(v) for k, v in raw['properties'].items()}
        if 'items' in raw:
            raw['items'] = self.whole(raw['items'])
        return raw


def kinds(schema):
    """Types that it allows; none named: all."""
    if 'const' in schema or 'enum' in schema:
        told = {json_type(v) for v in schema.get('enum', [schema.get('const')])}
    else:
        told = schema.get('type', [])
        told = {told} if isinstance(told, str) else set(told)
    for branch in schema.get('oneOf', []) + schema.get('anyOf', []):
        told |= kinds(branch)
    return told


def json_type(value):
    for kind, name in ((bool, 'boolean'), (int, 'integer'), (float, 'number'), (str, 'string'), (list, 'array')):
        if isinstance(value, kind):
            return name
    return 'null' if value is None else 'object'


def good(schema):
    """A value that it allows, with no more than what must be there."""
    if 'example' in schema:
        return schema['example']
    if 'enum' in schema or 'const' in schema:
        return schema.get('const', schema.get('enum', [None])[0])
    branches = schema.get('oneOf', schema.get('anyOf'))
    if branches:
        return good(branches[0])
    kind = schema.get('type', 'object')
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == 'object':
        return {name: good(schema['properties'][name]) for name in schema.get('required', [])}
    if kind == 'array':
        return [good(schema['items'])] * schema.get('minItems', 0)
    if kind == 'string':
        return good_text(schema)
    return {'boolean': True, 'null': None}.get(kind, schema.get('minimum', 1))


def good_text(schema):
    if 'format' in schema:
        return SAMPLES[schema['format']]
    if 'pattern' in schema:
        ours = OURS.match(schema['pattern'])
        if ours:
            return f'{ours[1]}_{"0" * 32}'
        if DIGITS.match(schema['pattern']):
            return '"1"' if schema['pattern'].startswith('^"') else '1'
    return 'x' * max(22, schema.get('minLength', 0))

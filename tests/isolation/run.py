#!/usr/bin/env python3
"""run - nobody sees a neighbour: every route with the ids of another tenant, by every credential.

usage: tests/support/servers --migrate -- python3 tests/isolation/run.py [--leaks] [--superuser]

The routes are those that the gateway tells (cc-gateway --routes); which thing an id names stands in
tables.py.  A route or a member without a row there fails the run.  Foreign ids answer 404; the
canaries that a tenant has planted in all its texts are in no answer, stream, frame or log that is
not its own; and none of its rows has changed.  --leaks: only the canaries count (tests/isolation/
stripped, where the tenant's conditions are cut out of the statements).  --superuser: the tenants
are attacked over a connection that row-level security does not bind.
"""
import argparse
import sys

import attack
import foreign_sockets
import house as houses
import tables
import tenants

import described
import sock

h = houses.h
TABLES = (
    "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attname = 'tenant_id' "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
)


def rows_of(tenant):
    """{table: a sum over the tenant's rows}"""
    out = {}
    for (table,) in h.sql(TABLES):
        text = f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        out[table] = h.sql(f"{text} WHERE tenant_id = '{tenant.id}'")[0][0]
    people = f"SELECT user_id FROM members WHERE tenant_id = '{tenant.id}'"
    out['users'] = h.sql(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM users t WHERE id IN ({people})")[0][0]
    return out


def missing_rows(operations, routes):
    """Routes that are not described, and ids that no table knows."""
    out = []
    told = {(o.method, o.path) for o in operations}
    out += [f'{r["method"]} {r["pattern"]} is not in docs/openapi.yaml' for r in routes if (r['method'], r['pattern']) not in told]
    for operation in operations:
        try:
            list(attack.calls_of(operation))
        except KeyError as e:
            out.append(e.args[0])
    return out


class Frames:
    """What a tenant's dashboard hears."""

    def __init__(self, house, tenant):
        self.tenant = tenant
        self.socket = sock.Socket(house.port, key=tenant.secret)
        self.socket.text()

    def heard(self):
        """All frames up to the answer to a ping."""
        self.socket.send({'type': 'ping'})
        frames = self.socket.until(lambda f: f['type'] == 'pong')
        self.socket.drop()
        return str(frames)


def one_way(house, own, other, routes, operations, checks, only_leaks):
    words = f'{own.side} against {other.side}'
    before = rows_of(other)
    a = attack.Attack(house, own, other, routes).run(operations)
    print(f'{words}: {a.made} requests', flush=True)
    if not only_leaks:
        checks.check(f'{words}: foreign ids are not there', not a.wrong, '\n  '.join([''] + a.wrong[:40]))
    checks.check(f'{words}: no answer gives anything away', not a.leaks, '\n  '.join([''] + a.leaks[:20]))
    visitor = foreign_sockets.Visitor(house, own, other)
    if not only_leaks:
        checks.check(f'{words}: a socket finds nothing of it', not visitor.wrong, visitor.wrong)
    checks.check(f'{words}: no frame of a socket gives anything away', not visitor.leaks(), visitor.leaks())
    after = rows_of(other)
    changed = [t for t in before if before[t] != after[t]]
    checks.check(f'{words}: nothing of it has changed', not changed, changed)
    if changed:
        return a  # there is nobody left to listen to
    ours, theirs = Frames(house, own), Frames(house, other)
    other.stir()
    heard, told = ours.heard(), theirs.heard()
    checks.check(f'{words}: its own dashboard hears what it does', other.document in told, told[:200])
    seen = [x for x in (other.mark, other.id, other.document, other.session, other.bot) if x in heard]
    checks.check(f'{words}: no frame of it is heard', not seen, seen)
    return a


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--leaks', action='store_true')
    p.add_argument('--superuser', action='store_true')
    args = p.parse_args()
    checks = h.Checks()
    house = houses.House()
    routes, operations = house.routes(), described.Book().operations
    missing = missing_rows(operations, routes)
    checks.check('every id of every route has its row', not missing, '\n  '.join([''] + missing))
    if missing:
        checks.end()
    one, two = (tenants.Tenant(house, side) for side in ('one', 'two'))
    if args.superuser:
        house.unbind()
    told = {(r['method'], r['pattern']) for r in routes}
    operations = [o for o in operations if (o.method, o.path) in told]
    ways = [one_way(house, a, b, routes, operations, checks, args.leaks) for a, b in ((one, two), (two, one))]
    covered = {c.operation.words for o in operations for c in attack.calls_of(o)}
    checks.check(
        f'{len(covered)} of {len(routes)} routes were called', len(covered) == len(routes), len(covered)
    )
    named = {o.words for o in operations if any(c.foreign for c in attack.calls_of(o))}
    if not args.leaks:
        for way in ways:
            unseen = sorted(named - way.seen - inside(routes))
            checks.check('every route with an id said 404 to one who may call it', not unseen, unseen)
    house.end()
    logged = [f'{name}: {t.side}' for name, text in house.logs() for t in (one, two) if t.mark in text]
    checks.check('no log holds a canary', not logged, logged)
    checks.check(f'canaries were planted in {len(set(one.planted))} places', len(set(one.planted)) > 25)
    checks.end()


def inside(routes):
    """Opened by the installation's own secret, which is not bound to a tenant."""
    return {f'{r["method"]} {r["pattern"]}' for r in routes if r['door'] == 'inside'}


if __name__ == '__main__':
    main()

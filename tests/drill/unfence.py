#!/usr/bin/env python3
"""unfence COPY - takes the fence out of a copy of the tree; tests/drill/unfenced builds it.

Whatever keeps a late worker from doing harm goes: the attempt's condition in PostgreSQL, the refusal
of earlier ids in the replay script, the unique keys of the second belt.  An edit that does not find
its place ends the script with 1: the code has changed, and the drill's control with it.
"""
import os
import sys

# file, what stands there (exactly once), what shall
EDITS = [
    # whoever comes late still counts as owner; $3 stays named so that its type is known
    ('proto/store/answer_inside.h',
     '''" WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = 'running'"''',
     '" WHERE tenant_id = $1 AND id = $2 AND $3::bigint > 0"'),
    ('proto/store/answer_end.c',
     '"SELECT 1 FROM answers WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND state = $4"',
     '"SELECT 1 FROM answers WHERE tenant_id = $1 AND id = $2 AND $3::bigint > 0 AND state = $4"'),
    # an event of an earlier attempt is told all the same
    ('proto/bus/replay.c',
     "if not last or last[1] ~= ARGV[1] or last[2][2] ~= ARGV[2] then return -2 end",
     "if not last then return -2 end"),
    # the second belt
    ('proto/store/schema/002_chat.sql',
     '    UNIQUE (tenant_id, answer_id, role), -- the second belt: one question, one answer\n', ''),
    ('proto/store/schema/002_chat.sql',
     '    at timestamptz NOT NULL DEFAULT now(),\n    PRIMARY KEY (tenant_id, answer_id)\n);\n'
     'CREATE INDEX usage_ledger_by_time',
     '    at timestamptz NOT NULL DEFAULT now()\n);\nCREATE INDEX usage_ledger_by_time'),
]


def edit(root, name, old, new):
    path = os.path.join(root, name)
    with open(path) as f:
        text = f.read()
    if text.count(old) != 1:
        sys.exit(f'unfence: {name} has {text.count(old)} times, not once: {old.strip()}')
    with open(path, 'w') as f:
        f.write(text.replace(old, new))


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit('usage: unfence COPY')
    if os.path.exists(os.path.join(sys.argv[1], '.git')):
        sys.exit('unfence: this is a work tree, not a copy')
    for name, old, new in EDITS:
        edit(sys.argv[1], name, old, new)
    print(f'{len(EDITS)} edits')


main()

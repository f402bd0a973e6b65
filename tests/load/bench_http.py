"""bench_http - requests a second of the gateway's cheap routes, with wrk if it is installed."""
import shutil
import subprocess

from scenario import LIMITS, h

ROUTES = ('/health/live', '/widget.js', '/api/widget/config')


def main():
    if not shutil.which('wrk'):
        raise SystemExit('wrk is not installed (Debian package wrk)')
    fleet, port = h.Fleet(), h.free_port()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port, **LIMITS)
    h.await_ready(port, fleet=fleet)
    key = h.tenant('load', 'builtin:')['public']
    for path in ROUTES:
        before = fleet.usage('gateway')[0]
        out = subprocess.run(['wrk', '-t1', '-c64', '-d5s', '--latency', '-H', 'x-api-key: ' + key,
                              f'http://127.0.0.1:{port}{path}'], stdout=subprocess.PIPE, check=True).stdout.decode()
        cpu = fleet.usage('gateway')[0] - before
        pick = [line.strip() for line in out.splitlines() if any(w in line for w in ('Requests/sec', '99%', 'Non-2xx'))]
        rate = next(float(line.split()[1]) for line in pick if 'Requests/sec' in line)
        print(f'{path}: {"; ".join(pick)}; {cpu * 1e6 / (rate * 5):.1f} us CPU a request')
    fleet.stop()


main()

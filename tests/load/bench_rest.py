"""bench_rest - memory of gateway, two workers and ingest at rest, and of the servers under them."""
import os
import time

from scenario import h


def main():
    fleet, port = h.Fleet(), h.free_port()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port)
    for name in ('worker-1', 'worker-2'):
        fleet.start(name, 'cc-worker')
    fleet.start('ingest', 'cc-ingest')
    h.await_ready(port, fleet=fleet)
    time.sleep(2)       # what start-up needed has been given back
    total = 0
    for name in fleet.procs:
        mb = fleet.usage(name)[1]
        total += mb
        print(f'{name:12s} {mb:8.1f} MB')
    print(f"{'ours':12s} {total:8.1f} MB")
    for name in ('pg', 'redis-queue', 'redis-live'):
        with open(os.path.join(os.environ['CC_TEST_DIR'], name + '.pid')) as f:
            pid = int(f.read().split()[0])
        mb = 0
        for p in h.family(pid):
            with open(f'/proc/{p}/smaps_rollup') as f:
                mb += sum(int(line.split()[1]) for line in f if line.startswith('Pss:')) / 1024
        total += mb
        print(f'{name:12s} {mb:8.1f} MB')
    print(f"{'all':12s} {total:8.1f} MB")
    fleet.stop()


main()

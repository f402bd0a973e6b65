"""raw_http - the raw-socket table against a gateway that this drill starts.

usage: tests/support/servers --migrate -- python3 tests/drill/raw_http.py
"""
import os
import subprocess
import sys

import harness as h


def main():
    port = h.free_port()
    fleet = h.Fleet()
    fleet.start('gateway', 'cc-gateway', CC_GATEWAY_PORT=port)
    h.await_ready(port, fleet=fleet)
    here = os.path.dirname(os.path.abspath(__file__))
    rc = subprocess.call([sys.executable, os.path.join(here, 'http_raw.py'), '127.0.0.1', str(port)])
    fleet.stop()
    sys.exit(rc)


main()

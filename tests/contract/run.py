#!/usr/bin/env python3
"""run - every sentence of the HTTP contract (docs/openapi.yaml) against running processes.

usage: tests/support/servers --migrate -- python3 tests/contract/run.py [--full] [--only REGEX]

--full    also what takes long (a quiet stream's comment lines)
--only    just the checks whose function or module matches
CC_BIN names the binaries; CC_CONTRACT_RECORD a file that notes requests and answers.
"""
import argparse
import importlib
import re
import sys
import traceback

import scene as scenery

# limits and outages last: they spend or break what others need
MODULES = [
    'test_operators',
    'test_files',
    'test_errors',
    'test_keys',
    'test_origins',
    'test_widget',
    'test_pages',
    'test_bot_credential',
    'test_tokens',
    'test_csrf',
    'test_logins',
    'test_people',
    'test_bots',
    'test_bot_versions',
    'test_api_keys',
    'test_clients',
    'test_audit',
    'test_messages',
    'test_sessions',
    'test_session_form',
    'test_handoff',
    'test_stream',
    'test_resume',
    'test_stop',
    'test_once',
    'test_aliases',
    'test_documents',
    'test_uploads',
    'test_dashboard_documents',
    'test_chunks',
    'test_sources',
    'test_pins',
    'test_retrieval',
    'test_providers',
    'test_internal',
    'test_dashboard_ws',
    'test_login_ws',
    'test_chat_ws',
    'test_chat_ws_visitors',
    'test_chat_ws_ends',
    'test_identity',
    'test_session_files',
    'test_erasure',
    'test_conversations',
    'test_conversation_export',
    'test_conversation_live',
    'test_analytics',
    'test_foreign',
    'test_usage',
    'test_quota',
    'test_limits',
    'test_rates',
    'test_metrics',
    'test_outages',
]


def tests_of(module, only):
    for name, fn in vars(module).items():
        if name.startswith('test_') and callable(fn) and re.search(only, f'{module.__name__}.{name}'):
            yield name, fn


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--full', action='store_true')
    p.add_argument('--only', default='')
    args = p.parse_args()
    todo = [(m, name, fn) for m in MODULES for name, fn in tests_of(importlib.import_module(m), args.only)]
    if not todo:
        sys.exit('no check matches')
    s = scenery.Scene(args.full)
    for module, name, fn in todo:
        print(f'-- {module}: {name[5:].replace("_", " ")}', flush=True)
        try:
            fn(s)
        except Exception:  # one check that breaks must not hide the others
            s.check(f'{module}.{name} came to its end', False, traceback.format_exc())
    s.end()
    s.checks.end()


if __name__ == '__main__':
    main()

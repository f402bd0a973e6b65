#!/usr/bin/env node
// docs/openapi.yaml as JSON, for tests in other languages.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

process.stdout.write(JSON.stringify(parse(readFileSync(new URL('../../../docs/openapi.yaml', import.meta.url), 'utf8'))));

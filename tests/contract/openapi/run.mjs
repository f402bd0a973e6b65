#!/usr/bin/env node
// docs/openapi.yaml against the rules of OpenAPI, against the gateway's table of routes, and against
// what a running gateway answered.
//
//     node run.mjs [ANSWERS]      ANSWERS: the file that CC_CONTRACT_RECORD named for tests/contract/run.py
//
// CC_BIN names the folder of cc-gateway, which tells its routes.
// Ends with "N passed, N failed".
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { answers } from './answers.mjs';
import { lint } from './lint.mjs';
import { routes } from './routes.mjs';
import { lintAgain } from './spectral.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const path = root + 'docs/openapi.yaml';
const text = readFileSync(path, 'utf8');
const doc = parse(text);
const record = process.argv[2] ?? process.env.CC_CONTRACT_RECORD;
const count = { passed: 0, failed: 0 };

/** @param {string} words @param {string[]} faults what is wrong; none: it passed */
function check(words, faults) {
  count[faults.length ? 'failed' : 'passed']++;
  console.log((faults.length ? 'FAIL ' : 'ok   ') + words);
  for (const fault of faults.slice(0, 20)) console.log('     ' + fault);
  if (faults.length > 20) console.log(`     and ${faults.length - 20} more`);
}

await lint(path, check);
await lintAgain(text, check);
routes(doc, (process.env.CC_BIN ?? root + 'var/build/bin') + '/cc-gateway', check);
if (record) answers(doc, root, readFileSync(record, 'utf8'), check);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed ? 1 : 0;

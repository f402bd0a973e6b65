/*
 * Runs every *.test.js under src/ in this one process.  node --test would start one for each, and
 * in Node 20 now and then fails to understand what one of them reports.
 */
import { webcrypto } from 'node:crypto';
import { readdirSync } from 'node:fs';

// Browsers have it, Node 18 does not.
globalThis.crypto ??= /** @type {any} */ (webcrypto);

const src = new URL('./src/', import.meta.url);
const files = readdirSync(src, { recursive: true }).map(String).filter((name) => name.endsWith('.test.js')).sort();

for (const file of files) await import(new URL(file, src).href);

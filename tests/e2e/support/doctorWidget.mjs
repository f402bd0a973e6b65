/*
 * The widget with faults: a copy of its sources in which each fault sleeps until a page names it,
 * built as the widget is built.  A check that does not notice them would notice nothing.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WIDGET = fileURLToPath(new URL('../../../widget', import.meta.url));
const NOT_COPIED = new Set(['node_modules', 'dist']);

/** @param {string} name @param {string} instead @returns {(found: string) => string} */
const when = (name, instead) => (found) => `(globalThis.ccFault === '${name}' ? (${instead}) : (${found}))`;

/** File, what is found there, and what comes in its place. @type {[string, RegExp, (found: string) => string][]} */
const FAULTS = [
  ['isBehind.js', /place\(a\) > place\(b\)/, (found) => when('twice', 'true')(when('reversed', "b !== '' && place(a) < place(b)")(found))],
  ['followAnswer.js', /(?<=lastId \} = )answer(?=;)/, when('forgets', "answer.answerId && (answer.restart(), answer.lastId = ''), answer")],
  [
    'followAnswer.js',
    /(?<=join\(answerId, )lastId/,
    (found) => when('early', "'1-1'")(when('late', 'lastId.replace(/\\d+$/, (n) => `${Number(n) + 3}`)')(found)),
  ],
];

/** @param {string} folder of the copy */
function plant(folder) {
  for (const [file, place, edit] of FAULTS) {
    const path = join(folder, 'src/app/chat', file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(place, edit);

    if (after === before) throw new Error(`${file} has no place for a fault any more: ${place}`);
    writeFileSync(path, after);
  }
}

/** @returns {Map<string, Buffer>} the files of the application, by their paths */
function buildFaulty() {
  const folder = mkdtempSync(join(tmpdir(), 'cc-doctored-'));
  const dist = join(folder, 'dist');

  try {
    cpSync(WIDGET, folder, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
    symlinkSync(join(WIDGET, 'node_modules'), join(folder, 'node_modules'));
    plant(folder);
    execFileSync('node', ['build.mjs'], { cwd: folder, env: { ...process.env, OUT: dist }, stdio: ['ignore', 'ignore', 'inherit'] });
    return new Map(['/widget-app.js', '/widget/text-en.js'].map((path) => [path, readFileSync(join(dist, basename(path)))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {import('./proxy.mjs').Answer} serves it in the gateway's place; a page chooses by globalThis.ccFault */
export function doctorWidget() {
  const files = buildFaulty();

  return (request, response) => {
    const body = files.get(new URL(String(request.url), 'http://gateway.invalid').pathname);

    if (!body) return false;
    response.writeHead(200, { 'content-type': 'text/javascript' });
    response.end(body);
    return true;
  };
}

/*
 * Kills processes of an installation as a crash would, and starts the same command again, with the
 * same environment and user.  run/NAME.pid is kept up to date: infra/down ends the new one, too.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} text "NAME=value" with NUL behind each; a process that renamed itself has spaces there */
function readPairs(text) {
  const pairs = text.split('\0').filter((pair) => /^\w+=/.test(pair));

  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** When a process began, in ticks since boot: its number alone may be a stranger's by now. @param {number} pid */
const begun = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[19];

/** @param {string} stack @param {number} pid what is needed to start it again */
function describe(stack, pid) {
  const proc = (/** @type {string} */ file) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const id = (/** @type {string} */ kind) => Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(proc('status'))?.[1]);
  const settings = execFileSync('bash', ['-c', 'set -a; . "$1"; env -0', '-', join(stack, 'env')], { encoding: 'utf8' });

  return {
    command: readlinkSync(`/proc/${pid}/exe`),
    env: { KORE_REUSEPORT: '1', ...readPairs(settings), ...readPairs(proc('environ')) },
    uid: id('Uid'),
    gid: id('Gid'),
    cwd: readlinkSync(`/proc/${pid}/cwd`),
  };
}

/**
 * @param {string} stack folder of the installation
 * @param {string} kind "worker", "gateway"
 * @returns {{start: () => Promise<void>}} they are dead by now; start() starts them again
 */
export function crash(stack, kind) {
  const names = readdirSync(join(stack, 'run')).filter((name) => new RegExp(`^${kind}-\\d+\\.pid$`).test(name));
  const dead = names.map((name) => {
    const [pid, when] = readFileSync(join(stack, 'run', name), 'utf8').split(/\s+/).map(Number);

    if (Number(begun(pid)) !== when) throw new Error(`${name} is about a process that is gone`);
    const about = describe(stack, pid);

    process.kill(-pid, 'SIGKILL');
    return { name, about };
  });

  if (dead.length === 0) throw new Error(`no ${kind} runs in ${stack}`);
  return {
    async start() {
      for (const { name, about } of dead) {
        const log = openSync(join(stack, 'log', name.replace('.pid', '.log')), 'a');
        const { command, ...options } = about;
        const child = spawn(command, [], { ...options, detached: true, stdio: ['ignore', log, log] });

        await once(child, 'spawn');
        child.unref();
        writeFileSync(join(stack, 'run', name), `${child.pid} ${begun(Number(child.pid))}\n`);
      }
    },
  };
}

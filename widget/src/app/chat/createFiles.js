import { pause } from './pause.js';
import { Problem } from './Problem.js';

const FIRST_LOOK_MS = 1000;
const LAST_LOOK_MS = 10000;

/**
 * @typedef {object} FileEntry
 * @property {string} id "" until the server has it
 * @property {string} name
 * @property {number} size bytes
 * @property {"sending" | "reading" | "ready" | "failed"} state
 * @property {Problem | null} problem
 */

/** @type {Record<string, FileEntry["state"]>} */
const STATES = { ready: 'ready', failed: 'failed' };

/** @param {any} item @returns {FileEntry} */
const readFile = (item) => ({
  id: String(item.id),
  name: String(item.filename),
  size: Number(item.size) || 0,
  state: STATES[item.status] ?? 'reading',
  problem: item.status === 'failed' ? new Problem({ code: String(item.code || 'failed') }) : null,
});

/**
 * The files that a visitor gave to his conversation.
 *
 * @param {object} parts
 * @param {Pick<import('./createServer.js').Server, "files" | "sendFile" | "dropFile">} parts.server
 * @param {() => string} parts.session
 * @param {(files: FileEntry[]) => void} parts.changed
 * @param {typeof pause} [parts.wait]
 */
export function createFiles({ server, session, changed, wait = pause }) {
  /** @type {FileEntry[]} */
  let files = [];
  let leave = new AbortController();
  let looking = false;

  const tell = () => changed(files);

  /** @param {any} body the server's list; what is still being sent stays */
  function take(body) {
    const items = Array.isArray(body?.items) ? body.items.map(readFile) : [];

    files = [...items, ...files.filter((file) => !file.id)];
    tell();
  }

  /** Looks again and again until all are read. */
  async function watch() {
    const { signal } = leave;

    if (looking) return;
    looking = true;
    for (let ms = FIRST_LOOK_MS; files.some((file) => file.state === 'reading'); ms = Math.min(ms * 2, LAST_LOOK_MS)) {
      await wait(ms, signal);
      const body = signal.aborted ? null : await server.files(session()).catch(() => null);

      if (signal.aborted) return;
      if (body) take(body);
    }
    looking = false;
  }

  return {
    get list() {
      return files;
    },

    /** What the server has, after a reload. */
    async load() {
      const { signal } = leave;
      const body = await server.files(session()).catch(() => null);

      if (!body || signal.aborted) return;
      take(body);
      watch();
    },

    /** @param {File} file */
    async attach(file) {
      const { signal } = leave;
      /** @type {FileEntry} */
      const entry = { id: '', name: file.name, size: file.size, state: 'sending', problem: null };

      files = [...files, entry];
      tell();
      try {
        const body = await server.sendFile(session(), file, signal);

        Object.assign(entry, readFile(body.items[0]));
      } catch (error) {
        Object.assign(entry, { state: 'failed', problem: Problem.of(error) });
      }
      if (signal.aborted) return;
      if (files.includes(entry)) tell();
      else if (entry.id) server.dropFile(session(), entry.id).catch(() => {});
      watch();
    },

    /** @param {FileEntry} entry */
    detach(entry) {
      files = files.filter((file) => file !== entry);
      tell();
      if (entry.id) server.dropFile(session(), entry.id).catch(() => {});
    },

    clear() {
      leave.abort();
      leave = new AbortController();
      looking = false;
      files = [];
      tell();
    },
  };
}

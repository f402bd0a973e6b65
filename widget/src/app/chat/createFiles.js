import { pause } from './pause.js';

const FIRST_LOOK_MS = 1000;
const LAST_LOOK_MS = 10000;

/**
 * @typedef {object} FileEntry
 * @property {string} id "" until the server has it
 * @property {string} name
 * @property {"sending" | "reading" | "ready" | "failed"} state
 */

/** @param {any} item @returns {FileEntry} */
const readFile = (item) => ({
  id: item.id,
  name: item.filename,
  state: /^(ready|failed)$/.test(item.status) ? item.status : 'reading',
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

  /** @param {FileEntry[]} now */
  const set = (now) => changed((files = now));

  /** Looks, and again until all are read. @param {boolean} [now] */
  async function look(now) {
    const { signal } = leave;

    if (looking) return;
    looking = true;
    for (let ms = FIRST_LOOK_MS; now || files.some(({ state }) => /ing$/.test(state)); ms = Math.min(ms * 2, LAST_LOOK_MS)) {
      if (!now) await wait(ms, signal);
      now = false;
      const before = files;
      const body = signal.aborted ? null : await server.files(session()).catch(() => null);

      if (signal.aborted) return;
      // Of a time when one was on its way: it may be in there, or not yet.  What was refused stays.
      if (body && files === before && !files.some(({ state }) => state === 'sending')) set([...body.items.map(readFile), ...files.filter(({ id }) => !id)]);
    }
    looking = false;
  }

  /** @param {FileEntry} entry */
  const drop = ({ id }) => void (id && server.dropFile(session(), id).catch(() => {}));

  return {
    get list() {
      return files;
    },

    /** What the server has, after a reload. */
    load: () => look(true),

    /** @param {File} file */
    async attach(file) {
      const { signal } = leave;
      /** @type {FileEntry} */
      const entry = { id: '', name: file.name, state: 'sending' };

      const body = new FormData();

      body.append('file', file, file.name);
      set([...files, entry]);
      try {
        Object.assign(entry, readFile((await server.sendFile(session(), body, signal)).items[0]));
      } catch {
        entry.state = 'failed';
      }
      if (signal.aborted) return;
      if (files.includes(entry)) set([...files]);
      else drop(entry);
      look();
    },

    /** @param {FileEntry} entry */
    detach(entry) {
      set(files.filter((file) => file !== entry));
      drop(entry);
    },

    clear() {
      leave.abort();
      leave = new AbortController();
      looking = false;
      set([]);
    },
  };
}

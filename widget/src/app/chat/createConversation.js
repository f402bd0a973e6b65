import { Answer } from './Answer.js';
import { createFiles } from './createFiles.js';
import { createOffice } from './createOffice.js';
import { followAnswer } from './followAnswer.js';
import { newAnswer } from './newAnswer.js';
import { newId } from './newId.js';
import { onWake } from './onWake.js';
import { pause } from './pause.js';
import { placeAnswer } from './placeAnswer.js';
import { Problem } from './Problem.js';
import { readHistory } from './readHistory.js';
import { reviveAnswer } from './reviveAnswer.js';

/** The record is written at most this often while tokens arrive, and when the page goes. */
const SAVE_MS = 200;
/** A stopped answer ends by the server's event; without one we end it ourselves. */
const STOP_MS = 4000;
/** Another tab that has asked will hear the answer's id: until then we let it be alone. */
const ADOPT_MS = 2000;
const WAITING_MAX = 20;

/**
 * @typedef {import('./readHistory.js').Entry} Entry
 * @typedef {import('./readHistory.js').AnswerEntry} AnswerEntry
 * @typedef {import('./createFiles.js').FileEntry} FileEntry
 * @typedef {import('./readRecord.js').Waiting} Waiting
 * @typedef {ReturnType<typeof createConversation>} Conversation
 *
 * @typedef {object} Listener
 * @property {(entries: Entry[]) => void} reset the whole list is another one
 * @property {(entry: Entry) => void} added
 * @property {(entry: AnswerEntry) => void} changed
 * @property {(files: FileEntry[]) => void} files
 * @property {(state: string) => void} handoff "", "waiting", "joined" or "ended"
 * @property {(now: boolean) => void} online
 */

/** @param {Entry} entry @returns {entry is AnswerEntry} */
const isAnswer = (entry) => entry.kind === 'answer';
/** More than is read again. @param {AnswerEntry} entry @returns {Waiting} */
const keep = ({ question, messageId, answer }) => ({ ...answer, question, messageId });

/**
 * The messages of one visitor with one bot.  Questions wait in a queue: one is answered at a time,
 * in their order, and each is sent under one id however often it must be sent.  The queue is in the
 * record that all tabs share: whoever looks at one sees what was asked in another, and a reload goes
 * on where the page was.
 *
 * @param {object} parts
 * @param {import('./createServer.js').Server} parts.server
 * @param {import('./createStore.js').Store} parts.store
 * @param {Listener} parts.listener
 * @param {{prechat?: object | null}} [parts.config]
 * @param {typeof pause} [parts.wait]
 * @param {any} [parts.world] the window, or what stands for one
 */
export function createConversation({ server, store, listener, config, wait = pause, world = globalThis }) {
  /** @type {Entry[]} */
  let entries = [];
  /** @type {{entry: AnswerEntry, leave: AbortController, halting: boolean} | null} */
  let running = null;
  /** The session that the entries belong to. */
  let current = '';
  /** The last one that was begun here. */
  let minted = '';
  let loaded = false;
  /** The history could not be had: ask again when there is time. */
  let missing = false;
  let seenLast = '';
  let savedAt = 0;
  /** @type {Set<AnswerEntry>} just asked in another tab */
  const adopted = new Set();
  const life = new AbortController();
  const office = createOffice({ server, store, session, listener });
  const files = createFiles({ server, session, wait, changed: listener.files });

  /** The name that all tabs and both transports share from the first moment. @param {string} [unknown] to the server */
  function session(unknown) {
    current = store.get().sessionId;
    if (!current || current === unknown) store.set({ sessionId: (current = minted = `v${newId()}`) });
    return current;
  }

  const answers = () => entries.filter(isAnswer);

  /** @param {string} id of an answer, or of its question */
  const find = (id) => answers().find(({ answer, messageId }) => id && (answer.answerId === id || messageId === id));

  /** Of a question that did not get through, too: it is asked again, under its id. @param {AnswerEntry} entry */
  const isKept = ({ messageId }) => store.get().queue.some((kept) => kept.messageId === messageId);

  /** @param {AnswerEntry} entry @param {Waiting | never[]} item what is kept of it, if it is @param {object} [more] */
  const edit = ({ messageId }, item, more) =>
    store.set({ queue: store.get().queue.flatMap((kept) => (kept.messageId === messageId ? item : kept)), ...more });

  /** @param {AnswerEntry} entry @param {object} [more] */
  const drop = (entry, more) => edit(entry, [], more);

  function save() {
    savedAt = Date.now();
    if (running) edit(running.entry, keep(running.entry));
  }

  /** @param {Entry} entry */
  function add(entry) {
    entries.push(entry);
    listener.added(entry);
  }

  /** Lets go of what runs, without ending it. */
  function leave() {
    running?.leave.abort();
    running = null;
  }

  // ---- the answer that runs ----

  /** Ends it here and in other tabs, whatever the server does. @param {AnswerEntry} entry */
  function giveUp(entry) {
    if (entry === running?.entry) leave();
    Object.assign(entry.answer, { state: 'done', stopped: true });
    drop(entry, { last: entry.messageId });
    listener.changed(entry);
    pump();
  }

  /** Has the server stop what is to be stopped, as soon as it has a name there. */
  function halt() {
    if (!running?.halting || !running.entry.answer.answerId) return;
    running.halting = false;
    server.stop(running.entry.answer.answerId).catch(() => {});
  }

  /** @param {AnswerEntry} entry */
  function progressed(entry) {
    const { answerId, lastId } = entry.answer;

    halt();
    // At once when the server has accepted it: other tabs wait for its id.
    if (Date.now() - savedAt >= SAVE_MS || !lastId) save();
    // The server had this message already, and the history has shown its answer.
    if (answerId && find(answerId) !== entry) {
      leave();
      drop(entry);
      refresh().then(pump);
    } else listener.changed(entry);
  }

  /** @param {AnswerEntry} entry */
  async function run(entry) {
    const mine = { entry, leave: new AbortController(), halting: false };
    const { question: message, messageId, answer } = entry;

    running = mine;
    if (answer.state === 'queued') answer.state = 'asking';
    listener.changed(entry);
    await followAnswer({
      server,
      answer,
      question: { message, messageId, sessionId: session() },
      renew: session,
      changed: () => progressed(entry),
      signal: mine.leave.signal,
      wait,
      world,
    });
    if (running !== mine) return;
    running = null;
    if (answer.state === 'done') drop(entry, { last: answer.answerId });
    else if (answer.spent || !answer.problem?.retryable) drop(entry);
    // The server has an answer to this very message, from a time that its queue has forgotten.
    if (answer.problem?.code === 'conflict') {
      entries = entries.filter((e) => e !== entry);
      await refresh();
    } else listener.changed(entry);
    pump();
  }

  /** The next question's turn, if nothing runs.  One that was given up holds back those behind it. */
  function pump() {
    if (running || !loaded || life.signal.aborted) return;
    const next = answers().find((entry) => !entry.answer.ended || isKept(entry));

    if (!next) missing && refresh();
    else if (next.answer.ended) return;
    else if (adopted.delete(next) && !next.answer.answerId) wait(ADOPT_MS, life.signal, null).then(pump);
    else run(next);
  }

  /** What another tab has brought to an end is in the history; what failed for good is nowhere else. @param {AnswerEntry} entry */
  const stays = (entry) =>
    isKept(entry) || entry === running?.entry || entry.answer.spent || entry.answer.state === 'done' || entry.answer.problem?.retryable === false;

  /** Reads the history.  What runs, waits or has failed stays behind it. */
  async function refresh() {
    const asked = store.get().sessionId;
    const settled = answers().filter(({ answer }) => answer.state === 'done');
    /** @type {any} */
    let body;

    try {
      body = asked && (await server.history(asked));
    } catch (error) {
      missing = Problem.of(error).retryable;
    }
    if (body && asked === current) {
      const live = answers().filter((entry) => !settled.includes(entry) && stays(entry));

      missing = false;
      entries = readHistory(body);
      for (const entry of live) {
        if (!find(entry.answer.answerId)) placeAnswer(entries, entry);
        else {
          if (running?.entry === entry) leave();
          drop(entry);
        }
      }
      office.take(body.handoff);
      if (body.form) store.set({ form: true });
    }
    listener.reset(entries);
  }

  /** Questions of the record that we do not have: of the time before a reload, or of another tab. @param {boolean} others */
  function adopt(others) {
    for (const item of store.get().queue) {
      const known = answers().find((entry) => entry.messageId === item.messageId);

      if (known) {
        if (!known.answer.answerId && known !== running?.entry) Object.assign(known.answer, { answerId: item.answerId });
        continue;
      }
      const entry = reviveAnswer(item);

      if (others) adopted.add(entry);
      add({ kind: 'question', answerId: item.answerId, text: item.question });
      add(entry);
    }
  }

  /** Begins with the session of the record. */
  async function load() {
    current = store.get().sessionId;
    loaded = false;
    adopt(false);
    await refresh();
    loaded = true;
    if (store.get().files) files.load();
    pump();
  }

  /** Another conversation: nothing of this one stays. */
  function restart() {
    leave();
    entries = [];
    missing = false;
    files.clear();
    office.tell();
    return load();
  }

  function clear() {
    store.set({ sessionId: '', queue: [], form: false, files: false, handoff: '' });
    restart();
  }

  /** Another tab may have gone on. */
  function sync() {
    const { sessionId, last } = store.get();

    if (sessionId !== current && current) {
      // Two tabs that began at once gave it two names: what was asked under ours goes on under the other.
      const lost = sessionId && current === minted ? answers() : [];

      restart();
      return lost.forEach((entry) => entry.answer.ended || isKept(entry) || ask(entry.question));
    }
    if (world.document?.hidden) return;
    current = sessionId;
    office.tell();
    adopt(true);
    const entry = find(last);
    const news = last !== seenLast && (!entry || entry.answer.state === 'failed');

    seenLast = last;
    if (entry?.messageId === last && !entry.answer.ended) giveUp(entry);
    else if (news) refresh().then(pump);
    else pump();
  }

  /** @param {string} text trimmed, within the limit @returns {boolean} false: too many wait already */
  function ask(text) {
    if (store.get().queue.length > WAITING_MAX) return false;
    const entry = newAnswer(text, newId());

    // What another tab has asked a moment ago comes before it.
    sync();
    unhalt();
    session();
    store.set({ queue: [...store.get().queue, keep(entry)] });
    add({ kind: 'question', answerId: '', text });
    add(entry);
    pump();
    return true;
  }

  /** The page was asleep, or without a network. */
  function woken() {
    listener.online(isOnline());
    if (!loaded) return;
    unhalt();
    sync();
    office.forgetGone();
    if (!running && office.open) refresh();
  }

  /** What was given up gets another try before what comes after it, unless the server wished for peace. */
  function unhalt() {
    for (const entry of answers()) if (entry.answer.state === 'failed' && entry.answer.retryAt <= Date.now() && isKept(entry)) again(entry);
  }

  /** @param {AnswerEntry} entry */
  function again(entry) {
    entry.answer = new Answer();
    listener.changed(entry);
  }

  const isOnline = () => world.navigator?.onLine !== false;

  onWake(woken, life.signal, world);
  // Of whatever was stored: a record that is as it was is not read again.
  for (const [name, run] of Object.entries({ offline: woken, pagehide: save, storage: sync })) world.addEventListener?.(name, run, { signal: life.signal });

  return {
    get busy() {
      return running !== null;
    },

    /** The pre-chat form is to be filled in first. */
    get formWanted() {
      return Boolean(config?.prechat) && !store.get().form;
    },

    /** Loads the history and goes on with the questions that wait.  Once, at the start. */
    load() {
      seenLast = store.get().last;
      office.tell();
      if (!isOnline()) listener.online(false);
      office.forgetGone();
      return load();
    },

    ask,

    /** @param {AnswerEntry} entry one that failed */
    retry(entry) {
      if (entry.answer.state !== 'failed') return;
      drop(entry);
      if (entry.answer.spent) entry.messageId = newId();
      again(entry);
      store.set({ queue: [keep(entry), ...store.get().queue] });
      pump();
    },

    async stop() {
      const mine = running;

      if (!mine) return;
      const { answerId, state } = mine.entry.answer;

      mine.halting = true;
      halt();
      // On its way, perhaps: the server will say its name.
      if (answerId || state === 'asking') await wait(STOP_MS, mine.leave.signal, null);
      if (running === mine) giveUp(mine.entry);
    },

    rate: office.rate,

    /** Begins a new conversation; the old one stays with the server. */
    clear,

    /** Has the old one deleted, too, now or when the page wakes.  @returns {Promise<boolean>} whether it is gone already */
    async forget() {
      const { sessionId, gone } = store.get();

      if (sessionId) store.set({ gone: [...gone, sessionId] });
      clear();
      return office.forgetGone();
    },

    /** @param {File} file */
    attach(file) {
      session();
      store.set({ files: true });
      return files.attach(file);
    },

    detach: files.detach,

    sendForm: office.sendForm,
    askPerson: office.askPerson,

    /** Ends everything here; what runs goes on at the server. */
    leave() {
      save();
      leave();
      life.abort();
      files.clear();
      current = ''; // what is still on its way is nobody's
    },
  };
}

import { Answer } from './Answer.js';
import { followAnswer } from './followAnswer.js';
import { newId } from './newId.js';
import { pause } from './pause.js';
import { readHistory } from './readHistory.js';

/** The record is written at most this often while tokens arrive, and when the page goes. */
const SAVE_MS = 200;
/** A stopped answer ends by the server's event; without one we end it ourselves. */
const STOP_MS = 4000;

/**
 * @typedef {import('./readHistory.js').Entry} Entry
 * @typedef {import('./readHistory.js').AnswerEntry} AnswerEntry
 * @typedef {ReturnType<typeof createConversation>} Conversation
 *
 * @typedef {object} Listener
 * @property {(entries: Entry[]) => void} reset the whole list is another one
 * @property {(entry: Entry) => void} added
 * @property {(entry: AnswerEntry) => void} changed
 */

/**
 * The messages of one visitor with one bot, and the one answer that may be running.
 *
 * @param {object} parts
 * @param {import('./createServer.js').Server} parts.server
 * @param {import('./createStore.js').Store} parts.store
 * @param {Listener} parts.listener
 */
export function createConversation({ server, store, listener }) {
  /** @type {Entry[]} */
  let entries = [];
  /** @type {{entry: AnswerEntry, leave: AbortController} | null} */
  let running = null;
  let savedAt = 0;
  let stopWanted = false;

  function save() {
    if (!running) return;
    const { question, messageId, answer } = running.entry;
    const { answerId, lastId, text, sources } = answer;

    savedAt = Date.now();
    store.set({ running: { question, messageId, answerId, lastId, text, sources } });
  }

  /** @param {Entry} entry */
  function add(entry) {
    entries.push(entry);
    listener.added(entry);
  }

  /** @param {AnswerEntry} entry */
  function sendStop({ answer }) {
    stopWanted = false;
    return server.stop(answer.answerId).catch(() => {});
  }

  /** @param {AnswerEntry} entry */
  function progressed(entry) {
    const { answer } = entry;

    if (answer.sessionId && answer.sessionId !== store.get().sessionId) store.set({ sessionId: answer.sessionId });
    if (stopWanted && answer.answerId) sendStop(entry);
    if (Date.now() - savedAt >= SAVE_MS || answer.state === 'waiting') save();
    listener.changed(entry);
  }

  /** @param {AnswerEntry} entry */
  async function run(entry) {
    const mine = { entry, leave: new AbortController() };
    const { question: message, messageId } = entry;
    const question = { message, messageId, sessionId: store.get().sessionId || undefined };

    running = mine;
    stopWanted = false;
    save();
    await followAnswer({
      server,
      answer: entry.answer,
      question,
      changed: () => progressed(entry),
      signal: mine.leave.signal,
    });
    if (running !== mine) return;
    const { state, spent, problem } = entry.answer;

    running = null;
    // A question that did not get through is kept: after a reload it is asked again, under its id.
    if (state === 'done' || spent || problem?.retryable === false) store.set({ running: null });
    // The server has an answer to this very message, from a time that its queue has forgotten.
    if (problem?.code === 'conflict' && (await fetchHistory())) listener.reset(entries);
    else listener.changed(entry);
  }

  /** @returns {Promise<boolean>} whether the entries are now what the server has stored */
  async function fetchHistory() {
    const { sessionId } = store.get();

    if (!sessionId) return false;
    try {
      entries = readHistory(await server.history(sessionId));
      return true;
    } catch (error) {
      if (/** @type {import('./Problem.js').Problem} */ (error).status === 404) store.set({ sessionId: '' });
      return false;
    }
  }

  /** @param {string} question @param {string} messageId @returns {AnswerEntry} */
  const newAnswer = (question, messageId) => ({ kind: 'answer', question, messageId, answer: new Answer() });

  /** Goes on with what was running when the page went away. */
  function resume() {
    const kept = store.get().running;

    if (!kept) return;
    if (kept.answerId && entries.some((e) => e.kind === 'answer' && e.answer.answerId === kept.answerId)) {
      store.set({ running: null });
      return;
    }
    const entry = newAnswer(kept.question, kept.messageId);
    const tail = entries[entries.length - 1];
    const asked = tail?.kind === 'question' && (tail.answerId ? tail.answerId === kept.answerId : tail.text === kept.question);

    Object.assign(entry.answer, {
      answerId: kept.answerId,
      lastId: kept.lastId,
      text: kept.text,
      sources: kept.sources,
      state: kept.text ? 'writing' : 'waiting',
    });
    if (!asked) add({ kind: 'question', answerId: kept.answerId, text: kept.question });
    add(entry);
    run(entry);
  }

  return {
    get busy() {
      return running !== null;
    },

    /** Loads the history and goes on with an answer that was running.  Once, at the start. */
    async load() {
      await fetchHistory();
      listener.reset(entries);
      resume();
    },

    /** @param {string} text trimmed, within the limit */
    ask(text) {
      if (running) return;
      const entry = newAnswer(text, newId());

      add({ kind: 'question', answerId: '', text });
      add(entry);
      run(entry);
    },

    /** @param {AnswerEntry} entry one that failed */
    retry(entry) {
      if (running) return;
      if (entry.answer.spent) entry.messageId = newId();
      entry.answer = new Answer();
      listener.changed(entry);
      run(entry);
    },

    async stop() {
      const mine = running;

      if (!mine) return;
      if (!mine.entry.answer.answerId) {
        stopWanted = true;
        return;
      }
      await sendStop(mine.entry);
      await pause(STOP_MS, mine.leave.signal, new EventTarget());
      if (running !== mine) return;
      mine.leave.abort();
      Object.assign(mine.entry.answer, { state: 'done', stopped: true });
      running = null;
      store.set({ running: null });
      listener.changed(mine.entry);
    },

    /** @param {AnswerEntry} entry @param {"up" | "down"} rating */
    async rate(entry, rating) {
      const before = entry.answer.rating;

      entry.answer.rating = rating;
      listener.changed(entry);
      try {
        await server.rate(entry.answer.answerId, rating);
      } catch {
        entry.answer.rating = before;
        listener.changed(entry);
      }
    },

    /** Begins a new conversation; the old one stays with the server. */
    clear() {
      running?.leave.abort();
      running = null;
      entries = [];
      store.set({ sessionId: '', running: null });
      listener.reset(entries);
    },

    /** The page goes away. */
    save,
  };
}

import { Problem } from './Problem.js';

/**
 * What a visitor tells the people behind the bot: his form, what he thinks of an answer, a wish for a
 * person, deletion.
 *
 * @param {object} parts
 * @param {Pick<import('./createServer.js').Server, "sendForm" | "askPerson" | "forget" | "rate">} parts.server
 * @param {import('./createStore.js').Store} parts.store
 * @param {() => string} parts.session
 * @param {Pick<import('./createConversation.js').Listener, "handoff" | "changed">} parts.listener
 */
export function createOffice({ server, store, session, listener }) {
  let seen = '';

  /** Another tab may have asked. */
  function tell() {
    const { handoff } = store.get();

    if (seen !== handoff) listener.handoff((seen = handoff));
  }

  /** @param {string | null} [state] */
  function take(state) {
    store.set({ handoff: state ?? '' });
    tell();
  }

  return {
    tell,
    take,

    /** Somebody is asked for, or there. */
    get open() {
      return /waiting|joined/.test(seen);
    },

    /** Fails with a Problem that names the field. @param {Record<string, string | boolean>} values */
    async sendForm(values) {
      await server.sendForm(session(), { values });
      store.set({ form: true });
    },

    /** Fails with a Problem. @param {{email?: string, note?: string}} about */
    askPerson: async (about) => take((await server.askPerson(session(), about)).state),

    /** @param {import('./readHistory.js').AnswerEntry} entry @param {"up" | "down"} rating @param {string} [comment] */
    async rate(entry, rating, comment) {
      const before = entry.answer.rating;

      entry.answer.rating = rating;
      listener.changed(entry);
      try {
        await server.rate(entry.answer.answerId, { rating, comment });
      } catch {
        entry.answer.rating = before;
        listener.changed(entry);
      }
    },

    /** Has the server delete what the record says is to go.  @returns {Promise<boolean>} whether none is left; else later */
    async forgetGone() {
      for (const id of store.get().gone)
        if (!(await server.forget(id).catch(Problem.of))) store.set({ gone: store.get().gone.filter((left) => left !== id) });
      return !store.get().gone[0];
    },
  };
}

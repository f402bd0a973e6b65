import { setImmediate as tick } from 'node:timers/promises';
import { Problem } from '../Problem.js';

/**
 * @typedef {object} Told one answer, as the server keeps it
 * @property {string} id
 * @property {string} sessionId
 * @property {string} question
 * @property {string} text
 * @property {{id: string, name: string, data: any}[]} events
 * @property {number} made so many of them the model has said
 */

/** What the model says, and nothing else may be shown. @param {string} question */
const say = (question) => Array.from({ length: 12 }, (_, n) => `${question} ${n}.`);

/**
 * A gateway in the test's hands: it answers each message once, however often it is asked, keeps what
 * it said, and loses the line when it is told to.
 *
 * @param {object} [ways]
 * @param {() => number} [ways.random]
 * @param {number} [ways.cuts] how likely a line breaks before an event, 0 to 1
 */
export function createGateway({ random = () => 1, cuts = 0 } = {}) {
  /** @type {Map<string, Told>} by messageId */
  const told = new Map();
  /** @type {Set<string>} */
  const erased = new Set();
  const lost = () => new Problem({ code: 'network', retryable: true });

  /** @param {import('../createServer.js').Question} question @returns {Told} */
  function answer({ message, messageId, sessionId }) {
    const id = `ans_${told.size + 1}`;
    const tokens = say(message);
    const text = tokens.join('');
    const events = [
      { name: 'start', data: { attempt: 1 } },
      ...tokens.map((token) => ({ name: 'token', data: { text: token } })),
      { name: 'done', data: { text, finishReason: 'stop' } },
    ].map((event, n) => ({ id: `1-${n + 1}`, ...event }));
    const made = { id, sessionId, question: message, text, events, made: 0 };

    told.set(messageId, made);
    return made;
  }

  /** @param {Told} one @param {number} from @param {AbortSignal} signal */
  async function* tell(one, from, signal) {
    for (let n = from; n < one.events.length; n += 1) {
      await tick();
      if (signal.aborted || gateway.down || random() < cuts) throw lost();
      one.made = Math.max(one.made, n + 1);
      // Now and then an event comes twice, or an old one again.
      if (random() < cuts) yield one.events[Math.floor(random() * (n + 1))];
      yield one.events[n];
    }
  }

  const gateway = {
    down: false,
    told,
    erased,
    /** @type {string[]} every call, in its order */
    calls: [],

    /** @returns {any} what a conversation talks to */
    connect() {
      /** @param {string} name */
      const enter = async (name) => {
        gateway.calls.push(name);
        await tick();
        if (gateway.down) throw lost();
      };

      return {
        /** @param {import('../createServer.js').Question} question @param {AbortSignal} signal */
        async *ask(question, signal) {
          await enter(`ask ${question.message}`);
          const one = told.get(question.messageId) ?? answer(question);

          if (random() < cuts) throw lost();
          yield { id: '', name: 'accepted', data: { answerId: one.id, sessionId: one.sessionId } };
          yield* tell(one, 0, signal);
        },

        /** @param {string} id @param {string} after @param {AbortSignal} signal */
        async *join(id, after, signal) {
          await enter(`join ${id}`);
          const one = [...told.values()].find((a) => a.id === id);

          if (!one) throw new Problem({ code: 'not_found', status: 404 });
          yield* tell(one, after ? Number(after.slice(2)) : 0, signal);
        },

        /** @param {string} sessionId */
        async history(sessionId) {
          await enter('history');
          const ended = [...told.values()].filter((one) => one.sessionId === sessionId && one.made === one.events.length);
          const items = ended.flatMap((one) => [
            { role: 'user', answerId: one.id, text: one.question },
            { role: 'assistant', answerId: one.id, text: one.text, state: 'done' },
          ]);

          if (erased.has(sessionId)) return { items: [] };
          if (![...told.values()].some((one) => one.sessionId === sessionId)) throw new Problem({ code: 'session_unknown', status: 404 });
          return { items, handoff: '', form: false };
        },

        /** @param {string} sessionId */
        async forget(sessionId) {
          await enter('forget');
          erased.add(sessionId);
        },

        stop: async () => enter('stop'),
        rate: async () => enter('rate'),
      };
    },
  };

  return gateway;
}

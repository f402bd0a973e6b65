import { setImmediate as tick } from 'node:timers/promises';
import { createConversation } from '../createConversation.js';
import { createStore } from '../createStore.js';

/**
 * One page of the visitor with the widget in it.  Waits are as short as a moment can be.
 *
 * @param {any} gateway
 * @param {any} browser
 * @param {object} [more]
 * @param {string} [more.who]
 * @param {any} [more.config]
 * @param {any} [more.tab] one that is there already
 */
export async function openPage(gateway, browser, { who = '', config, tab = browser.openTab() } = {}) {
  /** @type {any[]} */
  let entries = [];
  /** @type {string[]} */
  const heard = [];
  const store = createStore('pk', who, () => tab.storage);
  const conversation = createConversation({
    server: gateway.connect(),
    store,
    config,
    world: tab,
    wait: () => tick(),
    listener: {
      reset: (list) => (entries = [...list]),
      added: (entry) => entries.push(entry),
      changed: (entry) => entry.answer.state === 'queued' && heard.push('queued'),
      handoff: (state) => heard.push(`handoff ${state}`),
      online: (now) => heard.push(now ? 'online' : 'offline'),
      files: () => {},
    },
  });

  await conversation.load();
  return {
    tab,
    store,
    conversation,
    heard,
    entries: () => entries,
    shown: () => entries.map((entry) => (entry.kind === 'question' ? entry.text : entry.answer.text)),

    /** The page goes, as with a reload: nothing of it may have an effect any more. */
    leave() {
      conversation.leave();
      tab.close();
    },

    /** Until nothing runs and nothing waits. */
    async settled() {
      for (let n = 0; n < 20000; n += 1) {
        await tick();
        if (!conversation.busy && store.get().queue.length === 0) return;
      }
      throw new Error(`still busy: ${JSON.stringify(store.get())} ${JSON.stringify(entries)}`);
    },
  };
}

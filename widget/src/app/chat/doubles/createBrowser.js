/**
 * One visitor's browser: tabs that share a Storage and hear of each other's writes, a network that
 * may be away.
 */
export function createBrowser() {
  /** @type {Map<string, string>} */
  const map = new Map();
  /** @type {Set<any>} */
  const tabs = new Set();
  let onLine = true;

  /** @param {string} name */
  const event = (name) => new Event(name);

  return {
    map,

    get onLine() {
      return onLine;
    },

    /** A window, and its storage. */
    openTab() {
      const document = Object.assign(new EventTarget(), { hidden: false });
      const tab = Object.assign(new EventTarget(), {
        document,
        navigator: {
          get onLine() {
            return onLine;
          },
        },
        /** The next writes fail. */
        full: false,
        storage: /** @type {any} */ ({
          getItem: (/** @type {string} */ key) => map.get(key) ?? null,
          setItem(/** @type {string} */ key, /** @type {string} */ text) {
            if (tab.full) throw new Error('QuotaExceededError');
            map.set(key, text);
            tell(key);
          },
          removeItem(/** @type {string} */ key) {
            map.delete(key);
            tell(key);
          },
        }),
        /** @param {boolean} hidden */
        hide(hidden) {
          document.hidden = hidden;
          document.dispatchEvent(event('visibilitychange'));
        },
        close: () => tabs.delete(tab),
      });
      /** @param {string} key */
      const tell = (key) => {
        for (const other of tabs)
          if (other !== tab) setImmediate(() => other.dispatchEvent(Object.assign(event('storage'), { key })));
      };

      tabs.add(tab);
      return tab;
    },

    /** @param {boolean} now */
    setOnline(now) {
      onLine = now;
      for (const tab of tabs) tab.dispatchEvent(event(now ? 'online' : 'offline'));
    },
  };
}

/**
 * What the page's own scripts may call: window.ChatConnect is that of the first widget, `widgets`
 * names all of them by key.  The types and what each does: types.d.ts, docs/widget.md.
 *
 * @param {string} key
 * @param {(name: string, argument?: unknown) => Promise<void>} call the widget, fetched at the first need
 * @param {() => void} unmount
 */
export function createApi(key, call, unmount) {
  /** @type {{name: string, listener: (detail: any) => void}[]} */
  const entries = [];
  let ready = false;

  /** Later, so that no listener's failure or leaving disturbs another. @param {(detail: any) => void} listener @param {object} detail */
  async function tell(listener, detail) {
    await null;
    listener(detail);
  }

  /** @type {ChatConnectApi} */
  const api = {
    open: () => call('open'),
    close: () => call('close'),
    toggle: () => call('toggle'),
    ask: (text) => call('ask', `${text}`),
    identify: (claim) => call('identify', claim),
    unmount: async () => unmount(),

    on(name, listener) {
      const entry = { name, listener };

      entries[entries.length] = entry;
      if (ready && name === 'ready') tell(listener, {});
      return () => {
        let kept = 0;

        for (let i = 0; i < entries.length; i += 1) if (entries[i] !== entry) entries[kept++] = entries[i];
        entries.length = kept;
      };
    },
    widgets: window.ChatConnect?.widgets ?? {},
  };

  api.widgets[key] = api;
  window.ChatConnect ??= api;
  return {
    /** @param {string} name @param {object} [detail] */
    emit(name, detail = {}) {
      ready ||= name === 'ready';
      for (let i = 0; i < entries.length; i += 1) if (entries[i].name === name) tell(entries[i].listener, detail);
    },

    /** The widget is gone: the next one takes its place. */
    leave() {
      delete api.widgets[key];
      if (window.ChatConnect !== api) return;
      delete window.ChatConnect;
      for (const other in api.widgets) window.ChatConnect ??= api.widgets[other];
    },
  };
}

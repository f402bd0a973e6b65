/**
 * What the page's own scripts may call: window.ChatConnect is that of the first widget, `widgets`
 * names all of them by key.  The types and what each does: types.d.ts, docs/widget.md.
 *
 * @param {string} key
 * @param {(name: string, argument?: unknown) => Promise<void>} call the widget, fetched at the first need
 * @param {() => void} unmount
 */
export function createApi(key, call, unmount) {
  const events = new EventTarget();
  let ready = false;

  /** @type {ChatConnectApi} */
  const api = {
    open: () => call('open'),
    close: () => call('close'),
    toggle: () => call('toggle'),
    ask: (text) => call('ask', `${text}`),
    identify: (claim) => call('identify', claim),
    unmount: async () => unmount(),

    on(name, listener) {
      const hear = (/** @type {any} */ { detail }) => listener(detail);

      events.addEventListener(name, hear);
      if (ready && name === 'ready') hear({ detail: {} });
      return () => events.removeEventListener(name, hear);
    },
    widgets: window.ChatConnect?.widgets ?? {},
  };

  api.widgets[key] = api;
  window.ChatConnect ??= api;
  return {
    /** @param {string} name @param {object} [detail] */
    emit(name, detail = {}) {
      ready ||= name === 'ready';
      events.dispatchEvent(new CustomEvent(name, { detail }));
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

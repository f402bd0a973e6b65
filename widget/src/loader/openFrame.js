import { frameStyle } from './frameStyle.js';

const SILENT_MS = 15000;

/**
 * @typedef {object} About
 * @property {string} origin
 * @property {string} key
 * @property {Record<string, string>} dataset
 * @property {number} nth widget of the page
 * @property {(name: string, detail?: object) => void} emit
 */

/**
 * Draws the frame as large as it says it must be.
 *
 * @param {ShadowRoot} root
 * @param {number} nth
 * @param {(narrow: boolean) => void} tell
 * @param {AbortSignal} signal
 */
function follow(root, nth, tell, signal) {
  const sheet = new CSSStyleSheet();
  const narrow = matchMedia('(max-width: 480px)');
  const view = window.visualViewport;
  // Room for the first drawing.
  let box = { open: false, left: false, width: 320, height: 108 };

  const draw = () => sheet.replaceSync(frameStyle(box, narrow.matches, nth, view));
  const listen = (/** @type {EventTarget | null} */ of, /** @type {string} */ name, /** @type {() => void} */ run) =>
    of?.addEventListener(name, run, { signal });

  root.adoptedStyleSheets[0] = sheet;
  draw();
  listen(view, 'resize', draw);
  listen(view, 'scroll', draw);
  listen(narrow, 'change', () => {
    tell(narrow.matches);
    draw();
  });
  return {
    narrow,

    /** @param {any} said numbers and nothing else get into the style sheet */
    set({ open, left, width, height }) {
      box = { open: !!open, left: !!left, width: +width || 0, height: +height || 0 };
      draw();
    },
  };
}

/**
 * The chat in a frame of our own origin.  Messages are {cc: type, ...}; each is sent to exactly
 * that origin, and only those of that frame and that origin are heard.  Who the visitor is goes
 * in a message, never into an address.
 *
 * @param {ShadowRoot} root
 * @param {About} about
 */
export async function openFrame(root, { origin, key, dataset, nth, emit }) {
  const frame = document.createElement('iframe');
  const leave = new AbortController();
  const { signal } = leave;
  /** @type {Record<number, (error?: string) => void>} */
  const calls = {};
  let calling = 0;

  const send = (/** @type {object} */ message) => frame.contentWindow?.postMessage(message, origin);
  const box = follow(root, nth, (narrow) => send({ cc: 'narrow', narrow }), signal);
  const call = (/** @type {string} */ name, /** @type {unknown} */ argument = null) =>
    new Promise((resolve, reject) => {
      calling += 1;
      calls[calling] = (error) => (error ? reject(new Error(error)) : resolve(undefined));
      send({ cc: 'call', id: calling, name, argument });
    });

  /** @type {Record<string, (data: any) => void>} */
  const heard = /** @type {any} */ ({
    __proto__: null,
    box: box.set,
    event: (/** @type {any} */ { name, detail }) => emit(`${name}`, detail),
    done(/** @type {any} */ { id, error }) {
      calls[+id]?.(error && `${error}`);
      delete calls[+id];
    },
  });

  addEventListener(
    'message',
    ({ source, origin: from, data }) => {
      if (source === frame.contentWindow && from === origin && data) heard[data.cc]?.(data);
    },
    { signal },
  );
  frame.title = 'Chat';
  frame.allow = 'clipboard-write';
  frame.src = `${origin}/embed/${encodeURIComponent(key)}`;
  frame.onload = () => send({ cc: 'hello', dataset, narrow: box.narrow.matches });

  const destroy = () => {
    leave.abort();
    frame.remove();
  };

  try {
    await new Promise((resolve, reject) => {
      const late = () => reject(new Error('the frame is silent: is this site among the allowed origins of the bot, and our host in its frame-src?'));
      const timer = setTimeout(late, SILENT_MS);

      heard.ready = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
      heard.failed = ({ error }) => {
        clearTimeout(timer);
        reject(new Error(`${error}`));
      };
      root.append(frame);
    });
  } catch (error) {
    destroy();
    throw error;
  }
  return {
    open: () => (frame.focus(), call('open')),
    close: () => call('close'),
    toggle: () => (frame.focus(), call('toggle')),
    ask: (/** @type {string} */ text) => call('ask', text),
    identify: (/** @type {unknown} */ claim) => call('identify', claim),
    destroy,
  };
}

import { frameStyle } from './frameStyle.js';

const SILENT_MS = 15000;
const SILENT = 'the frame is silent: is this site an allowed origin, our host in its frame-src?';

/**
 * @typedef {object} About
 * @property {string} origin
 * @property {string} key
 * @property {Record<string, string>} dataset
 * @property {number} nth widget of the page
 * @property {(name: string, detail?: object) => void} emit
 * @property {AbortSignal} signal the widget is taken away
 */

/**
 * The chat in a frame of our own origin.  We send {cc: 'call', id, name, argument} to exactly that
 * origin; heard are {cc: 'done', id, error} and {cc: 'event', name, detail} of that very frame and
 * origin.  Who the visitor is goes in the first call, never into an address.
 *
 * @param {ShadowRoot} root
 * @param {About} about
 * @returns {Promise<(name: string, argument?: unknown) => Promise<void>>} calls the widget
 */
export async function openFrame(root, { origin, key, dataset, nth, emit, signal }) {
  const frame = document.createElement('iframe');
  const sheet = new CSSStyleSheet();
  const narrow = matchMedia('(max-width: 480px)');
  const view = window.visualViewport;
  /** @type {Record<number, (error?: string) => void>} */
  const calls = {};
  let last = 0;
  // Room for the first drawing.
  let box = { open: false, left: false, width: 320, height: 108 };

  const draw = () => sheet.replaceSync(frameStyle(box, narrow.matches, nth, view));
  const listen = (/** @type {EventTarget | null} */ of, /** @type {string} */ name, /** @type {(event: any) => void} */ run) =>
    of?.addEventListener(name, run, { signal });

  /** @param {string} name @param {unknown} [argument] @returns {Promise<void>} */
  const call = (name, argument) =>
    new Promise((resolve, reject) => {
      calls[(last += 1)] = (error) => (error ? reject(new Error(error)) : resolve());
      if (name === 'open') frame.focus();
      frame.contentWindow?.postMessage({ cc: 'call', id: last, name, argument }, origin);
    });

  listen(view, 'resize', draw);
  listen(view, 'scroll', draw);
  listen(narrow, 'change', () => {
    call('setNarrow', narrow.matches);
    draw();
  });
  listen(window, 'message', ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin || !data) return;
    const { cc, id, error, name, detail } = data;

    if (cc === 'done') {
      calls[id]?.(error);
      delete calls[id];
    } else if (name === 'box') {
      box = detail;
      draw();
    } else if (cc === 'event') emit(name, detail);
  });
  root.adoptedStyleSheets[0] = sheet;
  draw();
  frame.title = 'Chat';
  frame.allow = 'clipboard-write';
  frame.src = `${origin}/embed/${encodeURIComponent(key)}`;
  let timer = 0;

  try {
    await new Promise((resolve, reject) => {
      frame.onload = () => call('hello', { dataset, narrow: narrow.matches }).then(resolve, reject);
      timer = window.setTimeout(() => reject(new Error(SILENT)), SILENT_MS);
      root.append(frame);
    });
  } catch (error) {
    frame.remove();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return call;
}

import { frameStyle } from './frameStyle.js';

const SILENT_MS = 15000;
const SILENT = new Error('no answer: is this site an allowed origin, our host in its frame-src?');

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
 * The chat in a frame of our own origin.  Calls, {cc: name, argument}, go to exactly that origin,
 * each with a port that nobody else has: {error} ends the call, and what the first one's port says
 * besides, {name, detail, box}, are the events.  Who the visitor is goes in the first call, never
 * into an address.
 *
 * @param {ShadowRoot} root
 * @param {About} about
 * @returns {Promise<(name: string, argument?: unknown) => Promise<void>>} calls the widget
 */
export async function openFrame(root, { origin, key, dataset, nth, emit, signal }) {
  const frame = document.createElement('iframe');
  const sheet = new CSSStyleSheet();
  const narrow = matchMedia('(max-width: 480px)');
  const view = /** @type {VisualViewport} */ (window.visualViewport);
  /** Room for the first drawing. @type {import('../app/mount.js').Box} */
  let box = { open: false, left: false, width: 320, height: 108 };

  const draw = () => sheet.replaceSync(frameStyle(box, narrow.matches, nth, view));

  /** @param {string} cc @param {unknown} [argument] @returns {Promise<void>} */
  const call = (cc, argument) =>
    new Promise((resolve, reject) => {
      const { contentWindow } = frame;

      // Taken away: a port that nobody holds would stay for ever.
      if (!contentWindow) return;
      const { port1, port2 } = new MessageChannel();

      port1.onmessage = ({ data: { name, detail, box: now = box, error } }) => {
        box = now;
        draw();
        if (name) return emit(name, detail);
        if (cc !== 'hello') port1.close();
        if (error) reject(new Error(error));
        else resolve();
      };
      if (cc === 'hello') signal.addEventListener('abort', () => port1.close());
      if (cc === 'open') frame.focus();
      contentWindow.postMessage({ cc, argument }, origin, [port2]);
    });

  view.addEventListener('resize', draw, { signal });
  view.addEventListener('scroll', draw, { signal });
  narrow.addEventListener('change', () => call('setNarrow', narrow.matches).then(draw), { signal });
  root.adoptedStyleSheets[0] = sheet;
  draw();
  frame.title = 'Chat';
  frame.allow = 'clipboard-write';
  frame.src = `${origin}/embed/${key}`;
  await new Promise((resolve, reject) => {
    frame.onload = () => call('hello', { dataset, narrow: narrow.matches }).then(resolve, reject);
    setTimeout(reject, SILENT_MS, SILENT);
    root.append(frame);
  });
  return call;
}

/** What the page may ask of us. */
const CALLS = ['open', 'close', 'toggle', 'ask', 'identify'];
/** After these the frame needs another room. */
const MOVES = ['open', 'close', 'identify'];
/** Around what is seen, for its shadow: as in style/base.css. */
const MARGIN = 24;

/**
 * @typedef {import('../mount.js').Widget} Widget
 * @typedef {Pick<import('../mount.js').Options, 'form' | 'dataset' | 'narrow' | 'emit'>} Wishes
 */

/** @param {any} dataset texts and nothing else */
const readDataset = (dataset) => Object.fromEntries(Object.entries(dataset ?? {}).filter(([, value]) => typeof value === 'string'));

/**
 * The frame's end of loader/openFrame.js.  The page that holds us speaks first; from then on only
 * its window and its origin are heard, and only that origin is told anything.  Which origins may
 * hold us the browser has seen to (frame-ancestors).
 *
 * @param {Window} parent
 * @param {(wishes: Wishes) => Promise<Widget>} start
 * @param {EventTarget} [here] where messages arrive
 */
export function joinParent(parent, start, here = window) {
  let home = '';
  /** @type {Widget | undefined} */
  let widget;

  const send = (/** @type {object} */ message) => parent.postMessage(message, home);

  function tellBox() {
    if (!widget) return;
    const { open, left, width, height } = widget.box();

    send({ cc: 'box', open, left, width: width + 2 * MARGIN, height: height + 2 * MARGIN });
  }

  /** @param {string} name @param {object} [detail] */
  function emit(name, detail) {
    if (MOVES.includes(name)) tellBox();
    send({ cc: 'event', name, detail });
  }

  /** @type {Record<string, (data: any) => void>} */
  const heard = {
    async hello({ dataset, narrow }) {
      try {
        widget = await start({ form: 'frame', dataset: readDataset(dataset), narrow: narrow === true, emit });
        tellBox();
        send({ cc: 'ready' });
      } catch (error) {
        send({ cc: 'failed', error: String(error) });
      }
    },

    narrow: ({ narrow }) => widget?.setNarrow(narrow === true),

    async call({ id, name, argument }) {
      try {
        if (!widget || !CALLS.includes(name)) throw new Error(`no such call: ${name}`);
        await /** @type {any} */ (widget)[name](argument);
        send({ cc: 'done', id });
      } catch (error) {
        send({ cc: 'done', id, error: String(error) });
      }
    },
  };

  here.addEventListener('message', (event) => {
    const { source, origin, data } = /** @type {MessageEvent} */ (event);
    const first = home === '';

    // "null" is the origin of many: nobody to answer to.
    if (source !== parent || origin === 'null' || (!first && origin !== home)) return;
    if (first !== (data?.cc === 'hello') || !Object.hasOwn(heard, data.cc)) return;
    home = origin;
    heard[data.cc](data);
  });
}

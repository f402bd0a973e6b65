/** What the page may ask of us. */
const CALLS = ['open', 'close', 'toggle', 'ask', 'identify', 'setNarrow'];
/** To the edge, as in style/base.css, and for the shadow on the other side. */
const MARGIN = 24 + 40;

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
  /** @type {any} */
  let widget;

  /** @param {string} name @param {object} [detail] */
  const emit = (name, detail) => parent.postMessage({ cc: 'event', name, detail }, home);

  function tellBox() {
    const { open, left, width, height } = widget.box();

    emit('box', { open, left, width: width + MARGIN, height: height + MARGIN });
  }

  /** @param {any} wishes */
  async function hello({ dataset, narrow }) {
    widget = await start({
      form: 'frame',
      dataset: readDataset(dataset),
      narrow,
      emit(name, detail) {
        if (widget) tellBox();
        emit(name, detail);
      },
    });
    tellBox();
  }

  /** @param {string} name @param {any} argument */
  async function perform(name, argument) {
    if (name === 'hello') await hello(argument);
    else if (CALLS.includes(name)) await widget[name](argument);
    else throw new Error(`no such call: ${name}`);
  }

  here.addEventListener('message', async (event) => {
    const { source, origin, data } = /** @type {MessageEvent} */ (event);

    // "null" is the origin of many: nobody to answer to.
    if (source !== parent || origin === 'null' || data?.cc !== 'call') return;
    if (home ? origin !== home || data.name === 'hello' : data.name !== 'hello') return;
    home = origin;
    const error = await perform(data.name, data.argument).then(
      () => '',
      (problem) => String(problem?.message ?? problem),
    );

    parent.postMessage({ cc: 'done', id: data.id, error }, home);
  });
}

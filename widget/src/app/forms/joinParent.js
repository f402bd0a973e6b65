/**
 * @typedef {import('../mount.js').Call} Call
 * @typedef {Pick<import('../mount.js').Options, 'form' | 'dataset' | 'narrow' | 'emit'>} Wishes
 */

/**
 * The frame's end of loader/openFrame.js.  The page that holds us speaks first, and only its
 * window is heard; each call brings the port that it is answered by.  Which origins may hold us the
 * browser has seen to (frame-ancestors).
 *
 * @param {(wishes: Wishes) => Promise<Call>} start
 * @param {Window} [here] where messages arrive
 */
export function joinParent(start, here = window) {
  /** @type {Promise<Call> | undefined} */
  let widget;

  here.onmessage = async ({ source, data, ports: [port] }) => {
    if (source !== here.parent || !data?.cc || !port) return;
    const { cc, argument } = data;

    try {
      if (widget) await (await widget)(cc, argument);
      else {
        const { dataset, narrow } = argument;

        await (widget = start({ form: 'frame', dataset, narrow, emit: (name, detail, box) => port.postMessage({ name, detail, box }) }));
      }
      port.postMessage({});
    } catch (error) {
      port.postMessage({ error: `${error}` });
    }
  };
}

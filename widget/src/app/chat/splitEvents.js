/**
 * @typedef {{id: string, event: string, data: string}} RawEvent
 */

/**
 * Takes the text of an event stream as it arrives, cut anywhere, and gives the events that are
 * complete.  As the HTML standard has it, but for what our server does not send: an id holds for
 * its own event only, and a lone CR is no end of a line.
 *
 * @returns {(text: string) => RawEvent[]}
 */
export function splitEvents() {
  let rest = '';

  return (text) => {
    const blocks = (rest + text).split(/\r?\n\r?\n/);

    rest = blocks.pop() ?? '';
    return blocks.map((block) => {
      /** @type {RawEvent & Record<string, string>} */
      const event = { id: '', event: '', data: '' };

      for (const [, field, value] of block.matchAll(/^(\w+): ?(.*?)\r?$/gm)) event[field] = field === 'data' ? event.data + value + '\n' : value;
      return event;
    });
  };
}

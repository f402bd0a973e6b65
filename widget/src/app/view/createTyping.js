/** This share of what has not been shown yet is shown with the next frame: a sixth of a second behind. */
const SHARE = 0.12;

const graphemes = Intl.Segmenter && new Intl.Segmenter();

/**
 * Shows a growing text calmly: what comes in lumps is revealed a little with every frame, and
 * never half a character.
 */
export function createTyping() {
  let at = 0;

  /**
   * @param {string} text all that has come
   * @param {boolean} calm false: at once
   * @returns what is to be seen now
   */
  return (text, calm) => {
    at = calm ? at + Math.max(1, (text.length - at) * SHARE) : text.length;
    return text.slice(0, graphemes?.segment(text).containing(at)?.index);
  };
}

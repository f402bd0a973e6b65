import { asText } from './asText.js';

/**
 * Why a request failed: the gateway's problem object, or the network.
 */
export class Problem extends Error {
  /**
   * @param {object} about
   * @param {string} about.code stable name, "network" when no answer came at all
   * @param {string} [about.detail] words for people
   * @param {number} [about.status] HTTP status, 0 without an answer
   * @param {boolean} [about.retryable] the same request may succeed later
   * @param {number} [about.retryAfterMs] the server's own wish
   */
  constructor({ code, detail = '', status = 0, retryable = false, retryAfterMs = 0 }) {
    super(detail || code);
    this.code = code;
    this.detail = detail;
    this.status = status;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whatever was thrown: what is no Problem comes from the line. @param {unknown} [error] */
  static of(error) {
    return error instanceof Problem ? error : new Problem({ code: 'network', retryable: true });
  }

  /**
   * @param {any} body what should be the gateway's problem object
   * @param {{status?: number, retryable: boolean, retryAfterMs?: number}} guess where it says nothing
   */
  static read({ code, detail, status, retryable, retryAfter }, guess) {
    return new Problem({
      code: asText(code) || `http_${guess.status ?? 0}`,
      detail: asText(detail),
      status: guess.status ?? (Number(status) || 0),
      retryable: typeof retryable === 'boolean' ? retryable : guess.retryable,
      retryAfterMs: guess.retryAfterMs ?? (Number(retryAfter) * 1000 || 0),
    });
  }
}

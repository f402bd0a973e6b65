import { asText } from './asText.js';

/**
 * Why a request failed: the gateway's problem object, or the network.
 */
export class Problem extends Error {
  /** Stable name, "network" when no answer came at all. */
  code = '';
  /** Words for people. */
  detail = '';
  /** HTTP status, 0 without an answer. */
  status = 0;
  /** The same request may succeed later. */
  retryable = false;
  /** The server's own wish. */
  retryAfterMs = 0;

  /** @param {{code: string} & Partial<Pick<Problem, "detail" | "status" | "retryable" | "retryAfterMs">>} about */
  constructor(about) {
    super(about.detail || about.code);
    Object.assign(this, about);
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

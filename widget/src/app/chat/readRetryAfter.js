/**
 * @param {string | null} value seconds or an HTTP date
 * @param {number} nowMs
 * @returns {number} milliseconds to wait, 0 when the header is absent or makes no sense
 */
export function readRetryAfter(value, nowMs) {
  const ms = Number(value) * 1000;

  return Math.max(0, Number.isNaN(ms) ? Date.parse(value ?? '') - nowMs : ms) || 0;
}

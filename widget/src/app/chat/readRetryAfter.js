/**
 * @param {string | null} value seconds or an HTTP date
 * @param {number} nowMs
 * @returns {number} milliseconds to wait, 0 when the header is absent or makes no sense
 */
export function readRetryAfter(value, nowMs) {
  if (!value) return 0;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;

  const at = Date.parse(value);

  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}

/** @param {string} text @returns {any} an object or a list; null for whatever else it is */
export function parseJson(text) {
  try {
    const value = JSON.parse(text);

    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

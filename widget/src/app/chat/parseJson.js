/** @param {string} text @returns {any} something that has members, or none; null for what is no JSON */
export function parseJson(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return null;
  }
}

/** @param {unknown} items @returns {import('./Answer.js').Source[]} without what is no object */
export const readSources = (items) =>
  Array.isArray(items) ? items.filter((item) => item && typeof item === 'object') : [];

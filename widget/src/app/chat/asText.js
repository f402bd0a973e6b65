/** @param {unknown} value @returns {string} "" for whatever is no text */
export const asText = (value) => (typeof value === 'string' ? value : '');

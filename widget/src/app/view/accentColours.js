/** The least friendly ground that it is read on: --line in style/base.css. */
const GROUNDS = { light: [228, 230, 233], dark: [49, 54, 61] };
const READABLE = 4.5;

/** @param {string} hex "#rrggbb" @returns {number[]} */
const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** @param {number[]} rgb */
const print = (rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** @param {number[]} rgb relative luminance as WCAG defines it */
function luminance(rgb) {
  const part = (/** @type {number} */ i) => (rgb[i] > 10 ? ((rgb[i] / 255 + 0.055) / 1.055) ** 2.4 : rgb[i] / 3295);

  return 0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2);
}

/** @param {number[]} a @param {number[]} b */
function contrast(a, b) {
  const ratio = (luminance(a) + 0.05) / (luminance(b) + 0.05);

  return Math.max(ratio, 1 / ratio);
}

/**
 * Mixes a colour with black or white until it can be read.
 *
 * @param {number[]} from
 * @param {number[]} to
 * @param {number[]} ground
 */
function readable(from, to, ground) {
  let mixed = from;

  for (let share = 0; share <= 1 && contrast(mixed, ground) < READABLE; share += 0.05)
    mixed = from.map((part, i) => part + (to[i] - part) * share);
  return mixed;
}

/**
 * An owner's colour as the set that the style sheet uses.  Whatever colour they choose, text on
 * it and text in it can be read.
 *
 * @param {string} hex "#rrggbb"
 */
export function accentColours(hex) {
  const accent = parse(hex);
  const white = [255, 255, 255];
  const black = [0, 0, 0];

  return {
    accent: hex,
    onAccent: print(contrast(accent, white) >= READABLE ? white : black),
    inkLight: print(readable(accent, [0, 0, 0], GROUNDS.light)),
    inkDark: print(readable(accent, white, GROUNDS.dark)),
  };
}

/** The least friendly ground that it is read on: --line in style/base.css. */
const GROUNDS = { light: [228, 230, 233], dark: [49, 54, 61] };
const READABLE = 4.5;

/** @param {string} hex "#rrggbb" @returns {number[]} */
const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** @param {number[]} rgb */
const print = (rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** @param {number[]} rgb relative luminance as WCAG defines it */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;

    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });

  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {number[]} a @param {number[]} b */
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);

  return (high + 0.05) / (low + 0.05);
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
  const black = [16, 18, 20];

  return {
    accent: hex,
    onAccent: print(contrast(accent, white) >= READABLE ? white : contrast(accent, black) >= READABLE ? black : white),
    inkLight: print(readable(accent, [0, 0, 0], GROUNDS.light)),
    inkDark: print(readable(accent, white, GROUNDS.dark)),
  };
}

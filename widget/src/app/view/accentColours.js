/** What the accent stands on, light and dark: --surface in style/base.css. */
const SURFACES = { light: [255, 255, 255], dark: [24, 27, 31] };
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
 * @param {number[]} surface
 */
function readable(from, to, surface) {
  let mixed = from;

  for (let share = 0; share <= 1 && contrast(mixed, surface) < READABLE; share += 0.05)
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
    inkLight: print(readable(accent, [0, 0, 0], SURFACES.light)),
    inkDark: print(readable(accent, white, SURFACES.dark)),
  };
}

/**
 * @typedef {object} Config
 * @property {string} name
 * @property {string} greeting
 * @property {string[]} starters
 * @property {string} colour "#rrggbb" or ""
 * @property {string} position "left", "right" or ""
 * @property {string} locale
 * @property {number} messageMax characters
 */

const MESSAGE_MAX = 2000;
const STARTERS_MAX = 6;

/** @param {unknown} value */
const asText = (value) => (typeof value === 'string' ? value.trim() : '');

/**
 * The gateway's configuration with a default for whatever is absent.  Only a plain hex colour
 * is taken: it ends up in a style sheet.
 *
 * @param {any} body
 * @returns {Config}
 */
export function readConfig(body) {
  const config = body ?? {};
  const colours = config.colours ?? config.colors ?? {};
  const colour = asText(colours.primary ?? colours.accent ?? config.colour ?? config.color);
  const limit = Number(config.limits?.messageMax ?? config.limits?.message ?? MESSAGE_MAX);

  return {
    name: asText(config.name),
    greeting: asText(config.greeting),
    starters: (Array.isArray(config.starters) ? config.starters : []).map(asText).filter(Boolean).slice(0, STARTERS_MAX),
    colour: /^#[0-9a-f]{6}$/i.test(colour) ? colour.toLowerCase() : '',
    position: /(left|right)$/.exec(asText(config.position))?.[0] ?? '',
    locale: asText(config.locale),
    messageMax: limit > 0 && limit <= MESSAGE_MAX ? limit : MESSAGE_MAX,
  };
}

import { asText } from './asText.js';

const MESSAGE_MAX = 2000;
const FILES_MAX = 5;
const TEXT = /^[^]{1,1000}/u;
/** These end up in links and images. */
const ADDRESS = /^https:\/\/[^\s"'<>\\]+$/i;
/** And this in a style sheet, like the font. */
const COLOUR = /^#[0-9a-f]{6}$/i;
const SHAPES = {
  name: TEXT,
  title: TEXT,
  subtitle: TEXT,
  greeting: TEXT,
  placeholder: TEXT,
  launcher: TEXT,
  footer: TEXT,
  locale: TEXT,
  logo: ADDRESS,
  avatar: ADDRESS,
  privacyUrl: ADDRESS,
  theme: /^(light|dark|auto)$/,
  position: /(left|right)$/,
  size: /^(small|medium|large)$/,
  font: /^[\w ,'-]{1,100}$/,
};

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "email" | "tel" | "select" | "checkbox"} type
 * @property {boolean} required
 * @property {string[]} options of a select
 *
 * @typedef {Record<keyof typeof SHAPES, string>} Looks "" for what is not said
 * @typedef {ReturnType<typeof readConfig>} Config
 */

/** @param {unknown} value @param {RegExp} shape */
const shaped = (value, shape) => shape.exec(asText(value).trim())?.[0] ?? '';

/** @param {unknown} value @param {RegExp} shape */
const list = (value, shape) => (Array.isArray(value) ? value.slice(0, 40) : []).map((item) => shaped(item, shape)).filter(Boolean);

/** @param {any} field @returns {Field[]} none or one */
function readField(field) {
  const name = shaped(field?.name, /^[a-z]\w{0,39}$/);
  const type = /** @type {Field["type"]} */ (shaped(field?.type, /^(text|email|tel|select|checkbox)$/));

  return name && type
    ? [{ name, type, label: shaped(field.label, TEXT) || name, required: field.required === true, options: list(field.options, TEXT) }]
    : [];
}

/**
 * The gateway's configuration with a default for whatever is absent or odd.
 *
 * @param {any} body
 */
export function readConfig(body) {
  const { limits, features, colors, color, starters, prechat, ...said } = body ?? {};
  const [primary, accent] = [colors?.primary ?? color, colors?.accent].map((value) => shaped(value, COLOUR).toLowerCase());
  const looks = /** @type {Looks} */ (Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, shaped(said[name], shape)])));
  /** @type {Field[]} */
  const fields = Array.isArray(prechat?.fields) ? prechat.fields.flatMap(readField) : [];

  return {
    ...looks,
    starters: list(starters, TEXT),
    colours: { primary, accent },
    messageMax: limits?.message > 0 && limits.message < MESSAGE_MAX ? limits.message : MESSAGE_MAX,
    files: { max: Number(limits?.files) || FILES_MAX, types: list(limits?.fileTypes, /^\w{1,10}$/) },
    /** @type {Partial<Record<"upload" | "handoff" | "delete" | "feedback", boolean>>} what the server does not say it can is not offered */
    features: Object(features),
    prechat: fields.length ? { title: shaped(prechat.title, TEXT), text: shaped(prechat.text, TEXT), fields } : null,
  };
}

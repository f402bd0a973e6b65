import { typed } from './typed.js';

/** These end up in links and images. */
const ADDRESS = /^https:\/\/[^\s"'<>\\]+$/i;
/** And these in a style sheet. */
const COLOUR = /^#[0-9a-f]{6}$/i;
const FONT = /^[\w ,'-]+$/;

/** "" for what is not said. */
const LOOKS = {
  name: '',
  title: '',
  subtitle: '',
  greeting: '',
  placeholder: '',
  launcher: '',
  footer: '',
  locale: '',
  theme: '',
  size: '',
  /** @type {string[]} */
  starters: [],
  /** @type {Partial<Record<"upload" | "handoff" | "delete" | "feedback", boolean>>} what the server does not say it can is not offered */
  features: {},
};

const LIMITS = {
  message: 2000,
  files: 5,
  /** @type {string[]} ends of names: ".pdf" */
  fileTypes: [],
};

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "email" | "tel" | "select" | "checkbox"} type
 * @property {boolean} [required]
 * @property {string[]} [options] of a select
 *
 * @typedef {ReturnType<typeof readConfig>} Config
 */

/** @type {[string, string][]} ours, where the gateway tells no whole set */
const COLOURS = [
  ['primary', '#0f6b63'],
  ['onPrimary', '#ffffff'],
  ['inkLight', '#0f6b63'],
  ['inkDark', '#71a8a3'],
];

/** @param {RegExp} shape @param {unknown} value */
const shaped = (shape, value) => shape.exec(`${value}`)?.[0] ?? '';

/**
 * The gateway's configuration with a default for whatever is absent or of another kind.  What an
 * owner may say of each member, the gateway has checked; here only what could do harm.
 *
 * @param {any} body
 */
export function readConfig(body) {
  const { limits, colors, logo, avatar, privacyUrl, font = '', position, prechat } = body ?? {};
  const { message: messageMax, files: max, fileTypes: types } = typed(LIMITS, limits);

  return {
    ...typed(LOOKS, body),
    logo: shaped(ADDRESS, logo),
    avatar: shaped(ADDRESS, avatar),
    privacyUrl: shaped(ADDRESS, privacyUrl),
    font: shaped(FONT, font),
    position: shaped(/(left|right)$/, position),
    colours: COLOURS.every(([name]) => shaped(COLOUR, colors?.[name])) ? colors : Object.fromEntries(COLOURS),
    messageMax,
    files: { max, types },
    /** @type {{title?: string, text?: string, fields: Field[]} | null} */
    prechat: Array.isArray(prechat?.fields) ? prechat : null,
  };
}

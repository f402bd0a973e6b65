import { asText } from './asText.js';

const MESSAGE_MAX = 2000;
const STARTERS_MAX = 6;
const FIELDS_MAX = 6;
const OPTIONS_MAX = 10;
const FIELD_NAME = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "email" | "tel" | "select" | "checkbox"} type
 * @property {boolean} required
 * @property {string[]} options of a select
 *
 * @typedef {ReturnType<typeof readConfig>} Config
 */

/** @param {unknown} value @param {number} max characters */
const cut = (value, max) => [...asText(value).trim()].slice(0, max).join('');

/** @param {unknown} value @param {number} most */
const list = (value, most) => (Array.isArray(value) ? value.slice(0, most) : []);

/** @param {unknown} value @param {RegExp} shape */
const shaped = (value, shape) => shape.exec(asText(value).trim().toLowerCase())?.[0] ?? '';

/** It ends up in a style sheet. @param {unknown} value */
const colour = (value) => shaped(value, /^#[0-9a-f]{6}$/);

/** It ends up in a link or an image. @param {unknown} value */
const https = (value) => (/^https:\/\/[^\s"'<>\\]+$/i.test(asText(value).trim()) ? asText(value).trim() : '');

/** @param {unknown} value @param {number} most @param {number} otherwise */
const upTo = (value, most, otherwise) => (Number(value) > 0 && Number(value) <= most ? Number(value) : otherwise);

/** @param {any} field @returns {Field[]} none or one */
function readField(field) {
  const type = shaped(field?.type, /^(text|email|tel|select|checkbox)$/) || 'text';
  const options = list(field?.options, OPTIONS_MAX).map((option) => cut(option, 60)).filter(Boolean);
  const name = asText(field?.name);

  if (!FIELD_NAME.test(name) || (type === 'select' && !options.length)) return [];
  return [{ name, label: cut(field.label, 100) || name, type: /** @type {Field["type"]} */ (type), required: field.required === true, options }];
}

/** @param {any} form */
function readPrechat(form) {
  const fields = list(form?.fields, FIELDS_MAX).flatMap(readField);

  return fields.length ? { title: cut(form.title, 100), text: cut(form.text, 300), fields } : null;
}

/**
 * The gateway's configuration with a default for whatever is absent or odd.
 *
 * @param {any} body
 */
export function readConfig(body) {
  const config = body ?? {};
  const limits = config.limits ?? {};
  const features = config.features ?? {};
  const colors = config.colors ?? config.colours ?? {};

  return {
    name: cut(config.name, 100),
    title: cut(config.title, 100),
    subtitle: cut(config.subtitle, 100),
    greeting: cut(config.greeting, 1000),
    placeholder: cut(config.placeholder, 100),
    launcher: cut(config.launcher, 60),
    footer: cut(config.footer, 300),
    starters: list(config.starters, STARTERS_MAX).map((text) => cut(text, 200)).filter(Boolean),
    colours: { primary: colour(colors.primary ?? config.color), accent: colour(colors.accent) },
    colour: colour(colors.primary ?? config.color ?? colors.accent),
    theme: shaped(config.theme, /^(light|dark|auto)$/),
    position: shaped(config.position, /(left|right)$/),
    locale: cut(config.locale, 35),
    logo: https(config.logo),
    avatar: https(config.avatar),
    privacyUrl: https(config.privacyUrl),
    font: asText(config.font).match(/^[A-Za-z0-9 ,'-]{1,100}$/)?.[0] ?? '',
    size: shaped(config.size, /^(small|medium|large)$/),
    messageMax: upTo(limits.message, MESSAGE_MAX, MESSAGE_MAX),
    files: {
      max: upTo(limits.files, 20, 5),
      bytes: upTo(limits.fileBytes, 2 ** 26, 5 * 2 ** 20),
      types: list(limits.fileTypes, 40).map((type) => shaped(type, /^\.?[a-z0-9]{1,10}$/).replace('.', '')).filter(Boolean),
    },
    /** What the server says it can; without its word we offer nothing that needs it. */
    features: {
      upload: features.upload === true,
      handoff: features.handoff === true,
      delete: features.delete === true,
      feedback: features.feedback !== false,
    },
    prechat: readPrechat(config.prechat),
  };
}

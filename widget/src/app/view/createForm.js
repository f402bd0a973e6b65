import { el } from './el.js';

const LENGTH_MAX = 300;
const NOTE_MAX = 1000;
const KNOWN = /^(name|email|tel)$/;

/**
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "email" | "tel" | "select" | "checkbox" | "note"} type
 * @property {boolean} [required]
 * @property {string[]} [options] of a select
 *
 * @typedef {object} About
 * @property {string} [title]
 * @property {string} [text]
 * @property {Field[]} [fields]
 * @property {string} action words on the button
 * @property {boolean} [danger] what it does cannot be undone
 * @property {(values: Record<string, string | boolean>) => Promise<unknown>} send
 * @property {() => void} [cancel] absent: it must be filled in
 */

let count = 0;

/** @param {Field} field @param {string} id @returns {Control} */
function createControl({ name, type, required = false, options = [] }, id) {
  const attributes = { id, required, autocomplete: KNOWN.exec(type === 'text' ? name : type)?.[0] ?? 'off' };

  if (type === 'select') return el('select', attributes, ...['', ...options].map((text) => el('option', { value: text }, text)));
  if (type === 'note') return el('textarea', { ...attributes, rows: 3, maxlength: NOTE_MAX, dir: 'auto' });
  return el('input', { ...attributes, type, maxlength: type !== 'checkbox' && LENGTH_MAX, dir: type === 'text' && 'auto' });
}

/** @param {Field} field @param {import('../texts/en.js').Texts} texts */
function createField({ required, ...field }, texts) {
  const id = `cc-field-${(count += 1)}`;
  const control = createControl({ required, ...field }, id);
  const error = el('p', { class: 'error', id: `${id}-error`, hidden: true });
  const words = `${field.label}${required ? ' *' : ''}`;
  const label = field.type === 'checkbox' ? el('label', { class: 'row' }, control, words) : el('label', { for: id, dir: 'auto' }, words);

  return {
    control,
    element: el('div', { class: 'field' }, label, field.type !== 'checkbox' && control, error),
    value: () => (field.type === 'checkbox' ? /** @type {HTMLInputElement} */ (control).checked : control.value),

    /** @returns {boolean} whether something is wrong, which it then says */
    check() {
      if (field.type !== 'checkbox') control.value = control.value.trim();
      const { valid, valueMissing } = control.validity;

      error.textContent = valueMissing ? texts.needed : texts.invalid;
      error.hidden = valid;
      control.setAttribute('aria-invalid', String(!valid));
      control.setAttribute('aria-describedby', valid ? '' : error.id);
      return !valid;
    },
  };
}

/**
 * A few labelled fields and what is done with them.  What is wrong is said beside the field, and
 * the first such field gets the focus.
 *
 * @param {About} about
 * @param {import('../texts/en.js').Texts} texts
 */
export function createForm({ title, text, fields = [], action, danger, send, cancel }, texts) {
  const made = fields.map((field) => createField(field, texts));
  const trouble = el('p', { class: 'error', role: 'alert' });
  const button = el('button', { type: 'submit', class: `main ${danger ? 'danger' : ''}` }, action);
  let sending = false;

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    if (event.key !== 'Escape' || !cancel) return;
    event.stopPropagation();
    cancel();
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const [wrong] = made.filter((field) => field.check());

    if (wrong) return wrong.control.focus();
    if (sending) return;
    sending = true;
    trouble.textContent = '';
    try {
      await send(Object.fromEntries(fields.map(({ name }, i) => [name, made[i].value()])));
    } catch {
      trouble.textContent = texts.unsent;
    }
    sending = false;
  }

  return {
    element: el(
      'form',
      { class: 'form', novalidate: true, 'aria-label': title || text, keydown, submit },
      title && el('h2', { dir: 'auto' }, title),
      text && el('p', { dir: 'auto' }, text),
      ...made.map((field) => field.element),
      trouble,
      el('div', { class: 'choices' }, cancel && el('button', { click: cancel }, texts.cancel), button),
    ),
    focus: () => (made[0]?.control ?? button).focus(),
  };
}

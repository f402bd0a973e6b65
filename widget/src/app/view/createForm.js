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
 * @property {string} [kind] its class
 * @property {(values: any) => unknown} send a promise of having sent them, by their names
 * @property {(sent: boolean) => void} [end] it was sent, or is not to be; absent: it must be
 */

let count = 0;

/** @param {Field} field @param {string} id @returns {Control} */
function createControl({ name, type, required, options = [] }, id) {
  const attributes = {
    id,
    required,
    dir: 'auto',
    maxlength: type === 'note' ? NOTE_MAX : LENGTH_MAX,
    autocomplete: KNOWN.exec(type === 'text' ? name : type)?.[0] ?? 'off',
    'aria-describedby': `${id}-error`,
  };

  if (type === 'select') return el('select', attributes, ...['', ...options].map((text) => el('option', { value: text }, text)));
  if (type === 'note') return el('textarea', { rows: 3, ...attributes });
  return el('input', { type, ...attributes });
}

/** @param {Field} field @param {import('../texts/en.js').Texts} texts */
function createField(field, texts) {
  const { name, label, type, required } = field;
  const id = `cc-field-${(count += 1)}`;
  const control = createControl(field, id);
  const error = el('p', { class: 'error', id: `${id}-error` });
  const isBox = type === 'checkbox';

  return {
    name,
    control,
    element: el('div', { class: 'field' }, el('label', { class: 'row', for: id, dir: 'auto' }, isBox && control, `${label}${required ? ' *' : ''}`), !isBox && control, error),
    value: () => (isBox ? /** @type {HTMLInputElement} */ (control).checked : control.value),

    /** @returns {boolean} whether something is wrong, which it then says */
    check() {
      control.value = control.value.trim();
      const { valid } = control.validity;

      error.textContent = valid ? '' : texts.needed;
      control.setAttribute('aria-invalid', String(!valid));
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
export function createForm({ title, text, fields = [], action, kind = 'main', send, end }, texts) {
  const made = fields.map((field) => createField(field, texts));
  const trouble = el('p', { class: 'error', role: 'alert' });
  const button = el('button', { type: 'submit', class: kind }, action);

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const [wrong] = made.filter((field) => field.check());

    if (wrong) return wrong.control.focus();
    trouble.textContent = '';
    try {
      await send(Object.fromEntries(made.map(({ name, value }) => [name, value()])));
      end?.(true);
    } catch {
      trouble.textContent = texts.failed;
    }
  }

  return {
    element: el(
      'form',
      { class: 'form', novalidate: true, 'aria-label': title, submit },
      title && el('h2', { dir: 'auto' }, title),
      text && el('p', { dir: 'auto' }, text),
      ...made.map((field) => field.element),
      trouble,
      el('div', { class: 'choices' }, end && el('button', { class: 'back', click: () => end(false) }, texts.cancel), button),
    ),
    focus: () => (made[0]?.control ?? button).focus(),
  };
}

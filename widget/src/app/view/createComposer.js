import { el } from './el.js';
import { icon } from './icon.js';

/** From here on a screen reader hears what is left. */
const FEW_LEFT = 100;

/**
 * @typedef {import('../texts/en.js').Texts} Texts
 *
 * @typedef {object} Actions
 * @property {(text: string) => void} ask
 * @property {() => void} stop
 * @property {(words: string) => void} say to screen readers
 */

/**
 * Where the visitor writes.  Enter sends, Shift and Enter makes a new line; while an answer runs
 * the button stops it, and one may already write on.
 *
 * @param {number} max characters, as code points
 * @param {Texts} texts
 * @param {Actions} actions
 */
export function createComposer(max, texts, actions) {
  const field = el('textarea', { rows: 1, placeholder: texts.placeholder, 'aria-label': texts.placeholder, dir: 'auto', autocomplete: 'off' });
  const grow = el('div', { class: 'grow' }, field);
  const button = el('button', { type: 'submit', class: 'send' });
  const counter = el('div', { class: 'counter' });
  const box = el('div', { class: 'box' }, grow, button);
  const element = el('form', { class: 'composer' }, box, counter);
  let busy = false;

  const length = () => [...field.value.trim()].length;

  function draw() {
    const n = length();
    const label = busy ? texts.stop : texts.send;

    grow.dataset.text = field.value;
    counter.textContent = n ? `${n} / ${max}` : '';
    counter.classList.toggle('over', n > max);
    field.setAttribute('aria-invalid', String(n > max));
    button.disabled = !busy && (n === 0 || n > max);
    if (button.getAttribute('aria-label') === label) return;
    button.setAttribute('aria-label', label);
    button.title = label;
    button.classList.toggle('busy', busy);
    button.replaceChildren(icon(busy ? 'stop' : 'send'));
  }

  function send() {
    const n = length();

    if (busy || n === 0 || n > max) return;
    const text = field.value.trim();

    field.value = '';
    draw();
    actions.ask(text);
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) actions.stop();
    else send();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  field.addEventListener('input', () => {
    const n = length();

    draw();
    if (n > max - FEW_LEFT) actions.say(texts.length.replace('{n}', String(n)).replace('{max}', String(max)));
  });
  draw();

  return {
    element,
    focus: () => field.focus(),

    /** @param {boolean} now an answer runs */
    setBusy(now) {
      busy = now;
      draw();
    },
  };
}

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
 * Where the visitor writes.  Enter sends, Shift and Enter makes a new line.  While an answer runs
 * one may write on and send, too: it waits for its turn; with nothing written the button stops.
 *
 * @param {{messageMax: number, placeholder: string}} config characters, as code points
 * @param {Texts} texts
 * @param {Actions} actions
 * @param {ReturnType<typeof import('./createFiles.js').createFiles> | null} files
 */
export function createComposer({ messageMax: max, placeholder }, texts, actions, files) {
  const label = placeholder || texts.placeholder;
  const field = el('textarea', { rows: 1, placeholder: label, 'aria-label': label, dir: 'auto', autocomplete: 'off' });
  const grow = el('div', { class: 'grow' }, field);
  const button = el('button', { type: 'submit', class: 'send' });
  const counter = el('div', { class: 'counter' });
  const row = el('div', { class: 'row' }, files?.button, grow, button);
  const element = el('form', { class: 'composer' }, el('div', { class: 'box' }, files?.list, row), counter);
  let busy = false;

  const length = () => [...field.value.trim()].length;

  function draw() {
    const n = length();
    const stopping = busy && n === 0;
    const does = stopping ? texts.stop : texts.send;

    grow.dataset.text = field.value;
    counter.textContent = n > max - FEW_LEFT ? `${n} / ${max}` : '';
    counter.classList.toggle('over', n > max);
    field.setAttribute('aria-invalid', String(n > max));
    button.disabled = n > max || (n === 0 && !busy);
    if (button.title === does) return;
    button.setAttribute('aria-label', does);
    button.title = does;
    button.classList.toggle('busy', stopping);
    button.replaceChildren(icon(stopping ? 'stop' : 'send'));
  }

  function send() {
    const text = field.value.trim();

    if (button.disabled || text === '') return;
    field.value = '';
    draw();
    actions.ask(text);
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.classList.contains('busy')) actions.stop();
    else send();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  field.addEventListener('input', () => {
    draw();
    if (counter.textContent) actions.say(texts.length.replace('{n}', String(length())).replace('{max}', String(max)));
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

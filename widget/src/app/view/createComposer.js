import { dress } from './dress.js';
import { el } from './el.js';
import { iconButton } from './iconButton.js';

/** From here on one sees and hears what is left. */
const FEW_LEFT = 100;

/**
 * @typedef {object} Actions
 * @property {(text: string) => void} ask
 * @property {() => void} stop
 */

/**
 * Where the visitor writes.  Enter sends, Shift and Enter makes a new line.  While an answer runs
 * one may write on and send, too: it waits for its turn; with nothing written the button stops.
 *
 * @param {{messageMax: number, placeholder: string}} config characters, as code points
 * @param {import('../texts/en.js').Texts} texts
 * @param {Actions} actions
 * @param {ReturnType<typeof import('./createFiles.js').createFiles> | null} files
 */
export function createComposer({ messageMax, placeholder }, texts, actions, files) {
  const hint = placeholder || texts.placeholder;
  const field = el('textarea', { rows: 1, placeholder: hint, 'aria-label': hint, dir: 'auto', keydown, input: () => draw() });
  const grow = el('div', { class: 'grow' }, field);
  const button = iconButton('send', texts.send, press, 'send');
  const counter = el('div', { class: 'counter', role: 'status' });
  const row = el('div', { class: 'row' }, files?.button, grow, button);
  const element = el('div', { class: 'composer' }, el('div', { class: 'box' }, files?.list, row), counter);
  let busy = false;

  const text = () => field.value.trim();

  function draw() {
    const { length } = [...text()];
    const over = length > messageMax;
    const stopping = busy && !length;

    grow.dataset.text = field.value;
    counter.textContent = length > messageMax - FEW_LEFT ? `${length} / ${messageMax}` : '';
    counter.classList.toggle('over', over);
    field.setAttribute('aria-invalid', String(over));
    button.disabled = over || !(length || busy);
    dress(button, stopping ? 'stop' : 'send', stopping ? texts.stop : texts.send);
  }

  function send() {
    const words = text();

    if (button.disabled || !words) return;
    field.value = '';
    draw();
    actions.ask(words);
  }

  function press() {
    if (text()) send();
    else actions.stop();
    field.focus();
  }

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    // An input method's own; Safari calls the last of them finished already.
    if (event.key !== 'Enter' || event.shiftKey || event.keyCode === 229) return;
    event.preventDefault();
    send();
  }

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

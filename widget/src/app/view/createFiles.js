import { el } from './el.js';
import { iconButton } from './iconButton.js';

/**
 * @typedef {import('../texts/en.js').Texts} Texts
 *
 * @typedef {import('../chat/createFiles.js').FileEntry} FileEntry
 *
 * @typedef {object} Actions
 * @property {(file: File) => unknown} attach
 * @property {(file: FileEntry) => void} detach
 * @property {(words: string) => void} say
 */

/** @param {FileEntry} file @param {Texts} texts */
const stateOf = ({ state }, texts) => ({ sending: texts.reading, reading: texts.reading, ready: texts.done, failed: texts.unreadable })[state];

/** @param {FileEntry} file @param {Texts} texts @param {Actions} actions */
const createChip = (file, texts, actions) =>
  el(
    'li',
    { class: `chip ${file.state}` },
    el('span', { class: 'title' }, el('bdi', {}, file.name)),
    file.state !== 'ready' && el('span', { class: 'page' }, stateOf(file, texts)),
    iconButton('close', texts.remove.replace('{n}', file.name), () => actions.detach(file)),
  );

/**
 * The visitor's files: a button that picks some, and what has become of each.  They may be dropped
 * on an element and pasted into it, too.
 *
 * @param {{max: number, types: string[]}} limits
 * @param {Texts} texts
 * @param {Actions} actions
 */
export function createFiles({ max, types }, texts, actions) {
  const take = (/** @type {FileList} */ files) => Array.from(files, actions.attach);
  const input = el('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    accept: types.join(),
    change() {
      take(/** @type {FileList} */ (input.files));
      input.value = '';
    },
  });
  const button = iconButton('plus', texts.attach, () => input.click());
  const list = el('ul', { class: 'files' });
  let told = '';

  return {
    button,
    list,
    input,

    /** @param {FileEntry[]} files */
    show(files) {
      list.replaceChildren(...files.map((file) => createChip(file, texts, actions)));
      button.disabled = files.length >= max;
      const words = files.map((file) => `${file.name}: ${stateOf(file, texts)}`).join();

      if (words && words !== told) actions.say(words);
      told = words;
    },

    /** @param {HTMLElement} element takes what is dropped on it or pasted into it */
    serve(element) {
      /** Office programs put a picture of a text beside it: then the text is meant. @param {any} event */
      const carry = (event) => {
        const { types, files } = event.dataTransfer ?? event.clipboardData;

        if (!types.includes('Files') || types.includes('text/plain')) return;
        event.preventDefault();
        if (event.type !== 'dragover') take(files);
      };

      for (const name of ['dragover', 'drop', 'paste']) element.addEventListener(name, carry);
    },
  };
}

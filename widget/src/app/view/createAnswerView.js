import { page } from '../page.js';
import { parseBlocks } from '../markdown/parseBlocks.js';
import { renderBlocks } from '../markdown/renderBlocks.js';
import { createForm } from './createForm.js';
import { createSources } from './createSources.js';
import { createTyping } from './createTyping.js';
import { dress } from './dress.js';
import { el } from './el.js';
import { iconButton } from './iconButton.js';

const COPIED_MS = 1600;

/**
 * @typedef {import('../chat/Answer.js').Answer} Answer
 * @typedef {import('../chat/readHistory.js').AnswerEntry} AnswerEntry
 * @typedef {import('../texts/en.js').Texts} Texts
 *
 * @typedef {object} Actions
 * @property {(entry: AnswerEntry) => void} retry
 * @property {(entry: AnswerEntry, rating: "up" | "down", comment?: string) => unknown} rate
 * @property {(words: string) => void} say to screen readers
 */

/** @param {Answer} answer @param {Texts} texts what is going on, "" while words arrive */
function statusOf({ state, retryAt, position, tool, stopped }, texts) {
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);

  if (state === 'queued') return texts.later;
  if (state === 'broken') return seconds > 0 ? texts.wait.replace('{n}', `${seconds}`) : texts.reconnect;
  if (tool) return texts.tool.replace('{n}', tool);
  if (state === 'waiting' && position > 1) return texts.queued.replace('{n}', `${position}`);
  return stopped ? texts.stopped : '';
}

/**
 * A thumb, and the question that it leads to.
 *
 * @param {"up" | "down"} rating
 * @param {string} label
 * @param {AnswerEntry} entry
 * @param {HTMLElement} slot under the answer
 * @param {Texts} texts
 * @param {Actions} actions
 */
function createThumb(rating, label, entry, slot, texts, actions) {
  const thumb = iconButton('up', label, click, `quiet thumb-${rating}`);

  function click() {
    const form = createForm(
      {
        fields: [{ name: 'comment', label: texts.comment, type: 'note' }],
        action: texts.send,
        send: ({ comment }) => comment && actions.rate(entry, rating, comment),
        end(sent) {
          slot.replaceChildren(sent ? el('p', { class: 'status' }, texts.thanks) : '');
          if (sent) actions.say(texts.thanks);
          thumb.focus();
        },
      },
      texts,
    );

    actions.rate(entry, rating);
    slot.replaceChildren(form.element);
    form.focus();
  }

  return thumb;
}

/**
 * One answer: its words, what is going on, its sources, and what the visitor may do with it.
 *
 * @param {AnswerEntry} entry
 * @param {Texts} texts
 * @param {Actions} actions
 */
export function createAnswerView(entry, texts, actions) {
  const { clipboard } = page.window.navigator;
  const words = el('div', { class: 'words' });
  const dots = el('div', { class: 'dots' }, el('i'), el('i'), el('i'));
  const status = el('div', { class: 'status' });
  const retry = el('button', { class: 'retry', click: () => actions.retry(entry) }, texts.retry);
  const trouble = el('div', { class: 'problem' }, texts.failed, retry);
  const sources = createSources(texts);
  const slot = el('div');
  const copy = iconButton('copy', texts.copy, async () => {
    await clipboard.writeText(current);
    dress(copy, 'check', texts.done);
    setTimeout(dress, COPIED_MS, copy, 'copy', texts.copy);
  });
  const up = createThumb('up', texts.good, entry, slot, texts, actions);
  const down = createThumb('down', texts.bad, entry, slot, texts, actions);
  const tools = el('div', { class: 'tools' }, clipboard && copy, up, down);
  const element = el('div', { class: 'answer' }, words, dots, status, trouble, sources.element, tools, slot);
  const typing = createTyping();
  let current = '';
  /** @type {string[]} */
  let shown = [];
  /** @type {any} */
  let clock;

  /** Says what is going on, and every second how long it will be. */
  function showStatus() {
    const { answer } = entry;

    clearTimeout(clock);
    status.textContent = statusOf(answer, texts);
    if (answer.state === 'broken' && answer.retryAt > Date.now()) clock = setTimeout(showStatus, 1000);
  }

  return {
    element,

    /**
     * @param {boolean} calm a little with every call
     * @returns {boolean} whether there is more to show
     */
    show(calm) {
      const { answer } = entry;
      const { state, rating } = answer;
      const whole = (current = typing(answer.text, calm)) === answer.text;
      const done = state === 'done' && whole;

      // Numbers become buttons once their sources are known: the words are made again.
      if (sources.set(answer.sources)) shown = (words.replaceChildren(), []);
      shown = renderBlocks(words, parseBlocks(current), sources.cite, shown);
      words.hidden = !current;
      if (done) sources.settle(current);
      showStatus();
      dots.hidden = answer.ended || state === 'queued' || current !== '';
      trouble.hidden = state !== 'failed';
      retry.hidden = answer.problem?.retryable === false;
      tools.hidden = !done || !current;
      up.setAttribute('aria-pressed', String(rating === 'up'));
      down.setAttribute('aria-pressed', String(rating === 'down'));
      element.classList.toggle('growing', !whole || state === 'writing' || state === 'broken');
      return !whole;
    },
  };
}

import { page } from '../page.js';
import { parseBlocks } from '../markdown/parseBlocks.js';
import { renderBlocks } from '../markdown/renderBlocks.js';
import { createForm } from './createForm.js';
import { createSources } from './createSources.js';
import { createTyping } from './createTyping.js';
import { el } from './el.js';
import { icon } from './icon.js';
import { iconButton } from './iconButton.js';

const COPIED_MS = 1600;

/**
 * @typedef {import('../chat/Answer.js').Answer} Answer
 * @typedef {import('../texts/en.js').Texts} Texts
 *
 * @typedef {object} Actions
 * @property {() => void} retry
 * @property {(rating: "up" | "down", comment?: string) => unknown} rate
 */

/** @param {Answer} answer @param {Texts} texts what is going on, "" while words arrive */
function statusOf({ state, problem, retryAt, position, tool, stopped }, texts) {
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);

  if (state === 'queued') return texts.later;
  if (state === 'broken') return problem?.status && seconds > 0 ? texts.wait.replace('{n}', String(seconds)) : texts.reconnect;
  if (tool) return texts.tool.replace('{name}', tool);
  if (state === 'waiting' && position > 1) return texts.queued.replace('{n}', String(position));
  return stopped ? texts.stopped : '';
}

/** @param {Answer} answer @param {Texts} texts */
function problemOf({ problem }, texts) {
  if (!problem) return '';
  if (problem.code === 'network') return texts.offline;
  if (problem.status === 429 || problem.status === 503) return texts.tooBusy;
  return problem.status === 403 || problem.status === 401 ? texts.refused : texts.failed;
}

/** @param {Texts} texts @param {() => string} text */
function createCopyButton(texts, text) {
  const button = iconButton('copy', texts.copy, async () => {
    await page.window.navigator.clipboard.writeText(text());
    draw('check', texts.copied);
    setTimeout(draw, COPIED_MS, 'copy', texts.copy);
  });
  /** @param {'check' | 'copy'} picture @param {string} label */
  const draw = (picture, label) => {
    button.replaceChildren(icon(picture));
    button.setAttribute('aria-label', label);
  };

  return button;
}

/**
 * The two thumbs, and the question that a thumb leads to.
 *
 * @param {Texts} texts
 * @param {Actions} actions
 */
function createRating(texts, actions) {
  const thanks = el('div', { role: 'status', class: 'status' });
  const slot = el('div', {}, thanks);

  /** @param {"up" | "down"} rating @param {string} label */
  function createThumb(rating, label) {
    /** @param {string} words instead of the form */
    const end = (words) => {
      form.element.remove();
      thanks.textContent = words;
      thumb.focus();
    };
    const form = createForm(
      {
        fields: [{ name: 'comment', label: texts.comment, type: 'note' }],
        action: texts.send,
        async send({ comment }) {
          if (comment) await actions.rate(rating, String(comment));
          end(texts.thanks);
        },
        cancel: () => end(''),
      },
      texts,
    );
    const thumb = iconButton(
      'up',
      label,
      () => {
        actions.rate(rating);
        slot.replaceChildren(thanks, form.element);
        thanks.textContent = '';
        form.focus();
        // After the list has been drawn with the new rating.
        page.window.requestAnimationFrame(() => form.element.scrollIntoView({ block: 'nearest' }));
      },
      `quiet thumb-${rating}`,
    );

    return thumb;
  }

  return { up: createThumb('up', texts.good), down: createThumb('down', texts.bad), slot };
}

/**
 * One answer: its words, what is going on, its sources, and what the visitor may do with it.
 *
 * @param {Texts} texts
 * @param {Actions} actions
 */
export function createAnswerView(texts, actions) {
  const words = el('div', { class: 'words' });
  const dots = el('div', { class: 'dots' }, el('i'), el('i'), el('i'));
  const status = el('div', { class: 'status' });
  const problem = el('div', { class: 'problem-text' });
  const retry = el('button', { class: 'retry', click: actions.retry }, texts.retry);
  const trouble = el('div', { class: 'problem', hidden: true }, problem, retry);
  const sources = createSources(texts);
  const { up, down, slot } = createRating(texts, actions);
  const copy = createCopyButton(texts, () => current);
  const tools = el('div', { class: 'tools', hidden: true }, page.window.navigator.clipboard && copy, up, down);
  const element = el('div', { class: 'answer' }, words, dots, status, trouble, sources.element, tools, slot);
  const typing = createTyping();
  let current = '';
  /** @type {string[]} */
  let shown = [];
  let clock = 0;

  /** @param {number} n */
  function cite(n) {
    if (!sources.has(n)) return null;
    const label = texts.source.replace('{n}', String(n));

    return el('button', { class: 'cite', 'aria-label': label, click: () => sources.reveal(n) }, String(n));
  }

  /** Says what is going on, and every second how long it will be. @param {Answer} answer */
  function showStatus(answer) {
    clearTimeout(clock);
    status.textContent = statusOf(answer, texts);
    if (answer.state === 'broken' && answer.retryAt > Date.now()) clock = Number(setTimeout(showStatus, 1000, answer));
  }

  return {
    element,

    /**
     * @param {Answer} answer
     * @param {boolean} calm a little with every call
     * @returns {boolean} whether there is more to show
     */
    show(answer, calm) {
      const { state, rating } = answer;
      const text = typing.next(answer.text, calm);
      const whole = text === answer.text;
      const done = state === 'done' && whole;

      // Numbers become buttons once their sources are known: the words are made again.
      if (sources.set(answer.sources)) shown = (words.replaceChildren(), []);
      shown = renderBlocks(words, parseBlocks(text), cite, shown);
      current = text;
      words.hidden = text === '';
      if (done) sources.settle(text);
      showStatus(answer);
      dots.hidden = answer.ended || state === 'queued' || text !== '';
      trouble.hidden = state !== 'failed';
      problem.textContent = problemOf(answer, texts);
      retry.hidden = answer.problem?.retryable === false;
      tools.hidden = !done || text === '';
      up.hidden = down.hidden = answer.answerId === '';
      up.setAttribute('aria-pressed', String(rating === 'up'));
      down.setAttribute('aria-pressed', String(rating === 'down'));
      element.classList.toggle('growing', !whole || state === 'writing' || state === 'broken');
      return !whole;
    },
  };
}

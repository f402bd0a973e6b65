import { page } from '../page.js';
import { parseBlocks } from '../markdown/parseBlocks.js';
import { renderBlocks } from '../markdown/renderBlocks.js';
import { createSources } from './createSources.js';
import { el } from './el.js';
import { icon } from './icon.js';

const COPIED_MS = 1600;

/**
 * @typedef {import('../chat/Answer.js').Answer} Answer
 * @typedef {import('../texts/en.js').Texts} Texts
 *
 * @typedef {object} Actions
 * @property {() => void} retry
 * @property {(rating: "up" | "down") => void} rate
 */

/** @param {Answer} answer @param {Texts} texts what is going on, "" while words arrive */
function statusOf(answer, texts) {
  const { state, problem, position, tool, stopped } = answer;

  if (state === 'broken') return problem && problem.status > 0 ? texts.busy : texts.reconnect;
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
  const button = el('button', { type: 'button', class: 'quiet', 'aria-label': texts.copy, title: texts.copy }, icon('copy'));

  button.addEventListener('click', async () => {
    try {
      await page.window.navigator.clipboard.writeText(text());
    } catch {
      return;
    }
    button.replaceChildren(icon('check'));
    button.setAttribute('aria-label', texts.copied);
    setTimeout(() => {
      button.replaceChildren(icon('copy'));
      button.setAttribute('aria-label', texts.copy);
    }, COPIED_MS);
  });
  return button;
}

/** @param {"up" | "down"} rating @param {string} label @param {Actions} actions */
function createThumb(rating, label, actions) {
  return el(
    'button',
    { type: 'button', class: `quiet thumb-${rating}`, 'aria-label': label, title: label, 'aria-pressed': 'false', on: { click: () => actions.rate(rating) } },
    icon('up'),
  );
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
  const retry = el('button', { type: 'button', class: 'retry', on: { click: actions.retry } }, icon('retry'), texts.retry);
  const trouble = el('div', { class: 'problem', hidden: true }, problem, retry);
  const sources = createSources(texts);
  const up = createThumb('up', texts.good, actions);
  const down = createThumb('down', texts.bad, actions);
  let current = '';
  const copy = createCopyButton(texts, () => current);
  const tools = el('div', { class: 'tools', hidden: true }, page.window.navigator.clipboard ? copy : null, up, down);
  const element = el('div', { class: 'answer' }, words, dots, status, trouble, sources.element, tools);
  /** @type {string[]} */
  let shown = [];

  /** @param {number} n */
  function cite(n) {
    if (!sources.has(n)) return null;
    const label = texts.source.replace('{n}', String(n));

    return el('button', { type: 'button', class: 'cite', 'aria-label': label, on: { click: () => sources.reveal(n) } }, String(n));
  }

  return {
    element,

    /** @param {Answer} answer */
    show(answer) {
      const { state, text, rating } = answer;

      // Numbers become buttons once their sources are known: the words are made again.
      if (sources.set(answer.sources)) shown = (words.replaceChildren(), []);
      shown = renderBlocks(words, parseBlocks(text), cite, shown);
      current = text;
      words.hidden = text === '';
      if (state === 'done') sources.settle(text);
      status.textContent = statusOf(answer, texts);
      dots.hidden = answer.ended || state === 'writing';
      trouble.hidden = state !== 'failed';
      problem.textContent = problemOf(answer, texts);
      retry.hidden = answer.problem?.retryable === false;
      tools.hidden = state !== 'done' || text === '';
      up.hidden = down.hidden = answer.answerId === '';
      up.setAttribute('aria-pressed', String(rating === 'up'));
      down.setAttribute('aria-pressed', String(rating === 'down'));
      element.classList.toggle('growing', state === 'writing' || state === 'broken');
    },
  };
}

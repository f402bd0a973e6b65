import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';

const WORDS = ['one', 'two', 'three', 'four', 'five'];

/** All of them are answered, and each stands once, in order, here and at the server. @param {any} chat @param {string[]} questions */
async function assertInOrder(chat, questions) {
  await chat.answers.nth(questions.length - 1).locator('.tools').waitFor();
  const items = await chat.history();
  const shown = await chat.questions.locator('p').allTextContents();

  assert.deepEqual(items.filter((/** @type {any} */ item) => item.role === 'user').map((/** @type {any} */ item) => item.text), questions);
  assert.deepEqual(items.map((/** @type {any} */ item) => item.role), questions.flatMap(() => ['user', 'assistant']));
  assert.deepEqual(shown, questions);
  assert.equal(await chat.answers.count(), questions.length);
}

export const outbox = inForms(ALL, {
  async 'five messages typed without a network arrive once and in order when it is back'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const questions = WORDS.map((word) => fresh(`Number ${word}?`));

    await chat.page.context().setOffline(true);
    for (const question of questions) await chat.ask(question);
    assert.equal(await chat.answers.locator('.tools:visible').count(), 0);
    await chat.page.context().setOffline(false);
    await assertInOrder(chat, questions);
    await chat.reload();
    await assertInOrder(chat, questions);
  },

  async 'messages typed without a network on a page that is left are sent by the next one, before what is typed there'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const questions = WORDS.map((word) => fresh(`Number ${word}?`));

    await chat.page.context().setOffline(true);
    for (const question of questions.slice(0, 3)) await chat.ask(question);
    await chat.page.goto('about:blank');
    await chat.page.context().setOffline(false);
    await chat.visit(config.url, config.key);
    await chat.questions.nth(2).waitFor();
    for (const question of questions.slice(3)) await chat.ask(question);
    await assertInOrder(chat, questions);
  },

  async 'messages typed while an answer runs wait for their turn, and a reload does not lose them'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.slowKey);
    const questions = WORDS.slice(0, 3).map((word) => fresh(`Number ${word}?`));

    for (const question of questions) await chat.ask(question);
    await chat.answers.first().locator('.words:not(:empty)').waitFor();
    await chat.reload();
    await assertInOrder(chat, questions);
  },
});

import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';

/** Two tabs of one visitor. @param {any} tools @param {string} key */
async function openTwo({ config, form, site, newChat }, key) {
  const first = await (await newChat()).visit(config.url, key);
  const second = await new Chat(await first.page.context().newPage(), form, site).visit(config.url, key);

  return [first, second];
}

export const tabs = inForms(ALL, {
  async 'a question of one tab is seen and followed in the other, and answered once'(tools) {
    const [first, second] = await openTwo(tools, tools.config.slowKey);
    const question = fresh('Count for both of us.');

    await first.ask(question);
    await second.questions.first().waitFor();
    await second.grown(40);
    await Promise.all([first.done(), second.done()]);
    const text = await first.assertExactlyOnce(question);

    assert.equal(await second.text(), text);
    assert.equal(await second.questions.count(), 1);
    assert.equal(await second.answers.count(), 1);
  },

  async 'a tab that is opened in mid-answer shows all of it'(tools) {
    const { config, form, site, newChat } = tools;
    const first = await (await newChat()).visit(config.url, config.slowKey);
    const question = fresh('Count on.');

    await first.ask(question);
    await first.grown(30);
    const second = await new Chat(await first.page.context().newPage(), form, site).visit(config.url, config.slowKey);
    await Promise.all([first.done(), second.done()]);
    assert.equal(await second.text(), await first.assertExactlyOnce(question));
  },

  async 'what is asked in one tab while the other waits for its answer is one conversation, each question once'(tools) {
    const chats = await openTwo(tools, tools.config.key);
    const questions = ['left', 'right'].map(fresh);

    for (const [i, chat] of chats.entries()) {
      await chat.field.fill(questions[i]);
      await chat.field.press('Enter');
      await chat.questions.getByText(questions[i]).waitFor();
    }
    for (const chat of chats) {
      await chat.answers.nth(1).locator('.tools').waitFor();
      await chat.answers.nth(0).locator('.tools').waitFor();
      const shown = await chat.questions.locator('p').allTextContents();
      const asked = (await chat.history()).filter((/** @type {any} */ item) => item.role === 'user').map((/** @type {any} */ item) => item.text);

      assert.deepEqual(shown, questions);
      assert.deepEqual(asked, questions);
    }
  },

  async 'what one tab clears or deletes is gone in the other, which goes on in the same new conversation'(tools) {
    const [first, second] = await openTwo(tools, tools.config.key);
    const clears = [
      () => first.choose('New conversation'),
      async () => {
        await first.choose('Delete conversation');
        await first.inside.locator('.form').getByRole('button', { name: 'Delete conversation' }).click();
      },
    ];

    for (const clear of clears) {
      const question = fresh('What is it?');

      await first.ask(question);
      await first.done();
      await second.done();
      await clear();
      await second.questions.first().waitFor({ state: 'detached' });
      assert.equal(await first.questions.count(), 0);
    }
    const last = fresh('Are we still together?');

    await second.ask(last);
    await second.done();
    await first.done();
    assert.equal(await first.text(), await second.assertExactlyOnce(last));
  },
});

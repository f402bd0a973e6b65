import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { PRECHAT } from '../support/prechat.mjs';
import { register } from '../support/register.mjs';

/** The conversation as the office sees it. @param {any} owner @param {string} [query] */
async function readConversation(owner, query = '') {
  const { items } = await owner.call('GET', `/api/dashboard/conversations?${query}`);

  assert.equal(items.length, 1, `conversations: ${JSON.stringify(items)}`);
  return owner.call('GET', `/api/dashboard/conversations/${encodeURIComponent(items[0].id)}`);
}

export const talk = inForms(ALL, {
  async 'a form before the first question: what is wrong is said, what is right reaches the office, and it is not asked twice'({ config, newChat }) {
    const owner = await register(config.url);

    await owner.setWidget({ prechat: PRECHAT }, (told) => told.prechat?.fields?.length === 4);
    const chat = await (await newChat()).visit(config.url, owner.key);
    const name = chat.inside.getByLabel('Your name');
    const email = chat.inside.getByLabel('Your e-mail');
    const start = chat.inside.getByRole('button', { name: 'Start the chat' });

    assert.equal(await chat.field.isVisible(), false, 'nothing can be asked before');
    await start.click();
    assert.equal(await name.evaluate((/** @type {Element} */ e) => e.matches(':focus')), true, 'the first wrong field has the focus');
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    assert.match(await name.evaluate((/** @type {any} */ e) => e.getRootNode().getElementById(e.getAttribute('aria-describedby')).textContent), /fill this in/);
    await name.fill('Ada');
    await email.fill('nonsense');
    await chat.inside.getByLabel('I agree').check();
    await start.click();
    assert.equal(await email.getAttribute('aria-invalid'), 'true');
    await email.fill('ada@people.example');
    await chat.inside.getByLabel('What is it about?').selectOption('Support');
    await start.click();

    await chat.ask('Is anybody there?');
    await chat.done();
    const { form } = await readConversation(owner);
    assert.deepEqual(form, { name: 'Ada', email: 'ada@people.example', topic: 'Support', consent: true });

    await chat.reload();
    await chat.done();
    assert.equal(await chat.field.isVisible(), true, 'a reload does not ask again');
    await chat.choose('New conversation');
    await name.waitFor();
  },

  async 'a wish for a person reaches the office with what was said, is remembered, and ends when it is closed'({ config, newChat }) {
    const owner = await register(config.url);

    await owner.setWidget({ greeting: 'Hello.' }, (told) => told.features.handoff);
    const chat = await (await newChat()).visit(config.url, owner.key);
    const notice = chat.inside.locator('.notice');

    await chat.ask('I would like a refund.');
    await chat.done();
    await chat.choose('Talk to a person');
    await chat.inside.getByLabel('E-mail').fill('ada@people.example');
    await chat.inside.getByLabel('Message (optional)').fill('Please call me.');
    await chat.inside.locator('.form').getByRole('button', { name: 'Send' }).click();
    await notice.waitFor();
    assert.match(await notice.innerText(), /Our team will/);
    const { id, ...found } = await readConversation(owner, 'handoff=waiting');

    assert.deepEqual([found.handoff, found.handoffEmail, found.handoffNote], ['waiting', 'ada@people.example', 'Please call me.']);
    await chat.reload();
    await notice.waitFor();
    await owner.call('POST', `/api/dashboard/conversations/${encodeURIComponent(id)}/close`, { closed: true });
    await chat.reload();
    await chat.inside.locator('.notice', { hasText: 'closed' }).waitFor();
  },

  async 'a conversation that its visitor deletes is gone, here and at the server'({ config, newChat }) {
    const owner = await register(config.url);
    const secret = `plum-${randomBytes(6).toString('hex')}`;

    await owner.setWidget({ greeting: 'Hello.' }, (told) => told.features.delete);
    const chat = await (await newChat()).visit(config.url, owner.key);
    const confirm = chat.inside.locator('.form').getByRole('button', { name: 'Delete conversation' });

    await chat.ask(`My password is ${secret}.`);
    await chat.done();
    const old = await chat.sessionId();

    await chat.choose('Delete conversation');
    await chat.inside.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await chat.questions.count(), 1, 'not without a yes');
    await chat.choose('Delete conversation');
    const [gone] = await Promise.all([chat.page.waitForResponse((/** @type {any} */ r) => r.request().method() === 'DELETE'), confirm.click()]);

    assert.equal(gone.status(), 204);
    await chat.questions.first().waitFor({ state: 'detached' });
    const told = await (await fetch(`${config.url}/api/widget/sessions/${old}/messages`, { headers: { 'x-api-key': owner.key, origin: chat.site.origin } })).text();
    const office = JSON.stringify(await owner.call('GET', `/api/dashboard/conversations?q=${secret}`));

    assert.ok(!told.includes(secret), told);
    assert.ok(!office.includes(secret), office);
    await chat.reload();
    assert.equal(await chat.questions.count(), 0);
    await chat.ask('A new one.');
    await chat.done();
    assert.deepEqual((await chat.history()).map((/** @type {any} */ item) => item.role), ['user', 'assistant']);
  },

  async 'a thumb and what is said with it reach the office'({ config, newChat }) {
    const owner = await register(config.url);

    await owner.setWidget({ greeting: 'Hello.' }, () => true);
    const chat = await (await newChat()).visit(config.url, owner.key);

    await chat.ask('What is there?');
    await chat.done();
    await chat.last.locator('.thumb-down').click();
    await chat.last.getByLabel('Would you tell us more?').fill('It is too short.');
    await chat.last.getByRole('button', { name: 'Send' }).click();
    await chat.last.getByText('Thank you!').waitFor();
    assert.equal(await chat.last.locator('.thumb-down').getAttribute('aria-pressed'), 'true');
    const { messages } = await readConversation(owner, 'rating=down');
    const { rating, comment } = messages.map((/** @type {any} */ message) => message.answer).filter(Boolean).pop();

    assert.deepEqual([rating, comment], ['down', 'It is too short.']);
  },

  async 'a file of a visitor answers his questions and nobody else\'s'({ config, form, site, newPage, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const word = `zanzibarite${randomBytes(3).toString('hex')}`;
    const name = `notes-${word}.txt`;
    const question = `What colour is ${word}?`;
    const chip = chat.inside.locator('.chip', { hasText: name });

    await chat.inside.locator('input[type="file"]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(`The mineral ${word} is bright orange and is found on one island only.\n`) });
    await chip.waitFor();
    await chat.inside.locator('.chip.ready', { hasText: name }).waitFor();
    await chat.ask(question);
    await chat.done();
    await chat.last.locator('.source', { hasText: name }).waitFor();
    await chat.reload();
    await chip.waitFor();
    await chip.getByRole('button').click();
    await chip.waitFor({ state: 'detached' });

    const other = await new Chat(await newPage(), form, site).visit(config.url, config.key);
    await other.ask(question);
    await other.done();
    assert.equal(await other.inside.locator('.source', { hasText: name }).count(), 0);
    assert.doesNotMatch(await other.text(), /bright orange/);
    await chat.ask(fresh(question));
    await chat.done();
    assert.equal(await chat.last.locator('.source', { hasText: name }).count(), 0, 'after it was taken away');
  },

  async 'a file is dropped, another pasted; text with a picture beside it is pasted as text'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const give = (/** @type {string} */ type, /** @type {string} */ name, text = '') =>
      chat.field.evaluate(
        (/** @type {Element} */ field, /** @type {string[]} */ [kind, file, words]) => {
          const data = new DataTransfer();

          data.items.add(new File([`Words of ${file}.`], file, { type: 'text/plain' }));
          if (words) data.setData('text/plain', words);
          const more = { bubbles: true, composed: true, cancelable: true };

          return field.dispatchEvent(kind === 'drop' ? new DragEvent(kind, { ...more, dataTransfer: data }) : new ClipboardEvent(kind, { ...more, clipboardData: data }));
        },
        [type, name, text],
      );

    assert.equal(await give('drop', 'dropped.txt'), false, 'the browser does not open it');
    await chat.inside.locator('.chip.ready', { hasText: 'dropped.txt' }).waitFor();
    assert.equal(await give('paste', 'pasted.txt'), false);
    await chat.inside.locator('.chip.ready', { hasText: 'pasted.txt' }).waitFor();
    assert.equal(await give('paste', 'picture.txt', 'a table'), true, 'left to the browser');
    assert.equal(await chat.inside.locator('.chip').count(), 2);
  },

  async 'a file that cannot be read is said to be so'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.inside.locator('input[type="file"]').setInputFiles({ name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 and then nothing') });
    await chat.inside.locator('.chip.failed', { hasText: 'broken.pdf' }).waitFor();
    await chat.ask(config.question);
    await chat.done();
  },
});

/*
 * A visitor who has a slow scripted bot count for him, and what must be true when it has counted.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Chat } from './Chat.mjs';
import { openProxy } from './proxy.mjs';
import { psql } from './psql.mjs';
import { scriptedText } from './scriptedText.mjs';
import { assertJoins, watchAnswer } from './watchAnswer.mjs';

export const LENGTH = 80;
/** Events with an id before the first token: start and sources. */
const HEAD = 2;
export const MODEL = `scripted:mock-ttft200-itl50-len${LENGTH}`;

/** The conversation that began with a question, and what was charged for it. */
const STORED = `
  WITH s AS (SELECT DISTINCT tenant_id, session_id FROM messages WHERE role = 'user' AND text = :'question')
  SELECT json_build_object(
    'messages', (SELECT json_agg(json_build_array(m.role, m.text) ORDER BY m.seq) FROM messages m JOIN s USING (tenant_id, session_id)),
    'charges', (SELECT count(*) FROM usage_ledger u JOIN answers a ON a.tenant_id = u.tenant_id AND a.id = u.answer_id
                JOIN s ON s.tenant_id = a.tenant_id AND s.session_id = a.session_id))`;
const CHARGED = `SELECT json_build_object('rows', count(*)) FROM usage_ledger WHERE tenant_id = :'tenant' AND bot_id = :'bot'`;

/** @typedef {Awaited<ReturnType<typeof openVisitor>>} Visitor */

/**
 * @param {any} shared
 * @param {string} form
 * @param {{reducedMotion?: 'reduce' | 'no-preference', serve?: import('./proxy.mjs').Answer, fault?: string}} [more] serve: in the gateway's place
 */
export async function openVisitor({ browser, config, site, bot }, form, { reducedMotion = 'reduce', serve, fault = '' } = {}) {
  const proxy = await openProxy(config.url);
  const page = await browser.newPage({ reducedMotion });
  const watch = await watchAnswer(page);

  proxy.answerWith(serve ?? null);
  proxy.ledger.lookWith(watch.countWords);
  await page.addInitScript(`globalThis.ccFault = ${JSON.stringify(fault)}`);
  const chat = await new Chat(page, form, site).visit(proxy.url, bot.key);

  return {
    proxy,
    page,
    chat,
    form,
    watch,
    question: `Count for me, ${randomBytes(8).toString('hex')}.`,

    async close() {
      await page.context().close();
      await proxy.close();
    },
  };
}

/** What he sees is what he always saw a beginning of, what the model says, stored once and charged once. @param {any} config @param {Visitor} visitor */
export async function judge({ stack }, { chat, proxy, question, watch }) {
  const expected = scriptedText(question, LENGTH);
  const { messages, charges } = psql(stack, STORED, { question });

  assert.equal(await chat.text(), expected, 'the text that the visitor copies');
  assert.equal(await chat.words.textContent(), expected, 'the text that he sees');
  assert.equal(await chat.questions.count(), 1, 'questions shown');
  assert.equal(await chat.answers.count(), 1, 'answers shown');
  assert.deepEqual(messages, [['user', question], ['assistant', expected]], 'what is stored');
  assert.equal(charges, 1, 'charges');
  watch.assertGrew(expected, proxy.ledger.attempts);
  assertJoins(proxy.ledger.joins, HEAD);
}

/** @param {string} stack @param {{tenantId: string, botId: string}} bot @returns {number} charges for all that it has said */
export const countCharges = (stack, { tenantId, botId }) => psql(stack, CHARGED, { tenant: tenantId, bot: botId }).rows;

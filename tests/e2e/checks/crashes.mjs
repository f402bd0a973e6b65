import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';
import { crash } from '../support/processes.mjs';

/**
 * @param {string} kind all processes of it die in mid-answer
 * @param {(tools: {page: any, chat: Chat}) => Promise<void>} [meanwhile] before they are started again
 * @returns {(tools: any) => Promise<void>}
 */
const killed = (kind, meanwhile = async () => {}) => async ({ config, newPage }) => {
  assert.ok(config.stack, 'CC_E2E_STACK is wanted');
  const page = await newPage();
  const chat = await new Chat(page).visit(config.url, config.slowKey);
  const question = fresh('Count for me through thick and thin.');

  await chat.ask(question);
  await chat.grown(60);
  const dead = crash(config.stack, kind);
  try {
    await meanwhile({ page, chat });
  } finally {
    await dead.start();
  }
  await chat.last.locator('.tools').waitFor({ timeout: 100000 });
  await chat.assertExactlyOnce(question);
};

/** Needs an installation whose processes may be killed. */
export const crashes = {
  'every worker is killed in mid-answer: the text is whole and stored once': killed('worker'),
  'the gateway is killed in mid-answer: the text is whole and stored once': killed('gateway', ({ chat }) =>
    chat.last.locator('.status:not(:empty)').waitFor(),
  ),
};

import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';
import { ONCE, inForms } from '../support/inForms.mjs';
import { crash } from '../support/processes.mjs';

const LONGEST_MS = 100000;

/**
 * All processes of a kind die in mid-answer, while a visitor looks on in each of the forms.
 *
 * @param {string} kind
 * @param {(chats: Chat[]) => Promise<any>} [meanwhile] before they are started again
 * @returns {(tools: any) => Promise<void>}
 */
const killed = (kind, meanwhile = async () => {}) => async ({ config, site, forms, newPage }) => {
  assert.ok(config.stack, 'CC_E2E_STACK is wanted');
  const visitors = await Promise.all(
    forms.map(async (/** @type {string} */ form) => {
      const chat = await new Chat(await newPage(), form, site).visit(config.url, config.slowKey);

      return { chat, question: fresh(`Count for me in a ${form} through thick and thin.`) };
    }),
  );

  await Promise.all(visitors.map(({ chat, question }) => chat.ask(question)));
  await Promise.all(visitors.map(({ chat }) => chat.grown(60)));
  const dead = crash(config.stack, kind);
  try {
    await meanwhile(visitors.map(({ chat }) => chat));
  } finally {
    await dead.start();
  }
  await Promise.all(visitors.map(({ chat }) => chat.done(LONGEST_MS)));
  for (const { chat, question } of visitors) await chat.assertExactlyOnce(question);
};

/** Needs an installation whose processes may be killed. */
export const crashes = inForms(
  ONCE,
  {
    'every worker is killed in mid-answer: the text is whole and stored once': killed('worker'),
    'the gateway is killed in mid-answer: the text is whole and stored once': killed('gateway', (chats) =>
      Promise.all(chats.map((chat) => chat.last.locator('.status:not(:empty)').waitFor())),
    ),
  },
  { alone: true },
);

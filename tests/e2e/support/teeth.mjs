/*
 * What never_lost.mjs must notice: faults in a copy of the widget, in the line and in the database,
 * each with a visitor of its own.
 */
import assert from 'node:assert/strict';
import { makeBot } from './config.mjs';
import { MODEL, countCharges, judge, openVisitor } from './counting.mjs';
import { doctorWidget } from './doctorWidget.mjs';
import { psql } from './psql.mjs';

/** Four times as long as such an answer takes. */
const PATIENCE_MS = 16000;
const CUTS = [20, 40];

/** Rows of the conversation that began with a question, once more and under other ids. @param {string} insert @param {string} table @param {string} more */
const again = (insert, table, more) => `
  WITH a AS (SELECT tenant_id, answer_id AS id FROM messages WHERE role = 'user' AND text = :'question'),
       i AS (INSERT INTO ${table} ${insert}
             SELECT (jsonb_populate_record(t, ${more})).* FROM ${table} t JOIN a ON a.tenant_id = t.tenant_id AND a.id = t.${table === 'answers' ? 'id' : 'answer_id'}
             ${table === 'messages' ? "WHERE t.role = 'assistant'" : ''} RETURNING 1)
  SELECT json_build_object('rows', (SELECT count(*) FROM i))`;
const OTHER = "jsonb_build_object('answer_id', t.answer_id || 'again')";
const MESSAGE = again('OVERRIDING SYSTEM VALUE', 'messages', `${OTHER} || jsonb_build_object('id', t.id || 'again', 'seq', t.seq + 1)`);
const ANSWER = again('', 'answers', "jsonb_build_object('id', t.id || 'again', 'client_message', NULL)");
const CHARGE = again('', 'usage_ledger', OTHER);

/** @param {string[]} statements */
const write = (statements) => (/** @type {string} */ stack, /** @type {string} */ question) => {
  for (const statement of statements) assert.equal(psql(stack, statement, { question }).rows, 1, `no row to double: ${statement}`);
};

/** @returns {(event: Buffer) => Buffer[]} */
function dropOne() {
  let count = 0;

  return (event) => ((count += 1) === 30 ? [] : [event]);
}

/**
 * @typedef {object} Plant
 * @property {string} name
 * @property {RegExp} seen what is said of it
 * @property {string} [fault] of the widget
 * @property {number[]} [cuts]
 * @property {() => (event: Buffer) => Buffer[]} [mangle] what the line does to tokens
 * @property {(stack: string, question: string) => void} [tamper] with what is stored
 */
const repeat = () => (/** @type {Buffer} */ event) => [event, event];
const NOTHING = /^nothing$/;

/** @type {Plant[]} */
const PLANTS = [
  { name: 'nothing is wrong', seen: NOTHING, cuts: CUTS },
  { name: 'events come twice over the line', seen: NOTHING, mangle: repeat },
  { name: 'events that come twice are applied twice', seen: /this was seen/, mangle: repeat, fault: 'twice' },
  { name: 'ids are compared the wrong way round', seen: /Timeout/, fault: 'reversed' },
  { name: 'the line is joined too early, and all is told again', seen: /join 1 asked for/, cuts: CUTS, fault: 'early' },
  { name: 'the line is joined too late', seen: /this was seen/, cuts: CUTS, fault: 'late' },
  { name: 'the text is dropped at every cut', seen: /became shorter|join 1 asked for/, cuts: CUTS, fault: 'forgets' },
  { name: 'the line loses an event', seen: /this was seen/, mangle: dropOne },
  { name: 'an answer is stored twice', seen: /what is stored/, tamper: write([MESSAGE]) },
  { name: 'an answer is charged twice', seen: /charges/, tamper: write([ANSWER, CHARGE]) },
];

/** @param {any} shared @param {Plant} plant @param {string} form @param {import('./proxy.mjs').Answer} serve @returns {Promise<string>} what was noticed */
async function notice(shared, { fault, cuts = [], mangle, tamper }, form, serve) {
  const visitor = await openVisitor(shared, form, { fault, serve });

  try {
    visitor.proxy.cutAtTokens([...cuts]);
    if (mangle) visitor.proxy.mangleTokens(mangle());
    await visitor.chat.ask(visitor.question);
    await visitor.chat.done(PATIENCE_MS);
    tamper?.(shared.config.stack, visitor.question);
    await judge(shared.config, visitor);
    return 'nothing';
  } catch (error) {
    return String(error?.message ?? error);
  } finally {
    await visitor.close();
  }
}

/** @param {any} given as for a round of visitors @param {string[]} forms @returns {Promise<boolean[]>} for each whether it was noticed */
export async function tryTeeth(given, forms) {
  const shared = { ...given, bot: makeBot(given.config.stack, 'Teeth', MODEL) };
  const serve = doctorWidget();
  const results = await Promise.all(
    PLANTS.map(async (plant, i) => {
      const noticed = await notice(shared, plant, forms[i % forms.length], serve);

      console.log(`${plant.seen.test(noticed) ? 'ok   ' : 'FAIL '} planted: ${plant.name}: ${noticed.split('\n')[0]}`);
      return plant.seen.test(noticed);
    }),
  );
  const charges = countCharges(shared.config.stack, shared.bot);

  console.log(`${charges === PLANTS.length + 1 ? 'ok   ' : 'FAIL '} planted: one charge too many: ${charges} charges for ${PLANTS.length} questions`);
  return [...results, charges === PLANTS.length + 1];
}

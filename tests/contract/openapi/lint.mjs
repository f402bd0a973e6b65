import { createConfig, lint as redocly } from '@redocly/openapi-core';

/** Every warning counts; what is not wanted stands here with its reason. */
const RULES = {
  'operation-4xx-response': 'off', // "default" is the problem object, whatever its status
  'no-ambiguous-paths': 'off', // /api/chat/message stands before /api/chat/{botId} in the table of routes
};

/** @param {string} ref path of the document */
export async function lint(ref, check) {
  const config = await createConfig({ extends: ['recommended'], rules: RULES });
  const problems = await redocly({ ref, config });
  check(
    'docs/openapi.yaml keeps the rules of OpenAPI 3.1',
    problems.map((p) => `${p.ruleId} at ${p.location[0]?.pointer ?? '?'}: ${p.message}`),
  );
}

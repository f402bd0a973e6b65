import core from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

/** Every warning counts; what is not wanted stands here with its reason. */
const RULES = {
  'info-contact': 'off', // who runs an installation is not known here
  'license-url': 'off', // its SPDX identifier is given, which excludes an address
  'openapi-tags-alphabetical': 'off', // they are in the order of their readers
  'operation-description': 'off', // where the summary says it all there is none
  'oas3-parameter-description': 'off', // "limit" and "botId" explain themselves
};
// a WebSocket begins with 101
const KNOWN = ['chat/{sessionId}', 'dashboard'].map((of) => `operation-success-response at paths//ws/${of}/get/responses`);

/** @param {string} text the document, in YAML */
export async function lintAgain(text, check) {
  const linter = new core.Spectral();
  linter.setRuleset({ extends: [[rulesets.oas, 'all']], rules: RULES });
  const found = (await linter.run(text)).map((f) => [`${f.code} at ${f.path.join('/')}`, f.message]);
  check(
    'docs/openapi.yaml keeps the rules of Spectral',
    found.filter(([where]) => !KNOWN.includes(where)).map((f) => f.join(': ')),
  );
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlocks } from '../markdown/parseBlocks.js';
import { plainText } from './plainText.js';

test('marks, numbers of sources and addresses of links are not read out', () => {
  const text = '## Opening\n\nWe are **open** from `nine` [1], see [the plan](https://x.example/plan).\n\n- Mon\n- Tue\n\n> Closed _today_';

  assert.equal(plainText(parseBlocks(text)), 'Opening We are open from nine , see the plan. Mon Tue Closed today');
});

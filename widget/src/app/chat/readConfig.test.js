import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './readConfig.js';

test('whatever is absent or odd gets its default', () => {
  const empty = { name: '', greeting: '', starters: [], colour: '', position: '', locale: '', messageMax: 2000 };

  for (const body of [null, {}, { starters: 'x', colours: { primary: 'red;}*{display:none' }, limits: { messageMax: 9e9 }, position: 'top' }])
    assert.deepEqual(readConfig(body), empty);
});

test('what is given is taken', () => {
  const config = readConfig({
    name: ' Shop ',
    starters: ['a', '', 3, 'b'],
    colours: { primary: '#A1B2C3' },
    position: 'bottom-left',
    limits: { messageMax: 500 },
  });

  assert.equal(config.name, 'Shop');
  assert.deepEqual(config.starters, ['a', 'b']);
  assert.equal(config.colour, '#a1b2c3');
  assert.equal(config.position, 'left');
  assert.equal(config.messageMax, 500);
});

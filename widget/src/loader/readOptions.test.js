import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './readOptions.js';

const SRC = 'https://chat.example.org:8443/widget.js?v=1';

test('the gateway is where the script came from', () => {
  assert.deepEqual(readOptions({ src: SRC, dataset: { apiKey: ' pk_live_x ', position: 'Bottom-Left', locale: 'de' } }), {
    origin: 'https://chat.example.org:8443',
    key: 'pk_live_x',
    position: 'left',
    locale: 'de',
  });
});

test('what the page leaves out is empty', () => {
  const { key, position, locale } = readOptions({ src: SRC, dataset: { position: 'above' } });

  assert.deepEqual([key, position, locale], ['', '', '']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './readConfig.js';

const NOTHING = {
  name: '',
  title: '',
  subtitle: '',
  greeting: '',
  placeholder: '',
  launcher: '',
  footer: '',
  starters: [],
  colours: { primary: '#0f6b63', onPrimary: '#ffffff', inkLight: '#0f6b63', inkDark: '#71a8a3' },
  theme: '',
  position: '',
  locale: '',
  logo: '',
  avatar: '',
  privacyUrl: '',
  font: '',
  size: '',
  messageMax: 2000,
  files: { max: 5, types: [] },
  features: {},
  prechat: null,
};

const PAINTS = { primary: '#A1B2C3', accent: '#000000', onPrimary: '#000000', inkLight: '#445566', inkDark: '#c0c0c0' };

test('whatever is absent or odd gets its default', () => {
  /** @type {any[]} */
  const odd = [
    null,
    {},
    'text',
    { starters: 'x', colors: { primary: 'red;}*{display:none', accent: ['#0f6b63;}'] }, limits: { message: '9', files: 'x', fileTypes: 'x' }, position: 'top' },
    { colors: { ...PAINTS, inkDark: 'red;}*{display:none' } },
    { colors: null, limits: null, features: null, prechat: { fields: 'x' }, name: { toString: 1 }, theme: 5, size: null, font: 5.5 },
    { logo: 'javascript:alert(1)', avatar: 'http://example.org/a.png', privacyUrl: 'https://a.example/" onload="x', font: 'x;}*{' },
    { name: { constructor: 'x' }, greeting: ['x'], features: ['upload'], color: '#12345', constructor: 5 },
  ];

  for (const body of odd) assert.deepEqual(readConfig(body), NOTHING, JSON.stringify(body));
});

test('what is given is taken', () => {
  const config = readConfig({
    name: 'Shop',
    starters: ['a', 'b'],
    colors: PAINTS,
    position: 'bottom-left',
    limits: { message: 500, files: 3, fileBytes: 1000, fileTypes: ['.pdf', '.txt'] },
    features: { upload: true, handoff: true, delete: true, feedback: false },
    logo: 'https://cdn.example.org/logo.svg?v=1',
    font: "Inter, 'Segoe UI'",
    prechat: {
      title: 'Before we begin',
      fields: [
        { name: 'email', label: 'E-mail', type: 'email', required: true },
        { name: 'topic', label: '', type: 'select', options: ['A', 'B', 5] },
      ],
    },
  });

  assert.equal(config.name, 'Shop');
  assert.deepEqual(config.starters, ['a', 'b']);
  assert.deepEqual(config.colours, PAINTS);
  assert.equal(config.position, 'left');
  assert.equal(config.messageMax, 500);
  assert.deepEqual(config.files, { max: 3, types: ['.pdf', '.txt'] });
  assert.deepEqual(config.features, { upload: true, handoff: true, delete: true, feedback: false });
  assert.equal(config.logo, 'https://cdn.example.org/logo.svg?v=1');
  assert.equal(config.font, "Inter, 'Segoe UI'");
  assert.deepEqual(config.prechat?.fields.map(({ name }) => name), ['email', 'topic']);
});

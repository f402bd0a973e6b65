import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accentColours } from './accentColours.js';

/** @param {string} hex */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;

    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });

  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} a @param {string} b */
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);

  return (high + 0.05) / (low + 0.05);
}

test('whatever colour the owner chose, text on it and in it can be read', () => {
  for (let value = 0; value <= 0xffffff; value += 0x0043c1) {
    const hex = `#${value.toString(16).padStart(6, '0')}`;
    const { onAccent, inkLight, inkDark } = accentColours(hex);

    assert.ok(contrast(hex, onAccent) >= 4.5, `on ${hex}`);
    assert.ok(contrast(inkLight, '#e4e6e9') >= 4.45, `in ${hex}, light`);
    assert.ok(contrast(inkDark, '#31363d') >= 4.45, `in ${hex}, dark`);
  }
});

/*
 * What the application needs of the language and of the browser.  No Array.prototype, no for-of
 * and no spread in the loader: the page may have overridden what they use.
 */
const NEEDED = [
  'Object',
  'Function',
  'Array',
  'String',
  'RegExp',
  'Promise',
  'Map',
  'Set',
  'JSON',
  'TextDecoder',
  'ReadableStream',
  'Response',
  'AbortController',
  'EventTarget',
  'fetch',
  'setTimeout',
];

/**
 * Whether the page has put something of its own in the place of a built-in function.  Functions
 * of the browser print as their name and [native code]; those of a page, bound ones and proxies
 * print as something else.
 *
 * @param {any} page its window
 * @param {any} clean a window that no script of the page has seen
 */
export function isTampered(page, clean) {
  const { Reflect, Function } = clean;
  const print = Function.prototype.toString;
  const source = (/** @type {unknown} */ value) => (typeof value === 'function' ? print.call(value) : '');

  /** @param {any} mine @param {any} native */
  function differ(mine, native) {
    const keys = Reflect.ownKeys(native);

    for (let i = 0; i < keys.length; i += 1) {
      const a = Reflect.getOwnPropertyDescriptor(mine, keys[i]);
      const b = Reflect.getOwnPropertyDescriptor(native, keys[i]);

      if (!a || source(a.value) !== source(b.value) || source(a.get) !== source(b.get)) return true;
    }
    return false;
  }

  for (let i = 0; i < NEEDED.length; i += 1) {
    const mine = page[NEEDED[i]];
    const native = clean[NEEDED[i]];

    if (source(mine) !== source(native) || differ(mine, native)) return true;
    if (native.prototype && differ(mine.prototype, native.prototype)) return true;
  }
  // Every object has these: an option left out would be read from there.
  return Reflect.ownKeys(page.Object.prototype).length !== Reflect.ownKeys(clean.Object.prototype).length;
}

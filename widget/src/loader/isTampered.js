/*
 * What the application needs of the language and of the browser.  No Array.prototype, no for-of
 * and no spread of lists in the loader: the page may have overridden what they use.
 */
const NEEDED = ['Object', 'Array', 'String', 'RegExp', 'Promise', 'Map', 'JSON', 'EventTarget', 'fetch', 'setTimeout'];

/**
 * Whether the page has put something of its own in the place of a built-in function.  Functions
 * of the browser print as their name and [native code]; those of a page, bound ones and proxies
 * print as something else.
 *
 * @param {any} page its window
 * @param {any} clean a window that no script of the page has seen
 */
export function isTampered(page, clean) {
  const { Function, Object, Reflect } = clean;
  const print = (/** @type {unknown} */ value) => (typeof value === 'function' ? Function.prototype.toString.call(value) : '');

  /** @param {any} mine @param {any} native @param {PropertyKey[]} names @param {number} depth of the objects in it */
  function differ(mine, native, names, depth) {
    for (let i = 0; i < names.length; i += 1) {
      const { value: a, get } = Object.getOwnPropertyDescriptor(mine, names[i]) ?? {};
      const b = Object.getOwnPropertyDescriptor(native, names[i]);

      if (print(a) !== print(b.value) || print(get) !== print(b.get)) return true;
      if (depth && b.value === Object(b.value) && differ(a, b.value, Reflect.ownKeys(b.value), depth - 1)) return true;
    }
    return false;
  }

  // Every object has what Object.prototype has: an option left out would be read from there.
  return differ(page, clean, NEEDED, 2) || Reflect.ownKeys(page.Object.prototype).length !== Reflect.ownKeys(clean.Object.prototype).length;
}

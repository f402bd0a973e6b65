import { isTampered } from './isTampered.js';

/** @typedef {typeof import('../app/mount.js').mount} Mount */

/** Some browsers give a blank frame its document a moment later. @param {HTMLIFrameElement} frame */
async function realmOf(frame) {
  const early = /** @type {any} */ (frame.contentWindow);

  if (early.document.readyState !== 'complete')
    await new early.Promise((/** @type {() => void} */ resolve) => {
      frame.onload = resolve;
    });
  return /** @type {any} */ (frame.contentWindow);
}

/**
 * A script element is the one way to load a module into another realm; it tells no exports, so
 * the application calls chatConnectMount there.
 *
 * @param {any} realm
 * @param {string} url
 * @param {string} nonce
 * @returns {Promise<Mount | undefined>} undefined when the page's policy refuses
 */
function loadInto(realm, url, nonce) {
  const script = realm.document.createElement('script');

  script.type = 'module';
  script.nonce = nonce;
  script.src = url;
  return new realm.Promise((/** @type {(mount?: Mount) => void} */ resolve) => {
    realm.chatConnectMount = resolve;
    script.onerror = () => resolve();
    realm.document.head.append(script);
  });
}

/**
 * The application, in the page's own realm where that is sound: import() is the one way to load
 * code that neither a nonce nor Trusted Types refuses.  Where the page has overridden what the
 * application needs, it runs in a blank frame inside our root, whose built-ins nobody else can
 * reach; that frame stays.
 *
 * @param {ShadowRoot} root
 * @param {string} origin
 * @param {string} nonce of the script element
 * @returns {Promise<Mount>}
 */
export async function loadApp(root, origin, nonce) {
  const url = `${origin}/widget-app.js`;
  const frame = document.createElement('iframe');

  frame.hidden = true;
  root.append(frame);
  try {
    const realm = await realmOf(frame);
    const mount = isTampered(window, realm) && (await loadInto(realm, url, nonce));

    if (mount) return mount;
  } catch {
    // No frame, or none that we may look into: then without.
  }
  frame.remove();
  return (await import(url)).mount;
}

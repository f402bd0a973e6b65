/**
 * The window of the page that is seen.  Where the application runs in a realm of its own, that is
 * another one than the window it runs in: what is about the page goes through here.
 *
 * @type {{window: Window & typeof globalThis}}
 */
export const page = { window: globalThis.window };

/**
 * The window of the page that is seen.  Where the page's own realm has been tampered with, the
 * application runs in a clean one (a blank frame inside the closed root) and draws into the page:
 * whatever is about what is seen (sizes, matchMedia, animation frames, the clipboard,
 * CSSStyleSheet, the visual viewport) is asked of this window, everything of the language of our
 * own globals.
 */
export const page = { window: globalThis };

import { page } from '../page.js';
import { accentColours } from '../view/accentColours.js';
import base from './base.css';
import composer from './composer.css';
import messages from './messages.css';
import panel from './panel.css';

const COLOUR = '#0f6b63';

/** @param {string} css */
function sheet(css) {
  const made = new page.window.CSSStyleSheet();

  made.replaceSync(css);
  return made;
}

/**
 * The style sheets of the shadow root.  Constructed, not written into the page: no content
 * security policy refuses them; and by the page's own window, or it would not take them.
 *
 * @param {string} colour "#rrggbb" or "" for ours
 */
export function createStyles(colour) {
  const { accent, onAccent, inkLight, inkDark } = accentColours(colour || COLOUR);
  const colours = `.widget{--accent:${accent};--on-accent:${onAccent};--ink-light:${inkLight};--ink-dark:${inkDark}}`;

  return [base, panel, messages, composer, colours].map(sheet);
}

import { page } from '../page.js';
import base from './base.css';
import composer from './composer.css';
import dark from './dark.css';
import forms from './forms.css';
import messages from './messages.css';
import panel from './panel.css';

const SIZES = { small: 14, medium: 15, large: 17 };
/** When it is dark. */
const NIGHTS = { dark: 'all', light: 'not all', auto: '(prefers-color-scheme:dark)' };

/** @param {string} css @param {string} [media] */
function sheet(css, media) {
  const made = new page.window.CSSStyleSheet({ media });

  made.replaceSync(css);
  return made;
}

/**
 * The style sheets of the shadow root.  Constructed, not written into the page: no content
 * security policy refuses them; and by the page's own window, or it would not take them.
 *
 * @param {import('../chat/readConfig.js').Config} config
 * @param {string} theme
 */
export function createStyles({ colours, font, size }, theme) {
  const { primary, onPrimary, inkLight, inkDark } = colours;
  const night = NIGHTS[/** @type {keyof NIGHTS} */ (theme)] ?? NIGHTS.auto;
  const px = SIZES[/** @type {keyof SIZES} */ (size)] ?? SIZES.medium;
  const own = `.widget{--accent:var(--chatconnect-accent,${primary});--on-accent:var(--chatconnect-on-accent,${onPrimary});--ink-light:${inkLight};--ink-dark:${inkDark};--size:${px}px;--face:${font || 'system-ui'}}`;
  const screen = sheet('');

  return {
    sheets: [sheet(base + panel + messages + composer + forms + own), sheet(dark, night), screen],

    /** Keeps the panel above the keyboard of a narrow screen. @param {{offsetTop: number, height: number, scale: number}} seen */
    fit({ offsetTop, height, scale }) {
      screen.replaceSync(scale > 1 ? '' : `[data-narrow] .panel{top:${offsetTop}px;height:${height}px}`);
    },
  };
}

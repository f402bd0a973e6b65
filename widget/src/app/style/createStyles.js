import { page } from '../page.js';
import { accentColours } from '../view/accentColours.js';
import base from './base.css';
import composer from './composer.css';
import dark from './dark.css';
import forms from './forms.css';
import messages from './messages.css';
import panel from './panel.css';

const ACCENT = '#0f6b63';
const COLOUR = /^#[0-9a-f]{6}$/i;
/** Letters that cannot end a declaration. */
const FONT = /^[\w ,'-]+$/;
const SIZES = { small: 14, medium: 15, large: 17 };

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
 * @param {import('../chat/readConfig.js').Config} config
 */
export function createStyles({ colours, font, size }) {
  const night = (/** @type {string} */ theme) => dark.replace('.widget', `.widget[data-theme=${theme}]`);
  const themes = `${night('dark')}@media(prefers-color-scheme:dark){${night('auto')}}`;
  const own = `.widget{--size:${SIZES[/** @type {keyof SIZES} */ (size)] ?? SIZES.medium}px}`;
  const paints = sheet('');
  const screen = sheet('');

  /** @param {string} wished a colour of the page, "#rrggbb"; others are taken as they are */
  function paint(wished) {
    const fill = COLOUR.test(wished.trim()) ? wished.trim() : '';
    const { accent, onAccent } = accentColours(fill || colours.primary || ACCENT);
    const { inkLight, inkDark } = accentColours(fill || colours.accent || colours.primary || ACCENT);

    paints.replaceSync(
      `.widget{--accent:var(--chatconnect-accent,${accent});--on-accent:var(--chatconnect-on-accent,${onAccent});--ink-light:${inkLight};--ink-dark:${inkDark}}`,
    );
  }

  paint('');
  return {
    sheets: [...[base, panel, messages, composer, forms, themes, own, FONT.test(font) ? `.widget{--face:${font}}` : ''].map(sheet), paints, screen],
    paint,

    /** Keeps the panel above the keyboard of a narrow screen. @param {{offsetTop: number, height: number, scale: number}} seen */
    fit({ offsetTop, height, scale }) {
      screen.replaceSync(scale > 1 ? '' : `[data-narrow] .panel{top:${offsetTop}px;height:${height}px}`);
    },
  };
}

/** How high one bubble's corner is: further widgets of a page stand above it. */
const CORNER = 76;

/**
 * Where the frame stands and how large it is: as large as the bubble, as large as the panel, or
 * the whole of what a narrow screen shows above its keyboard.
 *
 * @param {import('../app/mount.js').Box} box what the frame says; numbers and nothing else get into
 *   the style sheet
 * @param {boolean} narrow
 * @param {number} nth widget of the page
 * @param {{offsetTop: number, height: number}} view the visual viewport
 */
export function frameStyle({ open, left, width, height }, narrow, nth, view) {
  const size = open
    ? 'width:calc(var(--chatconnect-width,400px) + 48px);height:calc(var(--chatconnect-height,660px) + 124px)'
    : `width:${+width}px;height:${+height}px`;
  const place =
    open && narrow
      ? `top:${view.offsetTop}px;left:0;width:100%;height:${view.height}px`
      : `bottom:calc(var(--chatconnect-offset-y,24px) + ${CORNER * nth - 24}px);${left ? 'left' : 'right'}:calc(var(--chatconnect-offset-x,24px) - 24px);${size}`;

  return `:host{all:initial!important}iframe{position:fixed;z-index:var(--chatconnect-z-index,2147483000);max-width:100%;max-height:100%;border:0;color-scheme:light dark;${place}}`;
}

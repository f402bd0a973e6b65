const SVG = 'http://www.w3.org/2000/svg';

/** Strokes in a box of 24 by 24. */
const PATHS = {
  chat: 'M12 4c-5 0-9 3-9 7 0 2 1 4 3 6 0 1 0 2-1 3 2 0 3-1 4-2 7 1 12-2 12-7s-4-7-9-7ZM8 11h.01M12 11h.01M16 11h.01',
  down: 'm6 9 6 6 6-6',
  close: 'm6 6 12 12M18 6 6 18',
  fresh: 'M12 20h8M16 4l4 4L8 19l-4 1 1-4Z',
  send: 'M12 20V4m-6 6 6-6 6 6',
  stop: 'M7 7h10v10H7z',
  up: 'M7 20H4v-9h3m0 9v-9m0 9h9q3 0 3-2l1-6q0-2-2-2h-4V6q0-2-3-2l-4 7',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'm5 12 5 5 9-9',
  retry: 'M4 12a8 8 0 1 0 3-6L4 8V4m0 4h4',
  chevron: 'm9 6 6 6-6 6',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20c1-7 15-7 16 0',
  erase: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13',
  clip: 'm20 11-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a1 1 0 0 1-3-3l7-7',
  file: 'M6 4h8l4 4v12H6zM14 4v4h4',
  warn: 'M12 4 3 20h18zM12 10v4M12 17h.01',
  spark: 'M12 3c1 6 3 8 9 9-6 1-8 3-9 9-1-6-3-8-9-9 6-1 8-3 9-9Z',
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGSVGElement} hidden from screen readers: the button around it has a name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');

  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

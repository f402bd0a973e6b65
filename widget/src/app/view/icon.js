const SVG = 'http://www.w3.org/2000/svg';

/** Strokes in a box of 24 by 24. */
const PATHS = {
  chat: 'M4 4h16v13H9l-5 4z',
  close: 'm6 6 12 12M18 6 6 18',
  send: 'M12 20V4m-6 6 6-6 6 6',
  stop: 'M7 7h10v10H7z',
  up: 'M7 11H4v9h13l2-9h-5V6l-2-2-5 7v9',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'm5 12 5 5 9-9',
  chevron: 'm9 6 6 6-6 6',
  more: 'M6 12h.01m6 0h.01m6 0h.01',
  plus: 'M12 5v14M5 12h14',
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

const SVG = 'http://www.w3.org/2000/svg';

/** Strokes in a box of 24 by 24. */
const PATHS = {
  chat: 'M12 3.5c-4.97 0-9 3.36-9 7.5 0 2.3 1.25 4.36 3.2 5.73-.1 1.2-.56 2.3-1.32 3.2a.35.35 0 0 0 .3.57c1.83-.12 3.42-.83 4.6-1.8.7.13 1.45.2 2.22.2 4.97 0 9-3.36 9-7.5s-4.03-7.9-9-7.9ZM8.5 11h.01M12 11h.01M15.5 11h.01',
  down: 'm6 9.5 6 6 6-6',
  close: 'm6 6 12 12M18 6 6 18',
  fresh: 'M12 20h8.5M15.9 4.6a2.05 2.05 0 0 1 2.9 2.9L7.5 18.8 3.6 20l1.1-3.9L15.9 4.6Z',
  send: 'M12 19.5v-15m-6 6 6-6 6 6',
  stop: 'M7.5 7.5h9v9h-9z',
  up: 'M7 20.5H4.6a1 1 0 0 1-1-1V12a1 1 0 0 1 1-1H7m0 9.5V11m0 9.5h9.2a2.6 2.6 0 0 0 2.55-2.1l1.2-6a1.7 1.7 0 0 0-1.67-2.04H14V6.1A2.3 2.3 0 0 0 11.7 3.8L7 11',
  copy: 'M9 9h10.5v11.5H9zM15 9V4.5H4.5V15H9',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  retry: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5',
  chevron: 'm9.5 6 6 6-6 6',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  erase: 'M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13.5h9l1-13.5',
  clip: 'm19.5 11.5-7.8 7.8a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.2a1.7 1.7 0 0 1-2.4-2.3l7.6-7.6',
  file: 'M6 3.5h8L18.5 8v12.5H6zM14 3.5V8h4.5',
  warn: 'M12 4 3 20h18zM12 10v4.5M12 17.3h.01',
  spark: 'M12 3.5c.7 4.6 3.4 7.3 8 8-4.6.7-7.3 3.4-8 8-.7-4.6-3.4-7.3-8-8 4.6-.7 7.3-3.4 8-8Z',
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

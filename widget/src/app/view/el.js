/**
 * The one file that makes elements.  Texts become text nodes, never mark-up; a style attribute,
 * which a strict page refuses, is not offered.  A button sends no form unless it says so.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes] a function listens to the event of that name; true sets
 *   an empty attribute, false, "" and undefined none
 * @param {...(Node | string | null | undefined | false)} children those that are none are left out
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);

  if (tag === 'button') element.setAttribute('type', 'button');
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value || value === 0) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * The one file that makes elements.  Texts become text nodes, never mark-up; a style attribute,
 * which a strict page refuses, is not offered.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes] true sets an empty attribute, false and "" none; on:
 *   listeners by event name
 * @param {...(Node | string | null | undefined | false)} children those that are none are left out
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const { on = {}, ...rest } = attributes;

  for (const [name, value] of Object.entries(rest))
    if (value !== false && value !== '' && value !== undefined) element.setAttribute(name, value === true ? '' : String(value));
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  for (const child of children) if (child) element.append(child);
  return element;
}

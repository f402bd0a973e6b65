/** The three forms of the widget: in the page, in a frame of the page, a page of its own. */
export const ALL = ['bubble', 'frame', 'page'];
/** Those that are guests on a page of somebody else. */
export const HOSTED = ['bubble', 'frame'];
/** Once, whatever form is asked for: the check names the form itself, or none. */
export const ONCE = [''];

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string[]} forms
 * @property {boolean} alone nothing else may run beside it
 * @property {(tools: any) => Promise<void>} run
 */

/**
 * The checks of a table, marked with the forms that they make sense in.
 *
 * @param {string[]} forms
 * @param {Record<string, (tools: any) => Promise<void>>} checks
 * @param {{alone?: boolean}} [more]
 * @returns {Check[]}
 */
export const inForms = (forms, checks, { alone = false } = {}) => Object.entries(checks).map(([name, run]) => ({ name, run, forms, alone }));

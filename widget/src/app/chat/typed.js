/**
 * What was read, in the shape that is relied on: a member of another kind than in `shape`, or none,
 * is as there; what is not there is left out.
 *
 * @template {object} Shape
 * @param {Shape} shape
 * @param {any} from
 * @returns {Shape}
 */
export const typed = (shape, from) =>
  /** @type {any} */ (Object.fromEntries(Object.entries(shape).map(([name, usual]) => [name, from?.[name]?.constructor === usual.constructor ? from[name] : usual])));

/**
 * Runs something whenever the page may have been asleep: it is seen again, comes out of the
 * browser's memory, or the network is back.
 *
 * @param {() => void} run
 * @param {AbortSignal} signal ends it
 * @param {any} [world] a window, or what stands for one
 */
export function onWake(run, signal, world = globalThis) {
  const { document } = world;

  for (const name of ['online', 'pageshow']) world.addEventListener?.(name, run, { signal });
  document?.addEventListener('visibilitychange', () => document.hidden || run(), { signal });
}

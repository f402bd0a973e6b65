import { openProxy } from './proxy.mjs';

/** The chat behind a line of our own. @param {any} tools @param {string} key @param {(chat: any, proxy: any) => Promise<void>} run */
export async function throughProxy({ config, newChat }, key, run) {
  const proxy = await openProxy(config.url);

  try {
    await run(await (await newChat()).visit(proxy.url, key), proxy);
  } finally {
    await proxy.close();
  }
}

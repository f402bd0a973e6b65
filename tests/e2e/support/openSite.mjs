/*
 * A web site of somebody else: pages/*.html on an origin of its own.  In a page {{host}} becomes the
 * gateway's origin and {{widget}} the script elements that the address asks for.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { basename } from 'node:path';

const PAGES = new URL('../pages/', import.meta.url);
const MARKS = { '&': '&amp;', '"': '&quot;', '<': '&lt;' };

/** @param {string} text */
const quote = (text) => `"${text.replace(/[&"<]/g, (mark) => MARKS[/** @type {keyof typeof MARKS} */ (mark)])}"`;

/** @param {string} host @param {Record<string, string>} attributes those that are null are left out */
function scriptElement(host, { src = '/widget.js', ...attributes }) {
  const rest = Object.entries(attributes).filter(([, value]) => value !== null);

  return `<script src=${quote(host + src)}${rest.map(([name, value]) => ` ${name}=${quote(value)}`).join('')}></script>`;
}

/** @typedef {Awaited<ReturnType<typeof openSite>>} Site */

export async function openSite() {
  const server = http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(String(request.url), 'http://site.invalid');

    try {
      const text = await readFile(new URL(basename(pathname), PAGES), 'utf8');
      const host = searchParams.get('host') ?? '';
      const scripts = JSON.parse(searchParams.get('scripts') ?? '[]').map((/** @type {any} */ attributes) => scriptElement(host, attributes));

      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      response.end(text.replaceAll('{{host}}', () => host).replaceAll('{{widget}}', () => scripts.join('\n')));
    } catch {
      response.writeHead(404).end();
    }
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;

  return {
    origin,

    /**
     * @param {string} page name of the file without .html
     * @param {string} host origin of the gateway
     * @param {...Record<string, string | null>} scripts attributes of the script elements
     */
    address: (page, host, ...scripts) => `${origin}/${page}.html?${new URLSearchParams({ host, scripts: JSON.stringify(scripts) })}`,

    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

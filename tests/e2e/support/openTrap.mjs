/*
 * Where the browser's requests to all other hosts end: a proxy that writes down who was to be asked,
 * and asks nobody.  What no page's log shows (a preconnection, a worker, another frame) passes here.
 */
import { once } from 'node:events';
import http from 'node:http';

export async function openTrap() {
  /** @type {string[]} */
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });

  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  return {
    url: `http://127.0.0.1:${port}`,
    seen,

    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

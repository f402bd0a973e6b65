/*
 * A bad line between browser and gateway: passes everything on until it is told to cut.  It can also
 * answer in the gateway's place, for what a healthy gateway does not do on demand.
 */
import { once } from 'node:events';
import http from 'node:http';

/** @typedef {(request: http.IncomingMessage, response: http.ServerResponse) => boolean | void} Answer true: answered */

/** @param {string} target */
export async function openProxy(target) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** @type {{method: string, path: string}[]} */
  const seen = [];
  /** @type {Answer | null} */
  let answer = null;
  let down = false;

  const server = http.createServer((request, response) => {
    seen.push({ method: String(request.method), path: String(request.url) });
    if (answer?.(request, response)) return;

    const onward = http.request(new URL(String(request.url), target), { method: request.method, headers: request.headers });

    onward.on('response', (reply) => {
      response.writeHead(Number(reply.statusCode), reply.headers);
      reply.pipe(response);
      reply.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });

  server.on('connection', (socket) => {
    if (down) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  return {
    url: `http://127.0.0.1:${port}`,
    seen,

    /** Every connection breaks now. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },

    /** No new connection comes through while it is down. @param {boolean} now */
    setDown(now) {
      down = now;
      if (down) this.cut();
    },

    /** @param {Answer | null} now */
    answerWith(now) {
      answer = now;
    },

    async close() {
      this.cut();
      server.close();
      await once(server, 'close');
    },
  };
}

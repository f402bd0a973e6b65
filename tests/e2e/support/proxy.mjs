/*
 * A bad line between browser and gateway: passes everything on until it is told to cut.  It can also
 * answer in the gateway's place, for what a healthy gateway does not do on demand.
 */
import { once } from 'node:events';
import http from 'node:http';

/** @typedef {(request: http.IncomingMessage, response: http.ServerResponse) => boolean | void} Answer true: answered */

/** What the gateway says for every page on the list. @param {http.IncomingMessage} request @param {http.ServerResponse} response */
function allowOrigin({ headers }, response) {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*');
  response.setHeader('access-control-expose-headers', 'retry-after, x-request-id');
}

/**
 * Passes a stream of events on, and breaks the line in the middle of the bytes of a token that is
 * due.  Tokens are counted by their ids, over all connections.
 *
 * @param {http.IncomingMessage} reply
 * @param {http.ServerResponse} response
 * @param {{places: number[], seen: Set<string>, cuts: number, told: () => void}} plan
 */
function passEvents(reply, response, plan) {
  let rest = Buffer.alloc(0);

  reply.on('data', (piece) => {
    rest = Buffer.concat([rest, piece]);
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.subarray(0, end + 2);
      const id = /^event: token$/m.test(event.toString('latin1')) && /^id: (\S+)$/m.exec(event.toString('latin1'))?.[1];

      rest = rest.subarray(end + 2);
      if (id) plan.seen.add(id);
      if (id && plan.seen.size >= plan.places[0]) {
        while (plan.seen.size >= plan.places[0]) plan.places.shift();
        plan.cuts += 1;
        reply.destroy();
        response.write(event.subarray(0, Math.floor(Math.random() * event.length)), () => response.destroy());
        plan.told();
        return;
      }
      response.write(event);
      if (id) plan.told();
    }
  });
  reply.on('end', () => response.end(rest));
}

/** @param {string} target */
export async function openProxy(target) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** @type {{method: string, path: string}[]} */
  const seen = [];
  /** @type {Answer | null} */
  let answer = null;
  let down = false;
  /** @type {(() => void)[]} */
  let waiting = [];
  const plan = { places: /** @type {number[]} */ ([]), seen: new Set(), cuts: 0, told: () => waiting.forEach((look) => look()) };

  const server = http.createServer((request, response) => {
    seen.push({ method: String(request.method), path: String(request.url) });
    if (answer && request.method !== 'OPTIONS') {
      allowOrigin(request, response);
      if (answer(request, response)) return;
      for (const name of response.getHeaderNames()) response.removeHeader(name);
    }
    const onward = http.request(new URL(String(request.url), target), { method: request.method, headers: request.headers });

    onward.on('response', (reply) => {
      response.writeHead(Number(reply.statusCode), reply.headers);
      if (/event-stream/.test(String(reply.headers['content-type']))) passEvents(reply, response, plan);
      else reply.pipe(response);
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

    /** Breaks the line in each of these tokens. @param {number[]} places in order */
    cutAtTokens(places) {
      plan.places = places;
    },

    /** How often it was broken so. */
    get cuts() {
      return plan.cuts;
    },

    /** Until so many tokens have come by. @param {number} count @returns {Promise<void>} */
    passed: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (plan.seen.size < count) return;
          waiting = waiting.filter((other) => other !== look);
          resolve();
        };

        waiting.push(look);
        look();
      }),

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

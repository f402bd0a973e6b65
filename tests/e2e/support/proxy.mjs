/*
 * A bad line between browser and gateway: passes everything on until it is told to cut.  It can also
 * answer in the gateway's place, for what a healthy gateway does not do on demand.
 */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { createLedger } from './createLedger.mjs';

/** @typedef {(request: http.IncomingMessage, response: http.ServerResponse) => boolean | void} Answer true: answered */

/** What the gateway says for every page on the list. @param {http.IncomingMessage} request @param {http.ServerResponse} response */
function allowOrigin({ headers }, response) {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*');
  response.setHeader('access-control-expose-headers', 'retry-after, x-request-id');
}

/** @typedef {ReturnType<typeof createPlan>} Plan */

/** What is to happen to the line, and what has come over it. @param {() => void} told something has */
const createPlan = (told) => ({ places: /** @type {number[]} */ ([]), seen: new Set(), cuts: 0, ledger: createLedger(), mangle: keep, told });

/** @param {Buffer} event @returns {Buffer[]} */
const keep = (event) => [event];

/**
 * @param {Plan} plan
 * @param {string} id of a token that comes by
 * @returns {boolean} whether the line is to break in it
 */
function isDue(plan, id) {
  plan.seen.add(id);
  if (!(plan.seen.size >= plan.places[0])) return false;
  while (plan.seen.size >= plan.places[0]) plan.places.shift();
  plan.cuts += 1;
  return true;
}

/**
 * As passEvents, for a WebSocket: what the server sends is text as it stands.
 *
 * @param {net.Socket} onward
 * @param {import('node:stream').Duplex} socket
 * @param {Plan} plan
 */
function passFrames(onward, socket, plan) {
  let broken = false;

  onward.on('data', (piece) => {
    if (broken) return;
    const text = piece.toString('latin1');
    const tokens = text.match(/\{[^{}]*"type":"token"[^{}]*\}/g) ?? [];

    if (tokens.some((token) => isDue(plan, /"id":"([^"]+)"/.exec(token)?.[1] ?? ''))) {
      const part = piece.subarray(0, Math.floor(Math.random() * piece.length));

      broken = true;
      plan.ledger.has(part.toString('latin1'));
      onward.destroy();
      socket.write(part, () => socket.destroy());
    } else {
      plan.ledger.has(text);
      socket.write(piece);
    }
    if (tokens.length) plan.told();
  });
  socket.on('data', (piece) => {
    plan.ledger.askedFor(unmask(piece));
    plan.told();
  });
  socket.pipe(onward);
}

/** @param {Buffer} frame of a browser, short and whole as it sends them @returns {string} */
function unmask(frame) {
  const begin = (frame[1] & 0x7f) === 126 ? 4 : 2;
  const mask = frame.subarray(begin, begin + 4);

  return frame.subarray(begin + 4).map((byte, i) => byte ^ mask[i % 4]).toString('utf8');
}

/** @param {http.IncomingMessage} reply @param {http.ServerResponse} response nothing of it before it has ended */
function passLate(reply, response) {
  /** @type {Buffer[]} */
  const held = [];

  response.flushHeaders();
  reply.on('data', (piece) => held.push(piece));
  reply.on('end', () => response.end(Buffer.concat(held)));
}

/**
 * Passes a stream of events on, and breaks the line in the middle of the bytes of a token that is
 * due.  Tokens are counted by their ids, over all connections.
 *
 * @param {http.IncomingMessage} reply
 * @param {http.ServerResponse} response
 * @param {Plan} plan
 */
function passEvents(reply, response, plan) {
  let rest = Buffer.alloc(0);
  let broken = false;

  reply.on('data', (piece) => {
    if (broken) return; // what was on its way already
    rest = Buffer.concat([rest, piece]);
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.subarray(0, end + 2);
      const text = event.toString('latin1');
      const id = /^event: token$/m.test(text) && /^id: (\S+)$/m.exec(text)?.[1];

      rest = rest.subarray(end + 2);
      if (id && isDue(plan, id)) {
        broken = true;
        reply.destroy();
        response.write(event.subarray(0, Math.floor(Math.random() * event.length)), () => response.destroy());
        plan.told();
        return;
      }
      plan.ledger.has(text);
      for (const piece of id ? plan.mangle(event) : [event]) response.write(piece);
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
  let socketsPass = true;
  let passStream = passEvents;
  /** @type {(() => void)[]} */
  let waiting = [];
  const plan = createPlan(() => waiting.forEach((look) => look()));

  /** @param {() => boolean} happened @returns {Promise<void>} */
  const until = (happened) =>
    new Promise((resolve) => {
      const look = () => {
        if (!happened()) return;
        waiting = waiting.filter((other) => other !== look);
        resolve();
      };

      waiting.push(look);
      look();
    });

  const server = http.createServer((request, response) => {
    seen.push({ method: String(request.method), path: String(request.url) });
    if (request.method === 'GET') plan.ledger.requested(String(request.url));
    plan.told();
    if (answer && request.method !== 'OPTIONS') {
      allowOrigin(request, response);
      if (answer(request, response)) return;
      for (const name of response.getHeaderNames()) response.removeHeader(name);
    }
    const onward = http.request(new URL(String(request.url), target), { method: request.method, headers: request.headers });

    onward.on('response', (reply) => {
      response.writeHead(Number(reply.statusCode), reply.headers);
      const pass = /event-stream/.test(String(reply.headers['content-type'])) ? passStream : null;

      if (pass) pass(reply, response, plan);
      else reply.pipe(response);
      reply.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });

  server.on('upgrade', (request, socket, head) => {
    seen.push({ method: 'UPGRADE', path: String(request.url) });
    if (!socketsPass) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const { hostname, port: theirs } = new URL(target);
    const onward = net.connect(Number(theirs), hostname, () => {
      const headers = request.rawHeaders.flatMap((text, i, all) => (i % 2 ? [] : [`${text}: ${all[i + 1]}`]));

      onward.write(`${[`GET ${request.url} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`);
      onward.write(head);
      passFrames(onward, socket, plan);
    });

    for (const [end, other] of [[socket, onward], [onward, socket]]) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
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

    /** The body of a stream comes when it has ended, as through a proxy that collects. @param {boolean} now */
    collect(now) {
      passStream = now ? passLate : passEvents;
    },

    /** @param {boolean} now whether WebSockets get through */
    letSockets(now) {
      socketsPass = now;
    },

    /** Breaks the line in each of these tokens. @param {number[]} places in order */
    cutAtTokens(places) {
      plan.places = places;
    },

    /** What is done to every token that is not cut. @param {(event: Buffer) => Buffer[]} mangle what comes in its place */
    mangleTokens(mangle) {
      plan.mangle = mangle;
    },

    /** What has come over the line, and where it was joined. */
    ledger: plan.ledger,

    /** How often it was broken so. */
    get cuts() {
      return plan.cuts;
    },

    /** Until it has been broken in all of them. @returns {Promise<void>} */
    allCut: () => until(() => plan.places.length === 0),

    /** Until so many tokens have come by. @param {number} count @returns {Promise<void>} */
    passed: (count) => until(() => plan.seen.size >= count),

    /** Until it has been asked so often to go on. @param {number} count @returns {Promise<void>} */
    joined: (count) => until(() => plan.ledger.joins.length >= count),

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

// aimock.mjs - Anthropic, OpenAI and Ollama as npm @copilotkit/aimock plays them, behind a front
// that keeps what reached it and adds what aimock does not know: Anthropic's cached tokens.
//
// Prints its port; GET /requests gives the requests, DELETE /requests forgets them.  Ends with its
// standard input.
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';

// its ES module needs Node 20.15, the other form runs on 18, too
const { LLMock } = createRequire(import.meta.url)('@copilotkit/aimock');

const TEXT = 'It is “fine”: \\o/\n\ttab, ümlaut, 漢字 and 😀 too.';
const USAGE = {
    input_tokens: 12, output_tokens: 7,
    prompt_tokens: 20, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 5 },
};

const mock = new LLMock({ port: 0, logLevel: 'silent' });
const answer = { content: TEXT, usage: USAGE };
const busy = { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 1 };
const ill = { error: { message: 'no', type: 'api_error' }, status: 500 };
const never = { error: { message: 'bad key', type: 'authentication_error' }, status: 401 };
for (const service of ['anthropic', 'openai', 'ollama'])
    for (const [word, failure] of [['limited', busy], ['flaky', ill]]) {
        const userMessage = `${word} ${service}`;
        mock.addFixture({ match: { userMessage, sequenceIndex: 0 }, response: failure });
        mock.addFixture({ match: { userMessage }, response: answer, chunkSize: 4 });
    }
mock.addFixture({ match: { userMessage: 'cut' }, response: answer, chunkSize: 4, truncateAfterChunks: 4 });
mock.addFixture({ match: { userMessage: 'forbidden' }, response: never });
mock.addFixture({ match: { predicate: () => true }, response: answer, chunkSize: 4, latency: 5 });
await mock.start();

const seen = [];

/** message_start with the counts of a cache that was read and written. */
function addCached(text) {
    return text.replace('"usage":{"input_tokens":12,',
        '"usage":{"input_tokens":12,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,');
}

/** Passes an answer on piece by piece. */
function passOn(from, to, change) {
    to.writeHead(from.statusCode, from.headers);
    from.setEncoding('utf8');
    from.on('data', (text) => to.write(change(text)));
    from.on('end', () => to.end());
    from.on('close', () => from.complete || to.destroy());
    to.on('close', () => from.destroy());
}

function forward(req, body, res) {
    const url = new URL(req.url, mock.url);
    const out = request(url, { method: req.method, headers: { ...req.headers, host: url.host } }, (from) =>
        passOn(from, res, url.pathname === '/v1/messages' ? addCached : (text) => text));
    out.on('error', () => res.destroy());
    out.end(body);
}

const front = createServer(async (req, res) => {
    if (req.url === '/requests') {
        res.end(JSON.stringify(seen));
        if (req.method === 'DELETE')
            seen.length = 0;
        return;
    }
    const pieces = [];
    for await (const piece of req)
        pieces.push(piece);
    const body = Buffer.concat(pieces);
    seen.push({ path: req.url, headers: req.headers, body: JSON.parse(body) });
    forward(req, body, res);
});

front.listen(0, '127.0.0.1', () => console.log(front.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit());

// The official client of OpenAI against an embedding service that stands in for it.
//
//     node openai-client.mjs URL KEY MODEL [busy]
//
// Leaves with 1 when what it gets is not what the client expects; with "busy" a refusal is expected.
import assert from 'node:assert/strict';
import OpenAI, { RateLimitError } from 'openai';

const [url, apiKey, model, busy] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url, apiKey, maxRetries: 0 });
const ask = (input, form) => client.embeddings.create({ model, input, encoding_format: form });

if (busy) {
  await assert.rejects(ask('one'), RateLimitError);
} else {
  const numbers = await ask(['one', 'two'], 'float');
  const packed = await ask(['one', 'two'], 'base64');
  const alone = await ask('one'); // the client asks for base64 by itself, and unpacks it
  assert.equal(numbers.model, model);
  assert.deepEqual(numbers.data.map((d) => [d.object, d.index]), [['embedding', 0], ['embedding', 1]]);
  const bytes = Buffer.from(packed.data[1].embedding, 'base64');
  assert.equal(bytes.length, 4 * numbers.data[1].embedding.length);
  numbers.data[1].embedding.forEach((x, i) => assert.ok(Math.abs(x - bytes.readFloatLE(4 * i)) < 1e-6));
  alone.data[0].embedding.forEach((x, i) => assert.ok(Math.abs(x - numbers.data[0].embedding[i]) < 1e-6));
}
console.log('the official client is content');

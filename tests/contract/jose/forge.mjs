/*
 * forge - what jose (npm) makes of our token, and tokens that jose makes.
 *
 * usage: node forge.mjs < {"keys": {kid: hex}, "token": ..., "claims": {...}}
 *
 * The first key signs.  Writes {verified: {header, payload} or {error}, tokens: [{words, token, good}]}:
 * each token differs from a right one in what its words say; good: ours must take it.
 */
import * as jose from 'jose'

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'))

async function read() {
    const parts = []
    for await (const part of process.stdin) parts.push(part)
    return JSON.parse(Buffer.concat(parts).toString())
}

async function verified(token, key) {
    try {
        const opts = { algorithms: ['HS256'], typ: 'JWT', issuer: 'chatconnect', audience: 'dashboard' }
        const { payload, protectedHeader } = await jose.jwtVerify(token, key, opts)
        return { header: protectedHeader, payload }
    } catch (e) {
        return { error: String(e) }
    }
}

const without = (claims, ...names) => Object.fromEntries(Object.entries(claims).filter(([k]) => !names.includes(k)))

/* words, changed claims, changed header, the key; null takes a member away. */
function symmetric(claims, kid, other, key, otherKey, now) {
    return [
        ['a right one', {}, {}, key, true],
        ['a right one of the key that only verifies', {}, { kid: other }, otherKey, true],
        ['another key', {}, {}, bytes('11'.repeat(32))],
        ['the key of another kid', {}, {}, otherKey],
        ['HS384', {}, { alg: 'HS384' }, key],
        ['HS512', {}, { alg: 'HS512' }, key],
        ['no kid', {}, { kid: null }, key],
        ['an unknown kid', {}, { kid: 'k9' }, key],
        ['no typ', {}, { typ: null }, key],
        ['another typ', {}, { typ: 'at+jwt' }, key],
        ['expired', { exp: now - 120, iat: now - 1000, nbf: now - 1000 }, {}, key],
        ['not yet', { nbf: now + 600 }, {}, key],
        ['another audience', { aud: 'refresh' }, {}, key],
        ['no audience', { aud: null }, {}, key],
        ['another issuer', { iss: 'elsewhere' }, {}, key],
        ['no issuer', { iss: null }, {}, key],
        ['no exp', { exp: null }, {}, key],
    ].map(([words, more, head, signer, good]) => {
        const header = { alg: 'HS256', typ: 'JWT', kid, ...head }
        const payload = { ...claims, ...more }
        const gone = (o) => without(o, ...Object.keys(o).filter((k) => o[k] === null))
        return { words, header: gone(header), payload: gone(payload), signer, good: Boolean(good) }
    })
}

async function sign({ words, header, payload, signer, good }) {
    const token = await new jose.SignJWT(payload).setProtectedHeader(header).sign(signer)
    return { words, token, good }
}

async function asymmetric(claims, kid) {
    const out = []
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
        const { privateKey, publicKey } = await jose.generateKeyPair(alg)
        const jwk = await jose.exportJWK(publicKey)
        const header = { alg, typ: 'JWT', kid }
        out.push(await sign({ words: alg, header, payload: claims, signer: privateKey, good: false }))
        const carried = { words: `${alg} with its key in the header`, header: { ...header, jwk }, payload: claims }
        out.push(await sign({ ...carried, signer: privateKey, good: false }))
        /* the public half as if it were the secret of an HMAC */
        const pem = new TextEncoder().encode(await jose.exportSPKI(publicKey))
        const swap = { words: `HS256 with the public key of ${alg}`, header: { ...header, alg: 'HS256' } }
        out.push(await sign({ ...swap, payload: claims, signer: pem, good: false }))
    }
    return out
}

async function encrypted(claims, key, kid) {
    const token = await new jose.EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid }).encrypt(key)
    return { words: 'encrypted, not signed', token, good: false }
}

const { keys, token, claims } = await read()
const [[kid, hex], [other, otherHex]] = Object.entries(keys)
const key = bytes(hex)
const now = Math.floor(Date.now() / 1000)
const made = symmetric(claims, kid, other, key, bytes(otherHex), now)
const tokens = [
    ...(await Promise.all(made.map(sign))),
    ...(await asymmetric(claims, kid)),
    await encrypted(claims, key, kid),
    { words: 'alg none', token: new jose.UnsecuredJWT(claims).encode(), good: false },
]
process.stdout.write(JSON.stringify({ verified: await verified(token, key), tokens }))

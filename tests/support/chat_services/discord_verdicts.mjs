// Prints one JSON line for each of N requests, good ones and tampered ones: {"key", "signature", "timestamp", "body"
// (base64), "good"}, where `good` is what verifyKey of Discord's own package discord-interactions says. The package
// is found in the folder that FRONTDESK_NODE_MODULES names. The requests are the same each time.
//
// usage: node discord_verdicts.mjs N

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env.FRONTDESK_NODE_MODULES;
const { verifyKey } = createRequire(join(folder, 'resolve.js'))(join(folder, 'discord-interactions'));

/** Bytes that depend on the name alone. */
const bytes = (name, size) => createHash('shake256', { outputLength: size }).update(name).digest();
const number = (name, below) => bytes(name, 4).readUInt32LE() % below;

/** A private key from its 32 bytes: PKCS #8 as in RFC 8410, section 7. */
function privateKey(seed) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const publicHex = (key) => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

function flip(buffer, name) {
  const copy = Buffer.from(buffer);
  const bit = number(name, copy.length * 8);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

// What is done to a request before it is judged. Only texts that are hexadecimal: the package reads other ones
// leniently.
const tampering = [
  (r) => r,
  (r) => ({ ...r, signature: r.signature.toUpperCase() }),
  (r, name) => ({ ...r, signature: flip(Buffer.from(r.signature, 'hex'), name).toString('hex') }),
  (r, name) => ({ ...r, key: flip(Buffer.from(r.key, 'hex'), name).toString('hex') }),
  (r, name) => (r.body.length ? { ...r, body: flip(r.body, name) } : r),
  (r) => ({ ...r, body: Buffer.concat([r.body, Buffer.from([0])]) }),
  (r) => ({ ...r, body: r.body.subarray(1) }),
  (r) => ({ ...r, timestamp: String(Number(r.timestamp) + 1) }),
  (r) => ({ ...r, timestamp: r.timestamp.slice(0, -1), body: Buffer.concat([Buffer.from(r.timestamp.slice(-1)), r.body]) }),
  (r) => ({ ...r, signature: r.signature.slice(2) }),
  (r) => ({ ...r, signature: r.signature + '00' }),
  (r) => ({ ...r, signature: r.signature.slice(64) + r.signature.slice(0, 64) }),
  (r, name) => ({ ...r, signature: bytes(name, 64).toString('hex') }),
  (r) => ({ ...r, signature: '00'.repeat(64) }),
  (r) => ({ ...r, key: '00'.repeat(32) }),
  (r) => ({ ...r, key: '01' + '00'.repeat(31), signature: '01' + '00'.repeat(63) }),
];

for (let i = 0; i < Number(process.argv[2]); ++i) {
  const key = privateKey(bytes(`key ${i % 50}`, 32));
  const timestamp = String(1700000000 + i);
  const body = bytes(`body ${i}`, number(`size ${i}`, 300));
  const signature = sign(null, Buffer.concat([Buffer.from(timestamp), body]), key).toString('hex');
  const request = tampering[i % tampering.length]({ key: publicHex(key), signature, timestamp, body }, `bit ${i}`);
  const good = await verifyKey(request.body, request.signature, request.timestamp, request.key).catch(() => false);
  console.log(JSON.stringify({ ...request, body: request.body.toString('base64'), good }));
}

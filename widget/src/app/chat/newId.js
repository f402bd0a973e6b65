/**
 * 128 random bits in hex.  Not crypto.randomUUID(), which pages without TLS do not have.
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));

  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

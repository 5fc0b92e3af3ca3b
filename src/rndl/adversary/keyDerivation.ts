/**
 * The key schedule of TLS 1.3 (RFC 9846 7.1) a second time, on node:crypto alone. It shares nothing with the one that
 * the endpoints use, so that a mistake in one shows as a disagreement.
 */
import { createHash, createHmac } from 'node:crypto'

export type Hash = 'sha256' | 'sha384'

export function digest(hash: Hash, ...parts: readonly Uint8Array[]): Buffer {
  const running = createHash(hash)
  for (const part of parts) running.update(part)
  return running.digest()
}

export function hmac(hash: Hash, key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const running = createHmac(hash, key)
  for (const part of parts) running.update(part)
  return running.digest()
}

export const lengthOf = (hash: Hash): number => (hash === 'sha256' ? 32 : 48)

export const zeros = (hash: Hash): Buffer => Buffer.alloc(lengthOf(hash))

/** HKDF-Extract. */
export function extract(hash: Hash, salt: Uint8Array, ikm: Uint8Array): Buffer {
  return hmac(hash, salt, ikm)
}

/** HKDF-Expand-Label(secret, label, context, length). */
export function expandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length = lengthOf(hash),
): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1')
  const info = Buffer.concat([
    Buffer.from([length >> 8, length & 255, name.length]),
    name,
    Buffer.from([context.length]),
    context,
  ])
  let output: Buffer = Buffer.alloc(0)
  let block: Buffer = Buffer.alloc(0)
  for (let counter = 1; output.length < length; counter++) {
    block = hmac(hash, secret, block, info, Buffer.from([counter]))
    output = Buffer.concat([output, block])
  }
  return output.subarray(0, length)
}

export function earlySecret(hash: Hash, psk: Uint8Array | null): Buffer {
  return extract(hash, zeros(hash), psk ?? zeros(hash))
}

export function handshakeSecret(hash: Hash, early: Uint8Array, shared: Uint8Array): Buffer {
  return extract(hash, derived(hash, early), shared)
}

export function mainSecret(hash: Hash, handshake: Uint8Array): Buffer {
  return extract(hash, derived(hash, handshake), zeros(hash))
}

/** verify_data of a Finished, or a binder, under `base` (RFC 9846 4.5.4). */
function finishedMac(hash: Hash, base: Uint8Array, transcriptHash: Uint8Array): Buffer {
  return hmac(hash, expandLabel(hash, base, 'finished', Buffer.alloc(0)), transcriptHash)
}

/** A binder under the label of its kind (RFC 9846 4.3.11.2, RFC 9258 5.2). */
export function binderOf(hash: Hash, psk: Uint8Array, label: BinderLabel, transcriptHash: Uint8Array): Buffer {
  return finishedMac(hash, expandLabel(hash, earlySecret(hash, psk), label, digest(hash)), transcriptHash)
}

export type BinderLabel = 'ext binder' | 'imp binder' | 'res binder'

/** TLS-Exporter (RFC 9846 7.5). */
export function exported(
  hash: Hash,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Buffer {
  const secret = expandLabel(hash, exporterSecret, label, digest(hash))
  return expandLabel(hash, secret, 'exporter', digest(hash, context), length)
}

function derived(hash: Hash, secret: Uint8Array): Buffer {
  return expandLabel(hash, secret, 'derived', digest(hash))
}

/** Record protection gone wrong in ways that no derivation shows: what one AEAD key was used for. */
import type { RecordedRun } from '../model.js'
import type { Hex, Trace } from '../trace/trace.js'
import { TapeIndex } from './tapeIndex.js'
import type { SealStep, TapedRecords } from './values.js'

export interface NonceReuse {
  readonly key: Hex
  readonly nonce: Hex
  /** The different things that were sealed under the two: at least two. */
  readonly sealed: readonly Hex[]
}

/**
 * Keys and nonces under which more than one thing was sealed. With AES-GCM and ChaCha20-Poly1305 that gives away the XOR
 * of the contents, and the key of the authenticator (RFC 5116 5.1.1).
 */
export function nonceReuse(trace: Trace): NonceReuse[] {
  const uses = new Map<string, { key: Hex; nonce: Hex; sealed: Set<Hex> }>()
  for (const { algorithm, key, nonce, sealed } of sealsIn(trace)) {
    const id = `${algorithm} ${key} ${nonce}`
    const use = uses.get(id) ?? { key, nonce, sealed: new Set<Hex>() }
    // Opening gives the same step as sealing.
    use.sealed.add(sealed)
    uses.set(id, use)
  }
  return [...uses.values()].flatMap(({ sealed, ...use }) => (sealed.size > 1 ? [{ ...use, sealed: [...sealed] }] : []))
}

export interface SharedKey {
  readonly key: Hex
  /** Directions of connections whose records it protects: at least two. */
  readonly uses: readonly TapedRecords[]
}

/** Keys that protect records in both directions, or of several connections (RFC 9846 7.3: each has its own). */
export function sharedKeys(run: Pick<RecordedRun, 'tape' | 'trace'>, tape = new TapeIndex(run)): SharedKey[] {
  const uses = new Map<Hex, Map<string, TapedRecords>>()
  for (const step of sealsIn(run.trace)) {
    const place = tape.locate(step)
    if (place === null) continue
    const places = uses.get(step.key) ?? new Map<string, TapedRecords>()
    uses.set(step.key, places.set(`${place.from} ${place.connection}`, place))
  }
  return [...uses].flatMap(([key, places]) => (places.size > 1 ? [{ key, uses: [...places.values()] }] : []))
}

function sealsIn(trace: Trace): SealStep[] {
  return trace.filter((step) => step.kind === 'seal')
}

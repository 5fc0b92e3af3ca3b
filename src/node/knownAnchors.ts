/**
 * Trust anchors by the PEM that they were given in. A client that is given `ca` with every connection would otherwise read
 * the same text every time, and verify the same chains.
 */
import { loadTrustAnchors, type TrustAnchors, VerifiedChains } from '../pki/index.js'
import type { Pem } from './contextOptions.js'

/** Both hold nothing that is secret, and never change what they say for the same text. */
export interface KnownAnchors {
  readonly anchors: TrustAnchors
  /** Chains that were verified lately, against these anchors among others: see VerifiedChains. */
  readonly verifiedChains: VerifiedChains
}

/** Texts remembered; the one used least recently goes first. */
const MAX_TEXTS = 8
const byText = new Map<string, KnownAnchors>()

/** @throws TrefoilError as `loadTrustAnchors` */
export function knownAnchors(inputs: readonly Pem[]): KnownAnchors {
  // Octets may change in the hands of their owner; strings do not.
  const text = inputs.every((input) => typeof input === 'string') ? inputs.join('\0') : null
  const known = text === null ? undefined : byText.get(text)
  const found = known ?? { anchors: loadTrustAnchors(inputs), verifiedChains: new VerifiedChains() }
  if (text !== null) remember(text, found)
  return found
}

function remember(text: string, found: KnownAnchors): void {
  byText.delete(text)
  byText.set(text, found)
  if (byText.size > MAX_TEXTS) byText.delete(byText.keys().next().value as string)
}

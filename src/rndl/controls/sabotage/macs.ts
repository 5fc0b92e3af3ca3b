/** Breaks the key schedule of endpoints from outside: a provider whose HMAC answers otherwise where a rule says so. */
import { copy, fromUtf8, toHex } from '../../../bytes.js'
import { hashLength } from '../../../crypto/index.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'
import { hkdfExpandLabel, hkdfExtract } from '../../../tls/hkdf.js'
import { type Lineage, Lineages } from './lineage.js'

/** One HMAC, by what it is for. */
export type MacUse =
  /** HKDF-Expand-Label(key, label, context). */
  | {
      readonly kind: 'expand'
      readonly hash: HashAlgorithm
      readonly key: Uint8Array
      readonly label: string
      readonly context: Uint8Array
      /** What led to the key, when that is a Handshake or Main Secret. */
      readonly lineage: Lineage | null
      /** Whether the key stands before the key exchange: for the label "derived", an Early Secret. */
      readonly isEarly: boolean
    }
  /** HKDF-Extract(salt, ikm). `combine`: of an auth PSK and a QKD key. */
  | {
      readonly kind: 'extract'
      readonly hash: HashAlgorithm
      readonly into: 'early' | 'handshake' | 'main' | 'combine'
      readonly salt: Uint8Array
      readonly ikm: Uint8Array
      /** The stage before, for a Handshake Secret. */
      readonly early: Uint8Array | null
    }

/** The answer in place of the right one, HashLen octets for an expand; null: the right one. */
export type MacRule = (use: MacUse, tools: Tools) => Uint8Array | null

/** HKDF as the endpoint's own provider does it, so that the trace shows it. */
export interface Tools {
  readonly provider: CryptoProvider
  extract(hash: HashAlgorithm, salt: Uint8Array, ikm: Uint8Array): Uint8Array
  expand(hash: HashAlgorithm, key: Uint8Array, label: string, context: Uint8Array): Uint8Array
  /** The stages after the Early Secret of a handshake without PSK. */
  withoutPsk(hash: HashAlgorithm): { readonly salt: Uint8Array; main(shared: Uint8Array): Uint8Array }
}

export function breakMacs(provider: CryptoProvider, rule: MacRule): CryptoProvider {
  const lineages = new Lineages()
  const finishedKeys = new Set<string>()
  const tools = toolsOf(provider)
  const answer = (hash: HashAlgorithm, key: Uint8Array, data: Uint8Array, right: () => Uint8Array): Uint8Array => {
    const info = readHkdfLabel(data)
    if (info !== null) {
      const { label, context } = info
      const use = { kind: 'expand', hash, key, label, context } as const
      const output = rule({ ...use, lineage: lineages.of(key), isEarly: lineages.isEarly(key) }, tools) ?? right()
      if (label === 'derived') lineages.derived(key, output)
      if (label === 'finished') finishedKeys.add(toHex(output))
      return output
    }
    if (finishedKeys.has(toHex(key))) return right()
    const into = lineages.stageAfter(key) ?? (key.some((octet) => octet !== 0) ? 'combine' : 'early')
    const use = { kind: 'extract', hash, into, salt: key, ikm: data, early: lineages.earlyBehind(key) } as const
    const output = rule(use, tools) ?? right()
    lineages.extracted(key, data, output)
    return output
  }
  return {
    ...provider,
    hmacKey(hash, key) {
      const [kept, right] = [copy(key), provider.hmacKey(hash, key)]
      return {
        mac: (data) => answer(hash, kept, data, () => right.mac(data)),
        wipe() {
          kept.fill(0)
          right.wipe()
        },
      }
    },
  }
}

function toolsOf(provider: CryptoProvider): Tools {
  const zeros = (hash: HashAlgorithm) => new Uint8Array(hashLength(hash))
  const extract: Tools['extract'] = (hash, salt, ikm) => hkdfExtract(provider, hash, salt, ikm)
  const expand: Tools['expand'] = (hash, key, label, context) =>
    hkdfExpandLabel(provider, hash, key, label, context, hashLength(hash))
  const saltAfter = (hash: HashAlgorithm, secret: Uint8Array) =>
    expand(hash, secret, 'derived', provider.hash(hash, new Uint8Array(0)))
  return {
    provider,
    extract,
    expand,
    withoutPsk(hash) {
      const salt = saltAfter(hash, extract(hash, zeros(hash), zeros(hash)))
      return { salt, main: (shared) => extract(hash, saltAfter(hash, extract(hash, salt, shared)), zeros(hash)) }
    },
  }
}

const PREFIX = 'tls13 '

/** The HkdfLabel in what HKDF-Expand puts into its first block (RFC 9846 7.1); null for other octets. */
function readHkdfLabel(data: Uint8Array): { label: string; context: Uint8Array } | null {
  const labelLength = data[2] ?? 0
  const contextLength = data[3 + labelLength]
  if (contextLength === undefined || data.length !== 5 + labelLength + contextLength || data.at(-1) !== 1) return null
  try {
    const name = fromUtf8(data.subarray(3, 3 + labelLength))
    if (!name.startsWith(PREFIX)) return null
    return { label: name.slice(PREFIX.length), context: data.subarray(4 + labelLength, -1) }
  } catch {
    return null
  }
}

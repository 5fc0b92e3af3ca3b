/** Breaks the key schedule of endpoints from outside: a provider whose HMAC answers otherwise where a rule says so. */
import { concat, copy, EMPTY, fromHex, toHex, utf8 } from '../../../bytes.js'
import { type HashAlgorithm, hashLength } from '../../../crypto/index.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import { hkdfExpandLabel, hkdfExtract } from '../../../tls/hkdf.js'
import { readExpandedLabel } from '../../graph/index.js'
import { type Lineage, Lineages } from './lineage.js'

/** One block of HKDF-Expand-Label(key, label, context, length). */
export interface Expand {
  readonly kind: 'expand'
  readonly hash: HashAlgorithm
  readonly key: Uint8Array
  readonly label: string
  readonly context: Uint8Array
  readonly length: number
  /** The block before; empty for the first. */
  readonly previous: Uint8Array
  /** What led to the key, when that is a Handshake or Main Secret. */
  readonly lineage: Lineage | null
}

/** HKDF-Extract(salt, ikm). `combine`: of an auth PSK and a QKD key. */
export interface Extract {
  readonly kind: 'extract'
  readonly hash: HashAlgorithm
  readonly into: 'early' | 'handshake' | 'main' | 'combine'
  readonly salt: Uint8Array
  readonly ikm: Uint8Array
  /** The stage before, for a Handshake Secret. */
  readonly early: Uint8Array | null
}

/** One HMAC, by what it is for. */
export type MacUse = Expand | Extract

/** What the endpoint computes in place of what it should; null: what it should. */
export type MacRule = (use: MacUse, tools: Tools) => Uint8Array | null

/** HKDF as the endpoint's own provider does it, so that the trace shows it. */
export interface Tools {
  extract(hash: HashAlgorithm, salt: Uint8Array, ikm: Uint8Array): Uint8Array
  /** The same block with another key, label or context. */
  expand(use: Expand, otherwise: Partial<Pick<Expand, 'key' | 'label' | 'context'>>): Uint8Array
  withoutPsk(hash: HashAlgorithm): WithoutPsk
}

/** A handshake without PSK: the salt that its key exchange enters under, and what follows. */
export interface WithoutPsk {
  readonly salt: Uint8Array
  handshakeSecret(shared: Uint8Array): Uint8Array
  mainSecret(shared: Uint8Array): Uint8Array
}

export function breakMacs(provider: CryptoProvider, rule: MacRule): CryptoProvider {
  const lineages = new Lineages()
  const finishedKeys = new Set<string>()
  const tools = toolsOf(provider)
  const answer = (hash: HashAlgorithm, key: Uint8Array, data: Uint8Array, right: () => Uint8Array): Uint8Array => {
    const expand = readExpand(hash, key, data, lineages)
    if (expand !== null) {
      const output = rule(expand, tools) ?? right()
      if (expand.label === 'derived') lineages.derived(key, output)
      if (expand.label === 'finished') finishedKeys.add(toHex(output))
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
  const extract: Tools['extract'] = (hash, salt, ikm) => hkdfExtract(provider, hash, salt, ikm)
  const zeros = (hash: HashAlgorithm) => new Uint8Array(hashLength(hash))
  const saltAfter = (hash: HashAlgorithm, secret: Uint8Array) =>
    hkdfExpandLabel(provider, hash, secret, 'derived', provider.hash(hash, EMPTY), hashLength(hash))
  return {
    extract,
    expand(use, otherwise) {
      const block = { ...use, ...otherwise }
      const mac = provider.hmacKey(block.hash, block.key)
      const output = mac.mac(encodeBlock(block))
      mac.wipe()
      return output
    },
    withoutPsk(hash) {
      const salt = saltAfter(hash, extract(hash, zeros(hash), zeros(hash)))
      const handshakeSecret = (shared: Uint8Array) => extract(hash, salt, shared)
      const mainSecret = (shared: Uint8Array) => extract(hash, saltAfter(hash, handshakeSecret(shared)), zeros(hash))
      return { salt, handshakeSecret, mainSecret }
    },
  }
}

function readExpand(hash: HashAlgorithm, key: Uint8Array, data: Uint8Array, lineages: Lineages): Expand | null {
  const found = readExpandedLabel(toHex(data), hash)
  if (found === null) return null
  const [previous, context] = [fromHex(found.previous), fromHex(found.context)]
  const length = Buffer.from(data).readUInt16BE(previous.length)
  return { kind: 'expand', hash, key, label: found.label, context, length, previous, lineage: lineages.of(key) }
}

/** What HKDF-Expand gives to HMAC: T(n-1) ‖ HkdfLabel ‖ n (RFC 5869 2.3, RFC 9846 7.1). Two blocks do here. */
function encodeBlock({ hash, previous, label, context, length }: Expand): Uint8Array {
  const name = utf8(`tls13 ${label}`)
  const counter = previous.length === 0 ? 1 : 1 + previous.length / hashLength(hash)
  return concat(
    previous,
    Uint8Array.of(length >> 8, length & 0xff, name.length),
    name,
    Uint8Array.of(context.length),
    context,
    Uint8Array.of(counter),
  )
}

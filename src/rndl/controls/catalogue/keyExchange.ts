/** Endpoints whose key exchange gives less than it should. */
import { concat, copy } from '../../../bytes.js'
import { digest, type ExchangePart, type Known, STANDARD } from '../../adversary/index.js'
import type { Control } from '../control.js'
import { withSecrets } from '../sabotage/hooks.js'
import { breakClientKeys } from '../sabotage/keyExchange.js'
import { guessSeed, seedFrom } from '../smallSeeds.js'

export const mlkemFromCiphertext: Control = {
  name: 'mlkem-from-ciphertext',
  title: 'ML-KEM secret from the ciphertext',
  defect: 'the ML-KEM secret is a hash of the ciphertext, which everybody has',
  sabotage: withSecrets(({ ciphertext, curveSecret }, provider) =>
    concat(provider.hash('SHA-256', ciphertext), curveSecret),
  ),
  schedule: {
    combine: (parts) =>
      combineWith(parts, ({ component, serverShare, secret }) =>
        component === 'mlkem' ? digest('sha256', serverShare) : secret,
      ),
  },
  seenBy: ['graph', 'adversary'],
}

export const curveIgnored: Control = {
  name: 'x25519-ignored',
  title: 'X25519 ignored',
  defect: 'zeros stand where the X25519 secret should',
  sabotage: withSecrets(({ mlkemSecret, curveSecret }) => concat(mlkemSecret, new Uint8Array(curveSecret.length))),
  schedule: {
    combine: (parts) =>
      combineWith(parts, ({ component, secret }) => (component === 'curve' ? Buffer.alloc(32) : secret)),
  },
  seenBy: ['graph', 'adversary'],
}

export const xorCancels: Control = {
  name: 'xor-cancels',
  title: 'XOR with one component twice',
  defect: 'the components are joined by XOR, X25519 is in the list twice, and cancels itself',
  sabotage: withSecrets(({ mlkemSecret, curveSecret }) => xor(xor(mlkemSecret, curveSecret), curveSecret)),
  schedule: { combine: (parts) => parts.find(({ component }) => component === 'mlkem')?.secret ?? null },
  seenBy: ['graph', 'adversary'],
}

export const mixedByHand: Control = {
  name: 'mixed-by-hand',
  title: "Combiner of somebody's own making",
  defect: 'the ML-KEM and X25519 secrets are added octet by octet: no proof covers what the sum still rests on',
  sabotage: withSecrets(({ mlkemSecret, curveSecret }) => sum(mlkemSecret, curveSecret)),
  schedule: {
    combine([mlkem, curve]) {
      const [first, second] = [mlkem?.secret ?? null, curve?.secret ?? null]
      return first === null || second === null ? null : sum(first, second)
    },
  },
  seenBy: ['unexplained input'],
}

export const smallSeed: Control = {
  name: 'small-seed',
  title: 'ML-KEM seed of 16 bits',
  defect: 'the ML-KEM key pair is made from two octets of randomness, repeated to the length of a seed',
  sabotage: () => ({
    wrapProvider: (outer) =>
      breakClientKeys(outer, (provider) =>
        concat(seedFrom(Buffer.from(provider.randomBytes(2)).readUInt16BE(0)), provider.randomBytes(32)),
      ),
  }),
  schedule: { guessSeed },
  seenBy: ['search', 'adversary'],
}

export const ephemeralReused: Control = {
  name: 'ephemeral-reused',
  title: 'Ephemeral key share reused',
  defect: 'the client makes its X25519 and ML-KEM keys once and uses them in every session',
  sabotage() {
    let seed: Uint8Array | null = null
    return {
      wrapProvider: (outer) =>
        breakClientKeys(outer, (provider) => {
          seed ??= provider.randomBytes(96)
          return copy(seed)
        }),
    }
  },
  seenBy: ['session separation'],
}

function combineWith(parts: readonly ExchangePart[], secretOf: (part: ExchangePart) => Known): Known {
  return STANDARD.combine(parts.map((part) => ({ ...part, secret: secretOf(part) })))
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)))
}

function sum(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((octet, i) => octet + (b[i] ?? 0)))
}

/** Endpoints whose key exchange gives less than it should. */
import { digest, type ExchangePart, type Known, STANDARD, zeros } from '../../adversary/index.js'
import type { Control } from '../control.js'
import { breakClientKeys, breakSecrets } from '../sabotage/keyExchange.js'
import { breakMacs } from '../sabotage/macs.js'
import { guessSeed, seedFrom } from '../smallSeeds.js'

export const mlkemFromCiphertext: Control = {
  name: 'mlkem-from-ciphertext',
  title: 'ML-KEM secret from the ciphertext',
  defect: 'the ML-KEM secret is a hash of the ciphertext, which everybody has',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakSecrets(provider, ({ ciphertext, curveSecret }) =>
        Buffer.concat([provider.hash('SHA-256', ciphertext), curveSecret]),
      ),
  }),
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
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakSecrets(provider, ({ mlkemSecret, curveSecret }) =>
        Buffer.concat([mlkemSecret, Buffer.alloc(curveSecret.length)]),
      ),
  }),
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
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakSecrets(provider, ({ mlkemSecret, curveSecret }) => xor(xor(mlkemSecret, curveSecret), curveSecret)),
  }),
  schedule: { combine: (parts) => parts.find(({ component }) => component === 'mlkem')?.secret ?? null },
  seenBy: ['graph', 'adversary'],
}

export const mixedByHand: Control = {
  name: 'mixed-by-hand',
  title: "Combiner of somebody's own making",
  defect: 'the ML-KEM and X25519 secrets are added octet by octet: no proof covers what the sum still rests on',
  sabotage: () => ({
    wrapProvider: (provider) => breakSecrets(provider, ({ mlkemSecret, curveSecret }) => sum(mlkemSecret, curveSecret)),
  }),
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
  defect: 'the ML-KEM key pair is made from two octets of randomness, stretched to the length of a seed',
  sabotage: () => ({
    wrapProvider: (outer) =>
      breakClientKeys(outer, (provider) =>
        Buffer.concat([seedFrom(Buffer.from(provider.randomBytes(2)).readUInt16BE(0)), provider.randomBytes(32)]),
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
          return new Uint8Array(seed)
        }),
    }
  },
  seenBy: ['session separation'],
}

export const resumptionWithoutExchange: Control = {
  name: 'resumption-without-exchange',
  title: 'Resumption without fresh keys',
  defect: 'a resumed session ignores its key exchange and rests on the PSK of its ticket alone',
  sabotage: () => ({
    wrapProvider(provider) {
      const resumed = new Set<string>()
      const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
      return breakMacs(provider, (use, { extract }) => {
        if (use.kind === 'expand' && use.label === 'res binder') resumed.add(hex(use.key))
        if (use.kind !== 'extract' || use.early === null || !resumed.has(hex(use.early))) return null
        return extract(use.hash, use.salt, new Uint8Array(use.salt.length))
      })
    },
  }),
  schedule: {
    stages: (inputs) => STANDARD.stages(inputs.resumes ? { ...inputs, shared: () => zeros(inputs.hash) } : inputs),
  },
  seenBy: ['graph', 'adversary'],
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

/** Keys and endorsements for tests of the web of trust. Keys are made once: by name, from a seed of that name. */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../../src/bytes.js'
import { nodeProvider, type SigningKey } from '../../../src/crypto/index.js'
import {
  type Endorsement,
  type EndorseOptions,
  encodePublicKey,
  endorse,
  type PublicKeyInfo,
  parsePublicKey,
} from '../../../src/pki/index.js'

export interface Person {
  readonly key: SigningKey
  readonly publicKey: PublicKeyInfo
}

const people = new Map<string, Person>()

export function person(name: string, algorithm: 'mldsa44' | 'mldsa65' | 'mldsa87' | 'ed25519' = 'mldsa44'): Person {
  const id = `${algorithm} ${name}`
  const known = people.get(id)
  if (known !== undefined) return known
  const key = nodeProvider.signingKey({ algorithm, seed: sha256(utf8(id)) })
  const made = { key, publicKey: parsePublicKey(encodePublicKey(algorithm, key.publicKey)) }
  people.set(id, made)
  return made
}

export const NOW = Date.UTC(2026, 5, 1)
export const DAY = 86_400_000
export const NAME = 'server.example'

type Terms = Partial<Omit<EndorseOptions, 'endorser' | 'subject'>>

const made = new Map<string, Endorsement>()

/** `by` endorses the key of `subject`, by default as NAME for a month around NOW. Equal calls give one endorsement. */
export function vouch(by: string, subject: string, terms: Terms = {}): Endorsement {
  const id = JSON.stringify([by, subject, terms])
  const known = made.get(id)
  if (known !== undefined) return known
  const endorsement = endorse({
    endorser: person(by).key,
    subject: person(subject).publicKey,
    name: NAME,
    notBefore: NOW - 15 * DAY,
    notAfter: NOW + 15 * DAY,
    ...terms,
  })
  made.set(id, endorsement)
  return endorsement
}

/** `by` makes `subject` an introducer. */
export const introduce = (by: string, subject: string, depth = 1, terms: Terms = {}): Endorsement =>
  vouch(by, subject, { name: subject, depth, ...terms })

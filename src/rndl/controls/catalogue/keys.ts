/** Endpoints that mistreat the keys they were given: auth PSK, QKD keys, ticket keys, and the nonces of records. */
import { concat, copy, EMPTY, utf8 } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import { digest } from '../../adversary/index.js'
import type { Control } from '../control.js'
import { withExtract, withLabels } from '../sabotage/hooks.js'
import { changeKeys } from '../sabotage/keySources.js'
import { repeatNonces } from '../sabotage/records.js'

export const concatenation: Control = {
  name: 'concatenation',
  title: 'Concatenation without lengths',
  defect: 'auth PSK and QKD key are put one behind the other: where one ends and the other begins is in no derivation',
  sabotage: withExtract('combine', ({ salt, ikm }) => concat(salt, ikm)),
  schedule: { epsk: (_, authPsk, qkdKey) => Buffer.concat([authPsk, qkdKey]) },
  seenBy: ['shifted boundary'],
}

export const authPskIgnored: Control = {
  name: 'auth-psk-ignored',
  title: 'Auth PSK ignored',
  defect: 'with a QKD key the auth PSK is named in the identity and enters no key',
  sabotage: withExtract('combine', ({ ikm }) => copy(ikm)),
  schedule: { epsk: (_, __, qkdKey) => Buffer.from(qkdKey) },
  seenBy: ['graph', 'adversary'],
}

export const keyIdNotBound: Control = {
  name: 'key-id-not-bound',
  title: 'key_ID not bound',
  defect: 'the importer leaves the identity out, so that a key under another key_ID is the same PSK',
  sabotage: withLabels(['derived psk'], (use, { expand }) => expand(use, { context: EMPTY })),
  schedule: { importContext: () => Buffer.alloc(0) },
  seenBy: ['key_ID binding'],
}

/** Sessions on the strength of one key from the key manager. */
const KEYS_FROM_ONE = 16

export const relatedQkdKeys: Control = {
  name: 'related-qkd-keys',
  title: 'QKD key used twice, in related keys',
  defect: 'a key from the key manager serves for session after session, each time XORed with a counter',
  sabotage() {
    const given = new Map<string, Uint8Array>()
    let original: Uint8Array | null = null
    return {
      wrapSource: (source) =>
        changeKeys(source, (keyId, key, isFresh) => {
          original ??= copy(key)
          if (isFresh) given.set(keyId, plusCounter(original, given.size))
          return copy(given.get(keyId) ?? key)
        }),
    }
  },
  schedule: {
    *qkdKeys(_, leaked) {
      for (const key of leaked.values()) {
        for (let counter = 0; counter < KEYS_FROM_ONE; counter++) yield plusCounter(key, counter)
      }
    },
  },
  seenBy: ['session separation'],
}

const PUBLIC_PHRASE = 'ticket key'

export const weakTicketKey: Control = {
  name: 'weak-ticket-key',
  title: 'Tickets under a weaker key',
  defect: 'the key that seals the tickets is a hash of a phrase that is in the source code',
  sabotage: () => ({
    wrapProvider: (provider, side) => (side === 'server' ? withTicketKey(provider) : provider),
    changeOptions: (options) => ({ ...options, ticketKeys: undefined }),
  }),
  schedule: { ticketKeys: [digest('sha384', Buffer.from(PUBLIC_PHRASE))] },
  seenBy: ['graph', 'adversary'],
}

export const constantNonce: Control = {
  name: 'constant-nonce',
  title: 'Nonce without sequence number',
  defect: 'every record under a key has the same nonce',
  sabotage: () => ({ wrapProvider: repeatNonces }),
  schedule: { nonce: (iv) => Buffer.from(iv) },
  seenBy: ['nonce reuse', 'known plaintext'],
}

/** A server that is given no ticket key draws one: 48 octets, and nothing else is as long. */
function withTicketKey(provider: CryptoProvider): CryptoProvider {
  return {
    ...provider,
    randomBytes: (length) =>
      length === 48 ? provider.hash('SHA-384', utf8(PUBLIC_PHRASE)) : provider.randomBytes(length),
  }
}

function plusCounter(key: Uint8Array, counter: number): Uint8Array {
  const related = copy(key)
  related[related.length - 1] = (related.at(-1) ?? 0) ^ counter
  return related
}

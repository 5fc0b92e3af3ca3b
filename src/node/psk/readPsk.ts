/** One auth PSK: from what the caller says to what both roles work with. */
import { createHmac } from 'node:crypto'
import { utf8 } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../../qkd/identifiers.js'
import type { PskOption } from './options.js'
import { type AuthPsk, MIN_KEY_LENGTH, type PskEnds, type PskKey } from './profile.js'

/** Old and new, and room for a change that overtakes another. Each costs a server one more derivation per handshake. */
const MAX_KEYS = 4
const TAG_LENGTH = 16

/** @throws TrefoilError ERR_INVALID_OPTION */
export function readPsk(option: PskOption, role: 'client' | 'server'): AuthPsk {
  const { importer = true, context = null, hash = 'SHA-256' } = option
  const identity = typeof option.identity === 'string' ? utf8(option.identity) : option.identity
  if (!(identity instanceof Uint8Array) || identity.length === 0 || identity.length > 0xffff) {
    invalid('a PSK identity has 1 to 65,535 octets')
  }
  const keys = readKeys(option.key, identity)
  const ends = readEnds(option, role)
  if (context !== null && !(context instanceof Uint8Array)) invalid('an importer context is given in octets')
  if (context !== null && !importer) invalid('a raw external PSK has no importer context')
  if (ends !== null && !importer)
    invalid('a raw external PSK has no importer context that could hold localId and peerId')
  if (ends !== null && context !== null)
    invalid('an importer context of your own leaves no room for localId and peerId')
  checkHash(hash)
  return { identity: new Uint8Array(identity), keys, importer, ends, context: context && new Uint8Array(context), hash }
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function checkHash(hash: string): void {
  if (hash !== 'SHA-256' && hash !== 'SHA-384') invalid('the hash of a PSK is SHA-256 or SHA-384')
}

function readKeys(given: PskOption['key'], identity: Uint8Array): AuthPsk['keys'] {
  const list: readonly Uint8Array[] =
    given instanceof Uint8Array || !Array.isArray(given) ? [given as Uint8Array] : given
  if (list.length > MAX_KEYS) invalid(`a PSK has at most ${MAX_KEYS} keys at once`)
  const keys = list.map((key): PskKey => {
    if (!(key instanceof Uint8Array) || key.length < MIN_KEY_LENGTH) {
      invalid(`a PSK has at least ${MIN_KEY_LENGTH} octets`)
    }
    // Not slice(): that of a Buffer copies nothing, and these copies are wiped.
    return { octets: new Uint8Array(key), tag: keyTag(key, identity) }
  })
  const [first, ...others] = keys
  if (first === undefined) invalid('a PSK has a key')
  return [first, ...others]
}

/** A MAC, so that it says nothing of the key to whom reads a session. */
function keyTag(key: Uint8Array, identity: Uint8Array): Uint8Array {
  const mac = createHmac('sha256', key).update('trefoil psk of a session').update(identity).digest()
  return Uint8Array.from(mac.subarray(0, TAG_LENGTH))
}

function readEnds({ localId, peerId }: PskOption, role: 'client' | 'server'): PskEnds | null {
  if (localId === undefined && peerId === undefined) return null
  if (!isIdentifier(localId) || !isIdentifier(peerId)) {
    invalid('localId and peerId go together, each of 1 to 256 printable characters')
  }
  // With one name for both ends the importer context could not tell their roles apart (RFC 9258 appendix).
  if (localId === peerId) invalid('localId and peerId are the same')
  const [initiatorId, responderId] = role === 'client' ? [localId, peerId] : [peerId, localId]
  return { localId, peerId, initiatorId, responderId }
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}

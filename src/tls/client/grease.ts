/**
 * Reserved values sprinkled over the ClientHello so that peers keep ignoring what they do not know (RFC 8701).
 * Both hellos of a handshake use the same ones, since the second may differ from the first in named places only.
 */
import type { Extension } from '../extensions/extension.js'
import type { KeyShareEntry } from '../extensions/keyShare.js'
import { greaseValue } from '../wire/codePoints.js'

const USE = { suite: 0, group: 1, firstExtension: 2, lastExtension: 3, version: 4, signature: 5 } as const

function value(grease: Uint8Array, use: keyof typeof USE): number {
  return greaseValue(grease[USE[use]] as number)
}

function one<T>(grease: Uint8Array | null, make: (octets: Uint8Array) => T): T[] {
  return grease === null ? [] : [make(grease)]
}

export function greaseSuites(grease: Uint8Array | null): number[] {
  return one(grease, (octets) => value(octets, 'suite'))
}

export function greaseGroups(grease: Uint8Array | null): number[] {
  return one(grease, (octets) => value(octets, 'group'))
}

export function greaseVersions(grease: Uint8Array | null): number[] {
  return one(grease, (octets) => value(octets, 'version'))
}

export function greaseSignatureSchemes(grease: Uint8Array | null): number[] {
  return one(grease, (octets) => value(octets, 'signature'))
}

export function greaseKeyShares(grease: Uint8Array | null): KeyShareEntry[] {
  return one(grease, (octets) => ({ group: value(octets, 'group'), keyExchange: Uint8Array.of(0) }))
}

export function greaseFirstExtension(grease: Uint8Array | null): Extension[] {
  return one(grease, (octets) => ({ type: value(octets, 'firstExtension'), data: new Uint8Array(0) }))
}

export function greaseLastExtension(grease: Uint8Array | null): Extension[] {
  return one(grease, (octets) => {
    const first = value(octets, 'firstExtension')
    const last = value(octets, 'lastExtension')
    // Two extensions of one type would be a fault of ours: take the next reserved value instead.
    const type = last === first ? greaseValue((last & 0xff) + 0x10) : last
    return { type, data: Uint8Array.of(0) }
  })
}

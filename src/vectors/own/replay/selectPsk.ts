/** Which offered PSK a server takes, and how it refuses those that it does not know: as Trefoil's servers do. */
import { toHex } from '../../../bytes.js'
import { CIPHER_SUITES, type HashAlgorithm } from '../../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import { TrefoilError } from '../../../errors.js'
import {
  decodeImportedIdentity,
  type PskIdentity,
  type PskSelection,
  type RequestHandlers,
} from '../../../tls/index.js'
import type { ServerInputs } from '../trace.js'
import { type KnownPsk, pskFor, sameIdentity } from './psks.js'

const NO_KEY = Object.freeze({ note: 'no key' })

export function pskHandlers(
  crypto: CryptoProvider,
  server: ServerInputs,
): Pick<RequestHandlers, 'selectPsk' | 'fetchPsk'> {
  const selected = new Map<unknown, Uint8Array>()
  return {
    selectPsk: ({ identities, suites, excluded, withCertificate: offersCertificate }) => {
      const hashes = [...new Set(suites.map((suite) => CIPHER_SUITES[suite].hash))]
      const known = pskFor(crypto, server.psks, hashes)
      for (const hash of hashes) {
        for (const [index, { identity }] of identities.entries()) {
          const psk = known.find((candidate) => candidate.hash === hash && sameIdentity(candidate.identity, identity))
          if (psk === undefined || excluded.includes(index)) continue
          const withCertificate = server.withCertificate && psk.kind !== 'resumption'
          // Without its certificate the key of this mode serves nobody (PROTOCOL.md, Modes).
          if (withCertificate && !offersCertificate) continue
          const { kind, costsKey } = psk
          const source = { index }
          selected.set(source, psk.psk)
          return { index, hash, kind, withCertificate, costsKey, source }
        }
      }
      const missing = keyThatIsNotThere(server, identities, hashes, known)
      if (missing !== null && (!server.withCertificate || offersCertificate)) return missing
      if (server.pskRequired === null) return null
      return decoy(server, identities.length > 0, hashes)
    },
    fetchPsk: ({ selection }) => {
      if (selection.source === NO_KEY) {
        throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the key source has no key of the key_ID that client names')
      }
      return selected.get(selection.source) ?? new Uint8Array(32)
    },
  }
}

/** A QKD key for the right two ends and use, of which only the key source can say that it is not there. */
function keyThatIsNotThere(
  server: ServerInputs,
  identities: readonly PskIdentity[],
  hashes: readonly HashAlgorithm[],
  known: readonly KnownPsk[],
): PskSelection | null {
  for (const hash of hashes) {
    const own = known.filter((psk) => psk.costsKey && psk.hash === hash).map(({ identity }) => contextOf(identity))
    const index = identities.findIndex(({ identity }) => {
      const context = contextOf(identity)
      return context !== null && own.includes(context)
    })
    if (index < 0) continue
    return { index, hash, kind: 'imported', withCertificate: server.withCertificate, costsKey: true, source: NO_KEY }
  }
  return null
}

/** Everything of an ImportedIdentity but the key_ID; null for another identity. */
function contextOf(identity: Uint8Array): string | null {
  try {
    const { context, targetProtocol, targetKdf } = decodeImportedIdentity(identity)
    return `${toHex(context)} ${targetProtocol} ${targetKdf}`
  } catch {
    return null
  }
}

/** An unknown identity is answered like a wrong binder (RFC 9846 appendix F.6); a hello with none is told what is missing. */
function decoy(server: ServerInputs, offered: boolean, hashes: PskSelection['hash'][]): PskSelection {
  if (!offered || server.withCertificate) {
    if (server.pskRequired === 'qkd') {
      throw new TrefoilError('ERR_POLICY_QKD_REQUIRED', 'client offered no PSK that a fresh QKD key went into')
    }
    throw new TrefoilError('ERR_POLICY_PSK_REQUIRED', 'client offered no PSK that this server knows')
  }
  const hash = hashes[0] ?? 'SHA-256'
  return { index: 0, hash, kind: 'imported', withCertificate: false, decoy: true, source: null }
}

/** Breaks the protection of records from outside. */
import type { CryptoProvider } from '../../../crypto/provider.js'

/** RFC 9846 5.2: opaque_type and legacy_record_version, the same in every protected record. */
const RECORD_HEADER = [0x17, 0x03, 0x03] as const

/** A provider under whose keys every record takes the nonce of the first. Tickets are sealed as they should be. */
export function repeatNonces(provider: CryptoProvider): CryptoProvider {
  return {
    ...provider,
    aead(algorithm, key) {
      const right = provider.aead(algorithm, key)
      let first: Uint8Array | null = null
      const repeated = (nonce: Uint8Array, additionalData: Uint8Array): Uint8Array => {
        if (RECORD_HEADER.some((octet, i) => additionalData[i] !== octet)) return nonce
        first ??= new Uint8Array(nonce)
        return first
      }
      return {
        seal: (nonce, aad, content, trailer, out) => right.seal(repeated(nonce, aad), aad, content, trailer, out),
        sealInPieces: (nonce, aad, content, trailer) => right.sealInPieces(repeated(nonce, aad), aad, content, trailer),
        open: (nonce, aad, sealed) => right.open(repeated(nonce, aad), aad, sealed),
        wipe: () => right.wipe(),
      }
    },
  }
}

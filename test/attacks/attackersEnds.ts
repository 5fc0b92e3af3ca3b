/** Ends of the attacker's own: they keep to the protocol but for one thing. */
import { randomBytes } from 'node:crypto'
import { NAMED_GROUPS } from '../../src/crypto/groups.js'
import { type CryptoProvider, nodeProvider, type SignatureSchemeName } from '../../src/crypto/index.js'
import type { ExternalSigner } from '../../src/index.js'
import { loadPrivateKey } from '../../src/pki/index.js'
import { decodeClientKeyShares, encodeServerKeyShare } from '../../src/tls/extensions/keyShare.js'
import { encodeSelectedIdentity } from '../../src/tls/extensions/preSharedKey.js'
import { encodeSelectedVersion } from '../../src/tls/extensions/scalars.js'
import { EarlySecret, RecordProtection } from '../../src/tls/index.js'
import { encodeServerHello } from '../../src/tls/messages/serverHello.js'
import { ContentType, ExtensionType, VERSION_TLS13 } from '../../src/tls/wire/codePoints.js'
import { encodeHandshake } from '../../src/tls/wire/handshake.js'
import { extensionData } from '../support/hellos.js'
import { isClientHello, on, plainRecord, readClientHello } from './editing.js'
import type { Attacker } from './manInTheMiddle.js'

/** For an end that sends signatures which do not verify: ours would not let its own go out. */
export const gullible: CryptoProvider = {
  ...nodeProvider,
  verifyingKey: (algorithm, publicKey) => ({ algorithm, publicKey, verify: () => true }),
}

/** Signs with a key that is not the certificate's. */
export function signingWith(privateKeyPem: string): ExternalSigner {
  const key = loadPrivateKey(privateKeyPem, nodeProvider)
  return { sign: (scheme, message) => key.sign(scheme, message) }
}

/** What a CertificateVerify was verified with. */
export interface SeenSignature {
  readonly scheme: SignatureSchemeName
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** For an end that keeps the proofs of possession that its peers gave. */
export function keepingProofs(): { readonly crypto: CryptoProvider; readonly proofs: SeenSignature[] } {
  const proofs: SeenSignature[] = []
  const crypto: CryptoProvider = {
    ...nodeProvider,
    verifyingKey(algorithm, publicKey) {
      const key = nodeProvider.verifyingKey(algorithm, publicKey)
      return {
        algorithm,
        publicKey,
        verify(scheme, message, signature) {
          // RFC 9846 4.5.3: 64 spaces begin what is signed there, and no certificate.
          if (message.subarray(0, 64).every((octet) => octet === 0x20)) proofs.push({ scheme, message, signature })
          return key.verify(scheme, message, signature)
        },
      }
    },
  }
  return { crypto, proofs }
}

/**
 * A server that takes the first PSK without asking for its binder, and goes on with a guess in its place; or, with null,
 * without any PSK. Its share is honest, so that the guess alone is wrong.
 */
export function answeringWith(guess: Uint8Array | null): () => Attacker {
  return on(isClientHello, ({ record }, line) => {
    const hello = readClientHello(record)
    const { codePoint } = NAMED_GROUPS.X25519MLKEM768
    const shares = decodeClientKeyShares(extensionData(hello, 'key_share'))
    const share = shares.find(({ group }) => group === codePoint)?.keyExchange as Uint8Array
    const { serverShare, sharedSecret } = nodeProvider.respondToKeyShare('X25519MLKEM768', share)
    const answer = encodeServerHello({
      random: randomBytes(32),
      sessionId: hello.sessionId,
      cipherSuite: 0x1302,
      extensions: [
        { type: ExtensionType.supported_versions, data: encodeSelectedVersion(VERSION_TLS13) },
        { type: ExtensionType.key_share, data: encodeServerKeyShare({ group: codePoint, keyExchange: serverShare }) },
        ...(guess === null ? [] : [{ type: ExtensionType.pre_shared_key, data: encodeSelectedIdentity(0) }]),
        ...(guess === null
          ? []
          : hello.extensions.filter(({ type }) => type === ExtensionType.tls_cert_with_extern_psk)),
      ],
    })
    const transcriptHash = nodeProvider.hash('SHA-384', Buffer.concat([record.subarray(5), answer]))
    const handshake = new EarlySecret(nodeProvider, 'SHA-384', guess).enterHandshake(sharedSecret)
    const secret = handshake.serverHandshakeTrafficSecret(transcriptHash)
    const protection = new RecordProtection(nodeProvider, 'TLS_AES_256_GCM_SHA384', secret)
    const nothingMore = encodeHandshake('encrypted_extensions', (writer) => writer.u16(0))
    line.toClient(plainRecord(ContentType.handshake, answer))
    line.toClient(protection.seal(ContentType.handshake, nothingMore))
    return null
  })
}

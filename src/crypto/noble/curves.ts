/** X25519 (RFC 7748) and ECDH over P-256 and P-384 (RFC 9846 section 7.4.2) in portable code. */
import { x25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { copy, wipe } from '../../bytes.js'
import { attempt } from '../attempt.js'
import {
  CURVE_SIZES,
  type CurveName,
  type KeyExchange,
  type PrivateShare,
  refuseOtherPointForms,
  refuseZeroSecret,
  refuseZeroSeed,
  respondWith,
} from '../keyExchange.js'

const EXCHANGES: Record<CurveName, KeyExchange> = {
  X25519: { ...CURVE_SIZES.X25519, generate: generateX25519, respond: respondWith(generateX25519) },
  'P-256': ecdh('P-256', p256),
  'P-384': ecdh('P-384', p384),
}

export function nobleCurve(name: CurveName): KeyExchange {
  return EXCHANGES[name]
}

function generateX25519(seed?: Uint8Array): PrivateShare {
  if (seed !== undefined) refuseZeroSeed(seed)
  const secretKey = seed === undefined ? x25519.utils.randomSecretKey() : copy(seed)
  return {
    publicShare: x25519.getPublicKey(secretKey),
    agree: (peerShare) =>
      refuseZeroSecret(
        attempt(
          () => x25519.getSharedSecret(secretKey, peerShare),
          'ERR_BAD_KEY_SHARE',
          "the peer's X25519 share is a point of low order",
        ),
      ),
    wipe: () => wipe(secretKey),
  }
}

function ecdh(name: 'P-256' | 'P-384', curve: typeof p256): KeyExchange {
  const generate = (seed?: Uint8Array): PrivateShare => {
    const secretKey = seed === undefined ? curve.utils.randomSecretKey() : copy(seed)
    const publicShare = attempt(
      () => curve.getPublicKey(secretKey, false),
      'ERR_INVALID_OPTION',
      `the seed of a key share is no private key of ${name}`,
    )
    return {
      publicShare,
      agree(peerShare) {
        refuseOtherPointForms(name, peerShare)
        const point = attempt(
          () => curve.getSharedSecret(secretKey, peerShare, false),
          'ERR_BAD_KEY_SHARE',
          `the peer's ${name} share is not a point of the curve`,
        )
        // RFC 9846 section 7.4.2: the secret is the x coordinate, leading zeros kept. 0x04 ‖ x ‖ y.
        const x = point.slice(1, (point.length + 1) / 2)
        wipe(point)
        return x
      },
      wipe: () => wipe(secretKey),
    }
  }
  return { ...CURVE_SIZES[name], generate, respond: respondWith(generate) }
}

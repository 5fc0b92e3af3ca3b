/** X25519 (RFC 7748) and ECDH over P-256 and P-384 (RFC 9846 section 7.4.2) by node:crypto. */
import {
  createECDH,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
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
import { exportEdwards, importEdwards, importSeed, octetsOf } from './keys.js'
import { plain } from './modern.js'
import { CURVE_NAMES } from './names.js'

const EXCHANGES: Record<CurveName, KeyExchange> = {
  X25519: { ...CURVE_SIZES.X25519, generate: generateX25519, respond: respondWith(generateX25519) },
  'P-256': ecdh('P-256'),
  'P-384': ecdh('P-384'),
}

export function nodeCurve(name: CurveName): KeyExchange {
  return EXCHANGES[name]
}

function generateX25519(seed?: Uint8Array): PrivateShare {
  const { privateKey, publicShare } = seed === undefined ? freshX25519() : x25519FromSeed(seed)
  let held: KeyObject | null = privateKey
  return {
    publicShare,
    agree(peerShare) {
      const own = held as KeyObject
      // OpenSSL refuses the all-zero secret by itself; the second look is ours, because the RFC asks for it.
      return refuseZeroSecret(
        attempt(
          () => plain(diffieHellman({ privateKey: own, publicKey: importEdwards('X25519', peerShare) })),
          'ERR_BAD_KEY_SHARE',
          "the peer's X25519 share is a point of low order",
        ),
      )
    },
    wipe() {
      held = null
    },
  }
}

interface X25519Pair {
  readonly privateKey: KeyObject
  readonly publicShare: Uint8Array
}

/**
 * Exported while it is made: on Node 20 a JWK export of a fresh KeyObject holds a lock while it allocates, and if the
 * collector then frees the job that made the key, which takes the same lock, the process stands still for ever.
 */
function freshX25519(): X25519Pair {
  const { privateKey, publicKey } = (generateKeyPairSync as unknown as GenerateWithJwk)('x25519', {
    publicKeyEncoding: { format: 'jwk' },
  })
  return { privateKey, publicShare: octetsOf(publicKey) }
}

/** What the type declarations of Node 20 leave out. */
type GenerateWithJwk = (
  type: 'x25519',
  options: { publicKeyEncoding: { format: 'jwk' } },
) => { readonly privateKey: KeyObject; readonly publicKey: JsonWebKey }

function x25519FromSeed(seed: Uint8Array): X25519Pair {
  refuseZeroSeed(seed)
  const privateKey = importSeed('X25519', seed)
  return { privateKey, publicShare: exportEdwards(createPublicKey(privateKey)) }
}

function ecdh(name: 'P-256' | 'P-384'): KeyExchange {
  const generate = (seed?: Uint8Array): PrivateShare => {
    const own = createECDH(CURVE_NAMES[name])
    if (seed === undefined) {
      own.generateKeys()
    } else {
      attempt(
        () => own.setPrivateKey(seed),
        'ERR_INVALID_OPTION',
        `the seed of a key share is no private key of ${name}`,
      )
    }
    let held: ECDH | null = own
    return {
      publicShare: plain(own.getPublicKey()),
      agree(peerShare) {
        const mine = held as ECDH
        refuseOtherPointForms(name, peerShare)
        return attempt(
          () => plain(mine.computeSecret(peerShare)),
          'ERR_BAD_KEY_SHARE',
          `the peer's ${name} share is not a point of the curve`,
        )
      },
      wipe() {
        held = null
      },
    }
  }
  return { ...CURVE_SIZES[name], generate, respond: respondWith(generate) }
}

/**
 * A crypto provider that writes down what it computes. Randomness comes from outside, so that whoever runs the endpoints
 * knows their ephemeral keys; everything else is what the provider beneath gives. Values are copied as hex at once, since
 * their owners wipe them.
 */
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import { CURVE_SIZES, MLKEM_SIZES } from '../../crypto/keyExchange.js'
import type { Aead, CryptoProvider, MacKey, RunningHash } from '../../crypto/provider.js'
import type { Hex, TraceStep } from './trace.js'

export interface InstrumentOptions {
  /** Every random octet that the endpoint draws, and the seed of every key share. */
  readonly random: (length: number) => Uint8Array
  /** Called as each step is done. The inner provider's own randomness, as in hedged signatures, is no step. */
  readonly record: (step: TraceStep) => void
}

/** Wraps a provider. Signing and verifying pass through. */
export function instrument(provider: CryptoProvider, { random, record }: InstrumentOptions): CryptoProvider {
  return {
    name: provider.name,

    randomBytes(length) {
      const output = random(length)
      record({ kind: 'random', output: hex(output) })
      return output
    },

    hash(algorithm, data) {
      const output = provider.hash(algorithm, data)
      record({ kind: 'hash', hash: algorithm, data: hex(data), output: hex(output) })
      return output
    },
    createHash: (algorithm) =>
      runningHash(provider.createHash(algorithm), (data, output) => {
        record({ kind: 'hash', hash: algorithm, data, output })
      }),
    hmacKey(algorithm, key) {
      const keyOctets = hex(key)
      return macKey(provider.hmacKey(algorithm, key), (data, output) => {
        record({ kind: 'mac', hash: algorithm, key: keyOctets, data, output })
      })
    },
    aead(algorithm, key) {
      const keyOctets = hex(key)
      return recordingAead(provider.aead(algorithm, key), (step) => {
        record({ kind: 'seal', algorithm, key: keyOctets, ...step })
      })
    },

    supportsGroup: (group) => provider.supportsGroup(group),
    supportsCipherSuite: (suite) => provider.supportsCipherSuite(suite),
    supportsSignatureScheme: (scheme) => provider.supportsSignatureScheme(scheme),

    generateKeyShare(group, givenSeed) {
      const seed = givenSeed ?? random(NAMED_GROUPS[group].clientSeedLength)
      const privateOctets = hex(seed)
      const share = provider.generateKeyShare(group, seed)
      const publicShare = hex(share.publicShare)
      return {
        group,
        publicShare: share.publicShare,
        agree(serverShare) {
          const secret = share.agree(serverShare)
          for (const step of exchangeSteps(group, 'client', privateOctets, publicShare, hex(secret))) record(step)
          return secret
        },
        wipe: () => share.wipe(),
      }
    },
    respondToKeyShare(group, clientShare, givenSeed) {
      const seed = givenSeed ?? random(NAMED_GROUPS[group].serverSeedLength)
      const privateOctets = hex(seed)
      const response = provider.respondToKeyShare(group, clientShare, seed)
      const [publicShare, secret] = [hex(response.serverShare), hex(response.sharedSecret)]
      for (const step of exchangeSteps(group, 'server', privateOctets, publicShare, secret)) record(step)
      return response
    },

    verifyingKey: (algorithm, publicKey) => provider.verifyingKey(algorithm, publicKey),
    signingKey: (material) => provider.signingKey(material),
    generateSigningKey: (algorithm) => provider.generateSigningKey(algorithm),
  }
}

function runningHash(running: RunningHash, done: (data: Hex, output: Hex) => void): RunningHash {
  let fed = ''
  return {
    update(data) {
      fed += hex(data)
      running.update(data)
    },
    digest() {
      const output = running.digest()
      done(fed, hex(output))
      return output
    },
  }
}

function macKey(key: MacKey, done: (data: Hex, output: Hex) => void): MacKey {
  return {
    mac(data) {
      const output = key.mac(data)
      done(hex(data), hex(output))
      return output
    },
    wipe: () => key.wipe(),
  }
}

type Sealed = Omit<Extract<TraceStep, { kind: 'seal' }>, 'kind' | 'algorithm' | 'key'>

function recordingAead(aead: Aead, done: (step: Sealed) => void): Aead {
  return {
    seal(nonce, aad, content, trailer, out) {
      aead.seal(nonce, aad, content, trailer, out)
      const plaintext = hex(content) + hex(trailer)
      done({ nonce: hex(nonce), additionalData: hex(aad), content: plaintext, sealed: hex(out) })
    },
    sealInPieces(nonce, aad, content, trailer) {
      const pieces = aead.sealInPieces(nonce, aad, content, trailer)
      const plaintext = hex(content) + hex(trailer)
      const sealed = pieces.map(hex).join('')
      done({ nonce: hex(nonce), additionalData: hex(aad), content: plaintext, sealed })
      return pieces
    },
    open(nonce, aad, sealed) {
      const content = aead.open(nonce, aad, sealed)
      if (content !== null) {
        done({ nonce: hex(nonce), additionalData: hex(aad), content: hex(content), sealed: hex(sealed) })
      }
      return content
    },
    wipe: () => aead.wipe(),
  }
}

/** One step for each component, in the order of the group's halves (RFC 10024). */
function exchangeSteps(
  group: NamedGroupName,
  side: 'client' | 'server',
  privateOctets: Hex,
  publicShare: Hex,
  secret: Hex,
): TraceStep[] {
  const { curve, mlkem, mlkemFirst } = NAMED_GROUPS[group]
  // A curve's secret is one coordinate, as long as a scalar; ML-KEM's has 32 octets in every parameter set.
  const curvePart = {
    component: 'curve',
    sizes: CURVE_SIZES[curve],
    secretLength: CURVE_SIZES[curve].clientSeedLength,
  } as const
  const mlkemParts =
    mlkem === null ? [] : [{ component: 'mlkem', sizes: MLKEM_SIZES[mlkem], secretLength: 32 } as const]
  const parts = mlkemFirst ? [...mlkemParts, curvePart] : [curvePart, ...mlkemParts]
  const takePrivate = taker(privateOctets)
  const takePublic = taker(publicShare)
  const takeSecret = taker(secret)
  return parts.map(({ component, sizes, secretLength }) => ({
    kind: 'exchange',
    component,
    side,
    privateOctets: takePrivate(sizes[`${side}SeedLength`]),
    publicShare: takePublic(sizes[`${side}ShareLength`]),
    output: takeSecret(secretLength),
  }))
}

/** Takes octets off the front, one call after the other. */
function taker(octets: Hex): (length: number) => Hex {
  let offset = 0
  return (length) => {
    const start = offset
    offset += 2 * length
    return octets.slice(start, offset)
  }
}

function hex(octets: Uint8Array): Hex {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex')
}

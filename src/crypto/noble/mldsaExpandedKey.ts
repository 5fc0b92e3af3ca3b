/**
 * Expanded ML-DSA private keys (FIPS 204 7.2, skEncode): ρ ‖ K ‖ tr ‖ s1 ‖ s2 ‖ t0. Everything but K follows from
 * ρ, s1 and s2, and noble signs with whatever stands in t0 and tr. A key whose parts disagree makes signatures that do
 * not verify, or only now and then: an error of 1 in one coefficient of t0 spoils one signature in some thousands, so
 * signing and verifying a few times proves nothing. Here the parts are computed again, with noble's own arithmetic.
 */

import { shake256 } from '@noble/hashes/sha3.js'
import { genCrystals, XOF128 } from '@noble/post-quantum/_crystals.js'
import { ml_dsa44, ml_dsa65, ml_dsa87, PARAMS } from '@noble/post-quantum/ml-dsa.js'
import { constantTimeEqual, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { MldsaAlgorithm } from '../signatureKeys.js'

const SETS = {
  mldsa44: { dsa: ml_dsa44, ...parameters('2') },
  mldsa65: { dsa: ml_dsa65, ...parameters('3') },
  mldsa87: { dsa: ml_dsa87, ...parameters('5') },
} as const

/** FIPS 204 4 and 2.5: degree, modulus, root of unity, dropped bits; F is 256⁻¹ mod q. */
const [N, Q, ROOT_OF_UNITY, F, D] = [256, 8_380_417, 1753, 8_347_681, 13]
/** Octets of ρ and K each, and of tr. */
const [SEED_LENGTH, TR_LENGTH] = [32, 64]

const ring = genCrystals({ N, Q, F, ROOT_OF_UNITY, brvBits: 8, isKyber: false, newPoly: (n) => new Int32Array(n) })

/**
 * The public key of an expanded private key, whose parts have been found to belong together: s1 and s2 are in range,
 * tr is the hash of the public key, and t0 is what Power2Round leaves of A s1 + s2 (FIPS 204 algorithm 6).
 * @throws TrefoilError ERR_INVALID_KEY when they do not, or there are too few or too many octets
 */
export function mldsaExpandedPublicKey(algorithm: MldsaAlgorithm, expandedKey: Uint8Array): Uint8Array {
  const { dsa } = SETS[algorithm]
  const length = dsa.lengths.secretKey
  if (length !== expandedKey.length) {
    throw invalid(algorithm, `has ${expandedKey.length} octets, not ${length}`)
  }
  const publicKey = derivePublicKey(algorithm, expandedKey)
  const tr = shake256(publicKey, { dkLen: TR_LENGTH })
  const start = 2 * SEED_LENGTH
  if (!constantTimeEqual(tr, expandedKey.subarray(start, start + TR_LENGTH))) {
    throw invalid(algorithm, 'holds the hash of another public key (tr)')
  }
  const t0 = lowBits(algorithm, expandedKey)
  const same = constantTimeEqual(t0, expandedKey.subarray(length - t0.length))
  wipe(t0)
  if (!same) throw invalid(algorithm, 'holds a t0 that does not follow from its s1 and s2')
  return publicKey
}

function derivePublicKey(algorithm: MldsaAlgorithm, expandedKey: Uint8Array): Uint8Array {
  try {
    return SETS[algorithm].dsa.getPublicKey(expandedKey)
  } catch {
    // Without a cause: noble's message quotes the coefficient.
    throw invalid(algorithm, 'has an s1 or s2 that is out of range')
  }
}

/** The encoding of t0: the low bits of t = A s1 + s2. */
function lowBits(algorithm: MldsaAlgorithm, expandedKey: Uint8Array): Uint8Array {
  const { K, L, ETA } = SETS[algorithm]
  // FIPS 204 algorithms 17 and 24: η − x in 3 or 4 bits, 2^(d−1) − x in 13.
  const etaCoder = centred(ETA === 2 ? 3 : 4, ETA)
  const lowBitsCoder = centred(D, 2 ** (D - 1))
  const s = Array.from({ length: L + K }, (_, i) => {
    const offset = 2 * SEED_LENGTH + TR_LENGTH + i * etaCoder.bytesLen
    return etaCoder.decode(expandedKey.subarray(offset, offset + etaCoder.bytesLen)) as Int32Array
  })
  const s1Hat = s.slice(0, L).map((polynomial) => ring.NTT.encode(polynomial))
  const matrix = XOF128(expandedKey.subarray(0, SEED_LENGTH))
  const t0 = new Uint8Array(K * lowBitsCoder.bytesLen)
  const t = new Int32Array(N)
  for (let row = 0; row < K; row++) {
    t.fill(0)
    s1Hat.forEach((polynomial, column) => {
      const a = samplePolynomial(matrix.get(column, row))
      for (let i = 0; i < N; i++) t[i] = ring.mod(at(t, i) + ring.mod(at(a, i) * at(polynomial, i)))
    })
    ring.NTT.decode(t)
    const s2 = s[L + row] as Int32Array
    // FIPS 204 algorithm 35.
    for (let i = 0; i < N; i++) t[i] = ring.smod(ring.mod(at(t, i) + at(s2, i)), 2 ** D)
    const encoded = lowBitsCoder.encode(t)
    t0.set(encoded, row * encoded.length)
    wipe(encoded)
  }
  matrix.clean()
  for (const secret of [t, ...s]) secret.fill(0)
  return t0
}

/** FIPS 204 algorithm 30: uniform coefficients below q from three octets each, their top bit dropped. */
function samplePolynomial(nextBlock: () => Uint8Array): Int32Array {
  const polynomial = new Int32Array(N)
  for (let filled = 0; filled < N; ) {
    const block = nextBlock()
    for (let i = 0; i + 2 < block.length && filled < N; i += 3) {
      const [low, middle, high] = [at(block, i), at(block, i + 1), at(block, i + 2) & 0x7f]
      const candidate = low | (middle << 8) | (high << 16)
      if (candidate < Q) polynomial[filled++] = candidate
    }
  }
  return polynomial
}

/** Packs coefficients x as `bound − x`, in so many bits each. */
function centred(bits: number, bound: number) {
  const flip = (value: number): number => bound - value
  return ring.bitsCoder(bits, { encode: flip, decode: flip })
}

function parameters(level: string): { readonly K: number; readonly L: number; readonly ETA: number } {
  const found = PARAMS[level]
  if (found === undefined) throw new Error(`noble has no ML-DSA parameters for category ${level}`)
  return found
}

function at(array: Int32Array | Uint8Array, index: number): number {
  return array[index] as number
}

function invalid(algorithm: MldsaAlgorithm, what: string): TrefoilError {
  return new TrefoilError('ERR_INVALID_KEY', `the expanded form of the ${algorithm} private key ${what}`)
}

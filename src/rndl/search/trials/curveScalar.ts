/**
 * The client's X25519 scalar, by brute force: the points k·B for k, k + 8, k + 16, … are had by one addition each, on the
 * Edwards curve that is the same curve in other coordinates (RFC 7748 4.1), and compared with the share in the ClientHello.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { readPlainHandshake } from '../../adversary/index.js'
import type { Hit, SearchMethod, Target } from './trial.js'

const { Point } = ed25519
const { Fp, Fn } = Point
const X25519MLKEM768 = 0x11ec
/** RFC 7748 5: the three lowest bits of a scalar are cleared. */
const STEP = 8
/** Points that share one inversion. */
const BATCH = 256

export const curveScalar: SearchMethod = {
  /** The lowest bits that X25519 does not clear. */
  fill(secret, bits, guess) {
    const low = secret.readUInt32LE(0)
    const [cleared, above] = [low % STEP, low - (low % (STEP * 2 ** bits))]
    secret.writeUInt32LE(above + guess * STEP + cleared, 0)
  },
  prepare(targets) {
    const [first] = targets
    if (first === undefined || targets.some(({ known }) => !Buffer.from(known).equals(first.known))) {
      throw new RangeError('targets that are searched together have the same known octets')
    }
    const base = clamp(first.known)
    const step = Point.BASE.multiply(BigInt(STEP))
    const numberOf = new Map(targets.map((target, number) => [shareOf(target), number]))
    return (from, count, open) => {
      const missing = new Set(open)
      const hits: Hit[] = []
      let point = Point.BASE.multiply(Fn.create(base + BigInt(from) * BigInt(STEP)))
      let done = 0
      while (done < count && missing.size > 0) {
        const numerators: bigint[] = []
        const denominators: bigint[] = []
        for (let i = 0; i < Math.min(BATCH, count - done); i++) {
          // u = (1 + y) / (1 - y) (RFC 7748 4.1), with y = Y / Z.
          numerators.push(point.Z + point.Y)
          denominators.push(Fp.sub(point.Z, point.Y))
          point = point.add(step)
        }
        Fp.invertBatch(denominators).forEach((inverse, i) => {
          const target = numberOf.get(Fp.mul(numerators[i] as bigint, inverse))
          if (target !== undefined && missing.delete(target)) hits.push({ target, guess: from + done + i })
        })
        done += numerators.length
      }
      return { hits, trials: done }
    }
  },
}

/** RFC 7748 5: decodeScalar25519. */
function clamp(scalar: Uint8Array): bigint {
  const octets = Buffer.from(scalar)
  octets.writeUInt8(octets.readUInt8(0) & 248, 0)
  octets.writeUInt8((octets.readUInt8(31) & 127) | 64, 31)
  return littleEndian(octets)
}

function shareOf({ tape }: Target): bigint {
  const shares = readPlainHandshake(tape)?.clientHello.keyShares
  const share = shares?.find(({ group }) => group === X25519MLKEM768)?.share
  if (share === undefined) throw new RangeError('no key share of X25519MLKEM768 is on the tape')
  return littleEndian(share.subarray(-32))
}

function littleEndian(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).reverse().toString('hex')}`)
}

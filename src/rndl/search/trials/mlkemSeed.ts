/**
 * The seed of an ML-KEM-768 key pair. FIPS 203 algorithm 13 begins with (ρ, σ) = G(d ‖ k), and ρ stands at the end of the
 * encapsulation key in the ClientHello: one SHA3-512 tells a wrong guess.
 */
import { createHash } from 'node:crypto'
import { readPlainHandshake } from '../../adversary/index.js'
import { fillFront, type Hit, type SearchMethod, type Target } from './trial.js'

const X25519MLKEM768 = 0x11ec
const ENCAPSULATION_KEY_LENGTH = 1184
/** FIPS 203 table 2. */
const K = 3
/** d and the octet k. */
const INPUT_LENGTH = 33

export const mlkemSeed: SearchMethod = {
  fill: fillFront,
  prepare(targets, bits) {
    const guesses = targets.map(({ known }) => Buffer.concat([known.subarray(0, INPUT_LENGTH - 1), Buffer.from([K])]))
    const [input] = guesses
    if (input === undefined || guesses.some((other) => !other.equals(input))) {
      throw new RangeError('targets that are searched together have the same known octets')
    }
    const numberOf = new Map(targets.map((target, number) => [rhoOf(target).toString('latin1'), number]))
    return (from, count, open) => {
      const missing = new Set(open)
      const hits: Hit[] = []
      let guess = from
      for (; guess < from + count && missing.size > 0; guess++) {
        fillFront(input, bits, guess)
        const rho = createHash('sha3-512').update(input).digest().toString('latin1', 0, 32)
        const target = numberOf.get(rho)
        if (target !== undefined && missing.delete(target)) hits.push({ target, guess })
      }
      return { hits, trials: guess - from }
    }
  },
}

function rhoOf({ tape }: Target): Buffer {
  const shares = readPlainHandshake(tape)?.clientHello.keyShares
  const share = shares?.find(({ group }) => group === X25519MLKEM768)?.share
  if (share === undefined) throw new RangeError('no key share of X25519MLKEM768 is on the tape')
  return share.subarray(ENCAPSULATION_KEY_LENGTH - 32, ENCAPSULATION_KEY_LENGTH)
}

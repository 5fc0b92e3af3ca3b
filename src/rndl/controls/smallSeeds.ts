/**
 * ML-KEM seeds of 16 bits, and the search for them. An encapsulation key ends with ρ, and (ρ, σ) = SHA3-512(d ‖ k)
 * (FIPS 203 algorithm 13), so that a guess costs one hash.
 */
import { hash } from 'node:crypto'

const SEEDS = 1 << 16
/** k of ML-KEM-768. */
const RANK = 3
/** Octets of d, of ρ, and of d ‖ z. */
const HALF = 32
const WHOLE = 64

/** d ‖ z, 64 octets, out of a number below 2^16. */
export function seedFrom(number: number): Buffer {
  return Buffer.alloc(WHOLE, Buffer.from([number >> 8, number & 0xff]))
}

/** The seed behind an ML-KEM-768 encapsulation key, when its randomness had 16 bits. */
export function guessSeed(encapsulationKey: Uint8Array): Buffer | null {
  const number = numbersByRho().get(Buffer.from(encapsulationKey.subarray(-HALF)).toString('hex'))
  return number === undefined ? null : seedFrom(number)
}

let numbers: ReadonlyMap<string, number> | null = null

/** All the guesses, made once: they serve against every key. */
function numbersByRho(): ReadonlyMap<string, number> {
  numbers ??= new Map(Array.from({ length: SEEDS }, (_, number) => [rhoOf(number), number]))
  return numbers
}

function rhoOf(number: number): string {
  const input = seedFrom(number).subarray(0, HALF + 1)
  input[HALF] = RANK
  return hash('sha3-512', input, 'hex').slice(0, 2 * HALF)
}

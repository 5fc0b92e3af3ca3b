/**
 * ML-KEM seeds of 16 bits, and the search for them. An encapsulation key ends with ρ, and (ρ, σ) = SHA3-512(d ‖ k)
 * (FIPS 203 algorithm 13), so that a guess costs one hash.
 */
import { createHash } from 'node:crypto'

const SEEDS = 1 << 16
/** k of ML-KEM-768. */
const RANK = Uint8Array.of(3)

/** d ‖ z, 64 octets, stretched from a number below 2^16. */
export function seedFrom(number: number): Buffer {
  return Buffer.concat([half(number, 'd'), half(number, 'z')])
}

/** The seed behind an ML-KEM-768 encapsulation key, when its randomness had 16 bits. */
export function guessSeed(encapsulationKey: Uint8Array): Buffer | null {
  const number = numbersByRho().get(Buffer.from(encapsulationKey.subarray(-32)).toString('hex'))
  return number === undefined ? null : seedFrom(number)
}

let numbers: ReadonlyMap<string, number> | null = null

/** All the guesses, made once: they serve against every key. */
function numbersByRho(): ReadonlyMap<string, number> {
  numbers ??= new Map(Array.from({ length: SEEDS }, (_, number) => [rhoOf(half(number, 'd')), number]))
  return numbers
}

function rhoOf(d: Buffer): string {
  return createHash('sha3-512').update(d).update(RANK).digest().toString('hex', 0, 32)
}

function half(number: number, which: 'd' | 'z'): Buffer {
  return createHash('sha256').update(`${which} ${number}`).digest()
}

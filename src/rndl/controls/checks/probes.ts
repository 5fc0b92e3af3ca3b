/** Different inputs must give different secrets: what a derivation leaves out shows when that alone is changed. */
import { attack, NO_LEAKS } from '../../adversary/index.js'
import { isAchieved } from '../../matrix/achieved.js'
import { mergeLeaks } from '../../matrix/mergeLeaks.js'
import type { LeakName, RecordedRun } from '../../model.js'
import type { Check } from './check.js'

export const shiftedBoundary: Check = {
  name: 'shifted boundary',
  find({ probes: { plain, shifted } }) {
    return sharesPsk(plain, shifted)
      ? 'another auth PSK with another QKD key gave the same PSK, as the octets of both were the same in a row'
      : null
  },
}

export const keyIdBinding: Check = {
  name: 'key_ID binding',
  find({ schedule, probes: { plain, otherKeyId } }) {
    if (!sharesPsk(plain, otherKeyId)) return null
    // The dependent-key attack of arXiv 2509.12478: the PSK of one session is handed over, and another is opened.
    const broken = mergeLeaks(otherKeyId.leaks.filter(({ leak }) => EXCHANGE.includes(leak)))
    const importedPsks = psksOf(plain).map((psk) => Buffer.from(psk, 'hex'))
    const leaks = { ...NO_LEAKS, ...broken, importedPsks }
    const opened = attack(otherKeyId.tape, leaks, schedule)
    const request = otherKeyId.things.find(({ name }) => name === 'request')
    return request !== undefined && isAchieved(request, opened, leaks)
      ? 'one QKD key under two key_IDs is one PSK: that of the first session opened the second'
      : 'one QKD key under two key_IDs is one PSK'
  },
}

const EXCHANGE: readonly LeakName[] = ['curve', 'decapsulationKey']

function sharesPsk(one: RecordedRun, other: RecordedRun): boolean {
  const psks = new Set(psksOf(one))
  return psksOf(other).some((psk) => psks.has(psk))
}

/** What entered Early Secrets: the data of HMACs under zeros, in the hash of the suite (RFC 9846 7.1). */
function psksOf({ trace }: RecordedRun): string[] {
  return trace.flatMap((step) =>
    step.kind === 'mac' && step.hash === 'SHA-384' && isZeros(step.key) && !isZeros(step.data) ? [step.data] : [],
  )
}

/** The salt of an Early Secret, or what stands for a PSK where there is none. */
const isZeros = (octets: string): boolean => /^(00)*$/.test(octets)

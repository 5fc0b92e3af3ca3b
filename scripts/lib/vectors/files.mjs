// Which handshakes each file of vectors/ has, one file for a mode. Every mode meets every suite and every group; the two main ones,
// certificate + QKD and psk + QKD, every hybrid group with every suite.
import { further } from './furtherTraces.mjs'
import { GROUPS, HYBRIDS, SUITES } from './inputs.mjs'
import { MODES, short, TITLES, trace } from './modeTraces.mjs'
import { refusals } from './refusals.mjs'
import { resumptions } from './resumptions.mjs'

const HYBRID_PAIRS = HYBRIDS.flatMap((group) => SUITES.map((suite) => ({ group, suite })))
const EACH_ONCE = GROUPS.map((group, i) => ({ group, suite: SUITES[i % SUITES.length] }))
const MAIN = ['certificate-qkd', 'psk-qkd']
/** Every level, but the smallest, which makes the smallest files, wherever these modes have shown the others. */
const ALL_LEVELS = ['certificate-qkd', 'certificate', 'mutual']
const levelOf = (mode, i) => (ALL_LEVELS.includes(mode) ? { 1: 'mldsa65', 2: 'mldsa87' }[i] : undefined) ?? 'mldsa44'

/** [file without .json, title, definitions of traces], in the order in which they are written. */
export function vectorFiles() {
  const names = Object.keys(MODES)
  return [
    ...names.map((mode) => [mode, TITLES[mode], [...baseTraces(mode), ...further(mode)]]),
    ['resumption', 'Tickets, and the sessions that are resumed with them', resumptions()],
    ['refusals', 'Handshakes that one end must refuse, and with what alert', refusals()],
  ]
}

function baseTraces(mode) {
  const pairs = MAIN.includes(mode) ? [...HYBRID_PAIRS, ...EACH_ONCE.slice(HYBRIDS.length)] : EACH_ONCE
  return pairs.map(({ group, suite }, i) =>
    trace(mode, `${mode}-${group}-${short(suite)}`, { group, suite }, levelOf(mode, i)),
  )
}

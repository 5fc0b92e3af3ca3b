/** What is wrong with keys and nonces of records, whatever the keys were made from. */
import { nonceReuse as reusedNonces, sharedKeys, unexplained } from '../../graph/index.js'
import type { Check } from './check.js'
import { graphOf } from './graphOf.js'

export const unexplainedInput: Check = {
  name: 'unexplained input',
  find({ first }) {
    const [found] = unexplained(first, graphOf(first))
    if (found === undefined) return null
    return `${found.octets.length / 2} octets of unknown origin entered the key schedule as ${found.as}`
  },
}

export const nonceReuse: Check = {
  name: 'nonce reuse',
  find({ first, second }) {
    const reused = reusedNonces([...first.trace, ...second.trace])
    const [worst] = reused.sort((a, b) => b.sealed.length - a.sealed.length)
    return worst === undefined ? null : `${worst.sealed.length} records were sealed under one key and nonce`
  },
}

export const sharedKey: Check = {
  name: 'shared key',
  find({ first }) {
    const [shared] = sharedKeys(first)
    if (shared === undefined) return null
    const uses = shared.uses.map(({ connection, from }) => `the ${from} of "${connection}"`)
    return `one key protects what comes from ${uses.join(' and ')}`
  },
}

/** What is wrong with keys and nonces of records, whatever the keys were made from. */
import * as alarms from '../../alarms.js'
import type { Check } from './check.js'
import { graphOf } from './graphOf.js'

export const unexplainedInput: Check = {
  name: 'unexplained input',
  find: ({ first }) => alarms.unexplainedInput(first, graphOf(first)),
}

export const nonceReuse: Check = {
  name: 'nonce reuse',
  find: ({ first, second }) => alarms.reusedNonce([...first.trace, ...second.trace]),
}

export const sharedKey: Check = {
  name: 'shared key',
  find: ({ first }) => alarms.sharedKey(first, graphOf(first)),
}

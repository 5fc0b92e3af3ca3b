/** Every check, in the order in which they run. Those that take many keys, or sum up, come last in their group. */
import type { Check } from '../check.js'
import { decKeysChecks } from './decKeys.js'
import { encKeysChecks } from './encKeys.js'
import { errorChecks } from './errors.js'
import { identityChecks } from './identity.js'
import { keyRequestChecks } from './keyRequests.js'
import { statusChecks } from './status.js'
import { transportChecks } from './transport.js'

const beforeStatus = identityChecks.filter(({ needs = [] }) => !needs.includes('status.get'))
const afterStatus = identityChecks.filter(({ needs = [] }) => needs.includes('status.get'))

export const checks: readonly Check[] = [
  ...transportChecks,
  ...beforeStatus,
  ...statusChecks,
  ...afterStatus,
  ...encKeysChecks,
  ...keyRequestChecks,
  ...decKeysChecks,
  ...errorChecks,
]

/** Keys that an examination takes at most, besides max_key_per_request and one more than that. */
export const plannedKeys = checks.reduce((sum, { keys = 0 }) => sum + keys, 0)

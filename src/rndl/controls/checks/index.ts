/** All checks. Those that say most about what is wrong come first: the report quotes the first that finds something. */
import { adversary } from './adversary.js'
import type { Check } from './check.js'
import { graph } from './graph.js'
import { knownPlaintext } from './knownPlaintext.js'
import { keyIdBinding, shiftedBoundary } from './probes.js'
import { nonceReuse, sharedKey, unexplainedInput } from './records.js'
import { search } from './search.js'
import { sessionSeparation } from './sessionSeparation.js'

export const CHECKS: readonly Check[] = [
  graph,
  adversary,
  search,
  sessionSeparation,
  shiftedBoundary,
  keyIdBinding,
  nonceReuse,
  knownPlaintext,
  sharedKey,
  unexplainedInput,
]

export type { Check, CheckName } from './check.js'

/** The negative controls, in the order of the report. */

import {
  curveIgnored,
  ephemeralReused,
  mixedByHand,
  mlkemFromCiphertext,
  smallSeed,
  xorCancels,
} from './catalogue/keyExchange.js'
import {
  exporterWithoutQkd,
  identitiesWithoutQkd,
  oneKeyBothWays,
  qkdOnlyInBinder,
  qkdReplacesExchange,
  resumptionWithoutExchange,
  retryDropsQkd,
  trafficBeforeLastExtract,
  updateChangesNothing,
  updateForgetsSecret,
} from './catalogue/keySchedule.js'
import {
  authPskIgnored,
  concatenation,
  constantNonce,
  keyIdNotBound,
  relatedQkdKeys,
  weakTicketKey,
} from './catalogue/keys.js'
import type { Control } from './control.js'

export const CONTROLS: readonly Control[] = [
  mlkemFromCiphertext,
  curveIgnored,
  xorCancels,
  mixedByHand,
  smallSeed,
  ephemeralReused,
  qkdOnlyInBinder,
  retryDropsQkd,
  qkdReplacesExchange,
  trafficBeforeLastExtract,
  identitiesWithoutQkd,
  exporterWithoutQkd,
  oneKeyBothWays,
  constantNonce,
  updateChangesNothing,
  updateForgetsSecret,
  concatenation,
  authPskIgnored,
  keyIdNotBound,
  relatedQkdKeys,
  weakTicketKey,
  resumptionWithoutExchange,
]

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
  oneKeyBothWays,
  qkdOnlyInBinder,
  qkdReplacesExchange,
  resumptionWithoutExchange,
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
  qkdReplacesExchange,
  trafficBeforeLastExtract,
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

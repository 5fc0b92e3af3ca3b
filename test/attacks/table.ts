/** All attacks, in the order of docs/active-attacks.md. */
import type { Family } from './row.js'
import { CERTIFICATE_TYPES } from './rows/certificateTypes.js'
import { FALSE_CLIENTS, FALSE_SERVERS } from './rows/impostors.js'
import { REFLECTION, REROUTING, UNKNOWN_KEY_SHARE } from './rows/misdirection.js'
import { PREFERRING } from './rows/preferring.js'
import { RECORDS } from './rows/records.js'
import { REPLAYS } from './rows/replays.js'
import { FORGED_RETRIES, RETRIES } from './rows/retries.js'
import { STRIPPING } from './rows/stripping.js'

export const FAMILIES: readonly Family[] = [
  FALSE_SERVERS,
  FALSE_CLIENTS,
  STRIPPING,
  PREFERRING,
  CERTIFICATE_TYPES,
  FORGED_RETRIES,
  RETRIES,
  REPLAYS,
  REFLECTION,
  REROUTING,
  UNKNOWN_KEY_SHARE,
  RECORDS,
]

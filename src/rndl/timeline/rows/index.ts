/** All rows, in the order of the report. To add one, put a `theft` into the table it belongs to. */
import { BOOTSTRAP_ROWS } from './bootstrap.js'
import { CERTIFICATE_ROWS } from './certificates.js'
import { PRE_SHARED_KEY_ROWS } from './preSharedKeys.js'
import { QUANTUM_LINK_ROWS } from './quantumLink.js'
import type { Row } from './stage.js'

export const ROWS: readonly Row[] = [
  ...CERTIFICATE_ROWS,
  ...PRE_SHARED_KEY_ROWS,
  ...BOOTSTRAP_ROWS,
  ...QUANTUM_LINK_ROWS,
]

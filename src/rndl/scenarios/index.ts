/** The scenarios of the harness, and how to write one more. */
export { AUTH_PSK, CLASSICAL, HYBRID, QKD, type SessionClaim, sessionClaim } from './claims.js'
export { type Mode, type Scenario, scenario, type Variant } from './scenario.js'
export { PLAIN_SETUP, type Setup } from './setup.js'
export { SCENARIOS } from './table.js'

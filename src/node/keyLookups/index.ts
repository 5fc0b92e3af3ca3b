/** What keeps ClientHellos from flooding the key manager. */
export { addressGroup } from './addressGroup.js'
export { type KeyLookupGate, KeyLookupGuard } from './guard.js'
export { type KeyLookupLimits, type KeyLookupOptions, resolveKeyLookupLimits } from './limits.js'
export type { KeyLookupStatistics } from './statistics.js'

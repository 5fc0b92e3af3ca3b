/** Memory per idle connection, and the cost of handshakes beside many of them. */
export { measureMemory } from './measureMemory.js'
export type { IdleMeasured, IdlePoint, MemoryResult, MemoryUse } from './result.js'

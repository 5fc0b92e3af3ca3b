/** What handshakes do to the event loop. */
export { measureEventLoop } from './measureEventLoop.js'
export type { EventLoopResult, LoopDelay, StormResult, Stretches } from './result.js'

/** Time to first and last byte over networks that are not at hand, from measured flights. */
export { modelNetwork } from './modelNetwork.js'
export { CLASSICAL_MODE, type Flight, type ModeFlights } from './modes.js'
export type { NetworkCell, NetworkResult, TimeSpread } from './result.js'

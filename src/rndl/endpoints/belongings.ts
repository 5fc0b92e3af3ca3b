/** The long-term secrets of both ends: what can be stolen from them besides what a session makes. */
import { toHex, utf8 } from '../../bytes.js'
import type { Setup } from '../scenarios/setup.js'
import type { Hex } from '../trace/trace.js'
import type { Materials } from './materials.js'
import { partiesOf } from './options.js'

export interface Belongings {
  /** By identity in hex. */
  readonly authPsks: ReadonlyMap<Hex, Hex>
  /** Of keys that a server has besides, and tries: known when the play is over. */
  readonly otherPsks?: ReadonlySet<Hex>
  /** 48 octets, as node:tls has them; null without tickets. */
  readonly ticketKeys: Hex | null
  /** The secret octets of the ends' keys, and of the CA's. */
  readonly signingKeys: readonly Hex[]
  readonly caKeys: readonly Hex[]
}

export function belongingsOf(setup: Setup, materials: Materials): Belongings {
  const { authPsk, ticketKeys } = materials
  const parties = setup.certificates === 'none' ? null : partiesOf(setup, materials)
  const client = setup.certificates === 'mutual' ? [parties?.client.secret ?? ''] : []
  return {
    authPsks: new Map(setup.psk === 'none' ? [] : [[toHex(utf8(authPsk.identity)), authPsk.key]]),
    ticketKeys: setup.tickets ? ticketKeys : null,
    signingKeys: parties === null ? [] : [parties.server.secret, ...client],
    caKeys: parties === null ? [] : [parties.ca.secret],
  }
}

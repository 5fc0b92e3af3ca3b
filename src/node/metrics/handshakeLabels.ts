/** A handshake as labels: a closed set of words, whatever a peer sends. */
import type { TrefoilError } from '../../errors.js'
import type { Protection } from '../protection.js'

export type Role = 'client' | 'server'

export interface HandshakeLabels {
  readonly role: Role
  /** By what the server is authenticated; `none` where the client does not verify it, `unknown` when the handshake failed. */
  readonly mode: 'certificate' | 'psk' | 'qkd' | 'none' | 'unknown'
  readonly psk: 'yes' | 'no' | 'unknown'
  readonly qkd: 'yes' | 'no' | 'unknown'
  readonly group: string
  readonly resumed: 'yes' | 'no' | 'unknown'
  /** `ok` or the code of the error. */
  readonly outcome: string
}

export function completed(role: Role, protection: Protection): HandshakeLabels {
  const { authentication, psk, qkd, keyExchange, resumed } = protection
  return {
    role,
    mode: (role === 'client' ? authentication.peer : authentication.local) ?? 'none',
    psk: yesOrNo(psk !== null),
    qkd: yesOrNo(qkd !== null),
    group: keyExchange.group,
    resumed: yesOrNo(resumed),
    outcome: 'ok',
  }
}

export function refused(role: Role, error: TrefoilError): HandshakeLabels {
  return { ...UNKNOWN, role, outcome: error.code }
}

const UNKNOWN = { mode: 'unknown', psk: 'unknown', qkd: 'unknown', group: 'unknown', resumed: 'unknown' } as const

function yesOrNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no'
}

/** Where QKD is preferred and not required, ends go on without it; but it is not for an attacker to make them. */
import { psk } from '../../modes/identities.js'
import { without } from '../../support/hellos.js'
import { clientHello, serverHello } from '../editing.js'
import type { Family } from '../row.js'
import { BY_BOTH, QKD } from '../settings.js'
import { onTheLine, rearrangingPsks, TRANSCRIPT, UNDER_BINDER } from './hellos.js'

const PREFER = { policy: 'prefer' } as const

export const PREFERRING: Family = {
  title: 'Downgrade where QKD is preferred, not required',
  adapt: ({ mode, server, client }) => ({
    mode,
    server: { ...server, qkd: { ...QKD.server, ...PREFER } },
    client: { ...client, qkd: { ...QKD.client, ...PREFER } },
  }),
  rows: [
    onTheLine(
      'takes pre_shared_key away, and the server goes on with its certificate',
      clientHello((hello) => without(hello, 'pre_shared_key', 'tls_cert_with_extern_psk')),
      { ...TRANSCRIPT, modes: BY_BOTH },
    ),
    onTheLine(
      'takes pre_shared_key out of the answer, and the client goes on with the certificate',
      serverHello((hello) => without(hello, 'pre_shared_key', 'tls_cert_with_extern_psk')),
      { ...TRANSCRIPT, modes: BY_BOTH },
    ),
    onTheLine(
      'takes away the identities that a QKD key went into, and the server goes on with the auth PSK',
      clientHello((hello) => rearrangingPsks(hello, withoutQkd)),
      ...UNDER_BINDER.map((notice) => ({ ...notice, modes: ['psk + QKD'] as const })).slice(1),
    ),
  ],
}

function withoutQkd(externalIdentities: readonly string[]): number[] {
  return [...externalIdentities.keys()].filter((i) => externalIdentities[i] === psk.identity)
}

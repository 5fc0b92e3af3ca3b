/** Both ends know raw public keys (RFC 7250) and chains; which of them is shown is not for an attacker to choose. */

import { loadCertificates, parseCertificate, writePublicKeyPem } from '../../../src/pki/index.js'
import { encodeCertificateTypes } from '../../../src/tls/extensions/certificateType.js'
import { clientIdentity, serverIdentity } from '../../modes/identities.js'
import { having, without } from '../../support/hellos.js'
import { clientHello } from '../editing.js'
import type { Family } from '../row.js'
import { BY_BOTH } from '../settings.js'
import { noticed, onTheLine, TRANSCRIPT, UNDER_BINDER } from './hellos.js'

const publicKey = ({ cert }: { readonly cert: string }): string => {
  return writePublicKeyPem(parseCertificate(loadCertificates(cert)[0] as Uint8Array).publicKeyInfo)
}
const MODES = ['certificates both ways', ...BY_BOTH] as const
const CHANGED = [
  { ...TRANSCRIPT, modes: ['certificates both ways'] as const },
  ...UNDER_BINDER.filter(({ modes }) => modes === BY_BOTH),
]

export const CERTIFICATE_TYPES: Family = {
  title: 'Downgrade from raw public keys to chains, and back',
  adapt: ({ mode, server, client }) => ({
    mode,
    server: { ...server, rawPublicKey: true, pinnedKeys: [publicKey(clientIdentity)] },
    client: { ...client, rawPublicKey: client.cert !== undefined, pinnedKeys: [publicKey(serverIdentity)] },
  }),
  rows: [
    onTheLine(
      'takes server_certificate_type away, so that the server shows its chain',
      clientHello((hello) => without(hello, 'server_certificate_type')),
      ...CHANGED,
    ),
    onTheLine(
      'leaves chains alone in server_certificate_type',
      clientHello((hello) => having(hello, 'server_certificate_type', encodeCertificateTypes([0]))),
      ...CHANGED,
    ),
    onTheLine(
      'leaves a type in server_certificate_type that nobody has',
      clientHello((hello) => having(hello, 'server_certificate_type', encodeCertificateTypes([1]))),
      noticed('server', 'ERR_UNSUPPORTED_CERTIFICATE', 'a type is in common (RFC 7250 4.2)', MODES),
    ),
    onTheLine(
      'takes client_certificate_type away, so that the client shows its chain',
      clientHello((hello) => without(hello, 'client_certificate_type')),
      { ...TRANSCRIPT, modes: ['certificates both ways'] },
    ),
  ],
}

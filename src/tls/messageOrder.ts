/**
 * Which handshake message may come when (RFC 9846 section 4 and appendix A): the one place that says so. The state
 * machines ask it before they look at a message; PROTOCOL.md and the exhaustive test are made from it.
 */
import { TrefoilError } from '../errors.js'
import type { HandshakeTypeName } from './wire/codePoints.js'

export type ClientStateName =
  | 'expectServerHello'
  | 'expectSecondServerHello'
  | 'expectEncryptedExtensions'
  | 'expectCertificateOrRequest'
  | 'expectCertificate'
  | 'expectCertificateVerify'
  | 'expectFinished'
  | 'connected'

export type ServerStateName =
  | 'expectClientHello'
  | 'expectSecondClientHello'
  | 'expectCertificate'
  | 'expectCertificateVerify'
  | 'expectFinished'
  | 'connected'

type Order<S extends string> = { readonly [State in S]: { readonly [M in HandshakeTypeName]?: readonly S[] } }

/** For each state: the messages that are legal in it, and the states each of them can lead to. */
export const CLIENT_MESSAGE_ORDER: Order<ClientStateName> = {
  // server_hello is also HelloRetryRequest.
  expectServerHello: { server_hello: ['expectSecondServerHello', 'expectEncryptedExtensions'] },
  expectSecondServerHello: { server_hello: ['expectEncryptedExtensions'] },
  expectEncryptedExtensions: { encrypted_extensions: ['expectCertificateOrRequest', 'expectFinished'] },
  expectCertificateOrRequest: { certificate_request: ['expectCertificate'], certificate: ['expectCertificateVerify'] },
  expectCertificate: { certificate: ['expectCertificateVerify'] },
  expectCertificateVerify: { certificate_verify: ['expectFinished'] },
  expectFinished: { finished: ['connected'] },
  connected: { new_session_ticket: ['connected'], key_update: ['connected'] },
}

export const SERVER_MESSAGE_ORDER: Order<ServerStateName> = {
  expectClientHello: { client_hello: ['expectSecondClientHello', 'expectCertificate', 'expectFinished'] },
  expectSecondClientHello: { client_hello: ['expectCertificate', 'expectFinished'] },
  // An empty certificate list has no CertificateVerify after it.
  expectCertificate: { certificate: ['expectCertificateVerify', 'expectFinished'] },
  expectCertificateVerify: { certificate_verify: ['expectFinished'] },
  expectFinished: { finished: ['connected'] },
  connected: { key_update: ['connected'] },
}

/** @throws TrefoilError ERR_UNEXPECTED_MESSAGE unless `message` is legal in `state` */
export function checkOrder<S extends string>(order: Order<S>, state: S, message: HandshakeTypeName): void {
  const legal = order[state]
  if (!Object.hasOwn(legal, message)) {
    const awaited = Object.keys(legal).join(' or ')
    throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', `peer sent ${message} where ${awaited} was due`)
  }
}

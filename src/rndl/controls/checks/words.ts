/** How findings speak of leaks and of what they open. */
import type { LeakName, ProtectedThingName } from '../../model.js'

const LEAKS: Readonly<Record<LeakName, string>> = {
  curve: 'X25519',
  decapsulationKey: "the client's ML-KEM key",
  encapsulatedSecret: 'the ML-KEM secret',
  qkdKeys: 'the QKD keys',
  deliveryLink: 'the delivery link',
  authPsk: 'the auth PSK',
  ticketKeys: 'the ticket keys',
  sessionStore: "the client's session store",
  memory: "an endpoint's memory",
  signingKeys: 'the signing keys',
  caKeys: 'the CA keys',
}

const THINGS: Readonly<Record<ProtectedThingName, string>> = {
  serverCertificate: "the server's certificate",
  clientCertificate: "the client's certificate",
  request: 'the request',
  response: 'the response',
  requestAfterKeyUpdate: 'the request after the KeyUpdate',
  responseAfterKeyUpdate: 'the response after the KeyUpdate',
  ticket: 'the PSK of the ticket',
  exporter: 'the exported key',
  resumedRequest: 'the request of the resumed session',
  resumedResponse: 'the response of the resumed session',
}

export function inWords(leaks: readonly LeakName[]): string {
  const words = leaks.map((leak) => LEAKS[leak])
  const last = words.pop()
  if (last === undefined) return 'what is on the tape'
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`
}

export function thingInWords(name: ProtectedThingName): string {
  return THINGS[name]
}

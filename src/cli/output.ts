/** What commands print: with `--json` one line per event, else lines for people. */
import type { AlertName } from '../alerts.js'
import { type ErrorCode, toTrefoilError } from '../errors.js'
import type { Protection } from '../node/protection.js'
import type { TLSSocket } from '../node/tlsSocket.js'
import type { DeliveryLink } from '../qkd/keySource.js'

export interface ErrorEvent {
  readonly event: 'error'
  readonly code: ErrorCode
  /** The alert sent to or received from the peer. */
  readonly alert: AlertName | number | null
  readonly message: string
}

export interface HandshakeEvent extends Protection {
  readonly event: 'handshake'
  readonly alpnProtocol: string | false | null
  readonly servername: string | false
  /** Subject of the peer's certificate. */
  readonly peerSubject: string | null
  /** The peer's raw public key, and whom it stands for. */
  readonly peerKey: { readonly fingerprint: string; readonly names: readonly string[] } | null
}

export function errorEvent(thrown: unknown): ErrorEvent {
  const { code, alert, message } = toTrefoilError(thrown)
  // Wrong options are found before there is a peer to tell.
  return { event: 'error', code, alert: code === 'ERR_INVALID_OPTION' ? null : alert, message }
}

export function handshakeEvent(socket: TLSSocket): HandshakeEvent {
  const { alpnProtocol, servername } = socket
  const peerSubject = socket.getPeerX509Certificate()?.subject.replaceAll('\n', ', ') ?? null
  const { fingerprint, names } = socket.getPeerRawPublicKey() ?? {}
  const peerKey = fingerprint === undefined ? null : { fingerprint, names: names ?? [] }
  return { event: 'handshake', ...(socket.protection as Protection), alpnProtocol, servername, peerSubject, peerKey }
}

/** A finished handshake in one line. */
export function describeHandshake(event: HandshakeEvent): string {
  const { keyExchange, qkd, psk, authentication, cipher, resumed, handshake, peerSubject, peerKey } = event
  const means = peerKey === null ? authentication.peer : 'raw public key'
  const by = authentication.peer === null ? 'nobody' : `${means} ${authentication.scheme ?? ''}`.trim()
  const who =
    peerKey === null ? peerSubject : [peerKey.names.join(', '), peerKey.fingerprint].filter(Boolean).join(', ')
  return [
    keyExchange.group,
    qkd === null ? 'no QKD key' : `QKD key ${qkd.keyId}${describeDelivery(qkd.delivery)}`,
    ...(psk === null ? [] : [`PSK ${psk.identity}`]),
    `peer authenticated by ${by}${who === null ? '' : ` (${who})`}${describeBootstrap(authentication)}`,
    cipher,
    ...(resumed ? ['resumed'] : []),
    `${handshake.bytesSent} octets sent, ${handshake.bytesReceived} received`,
    `${handshake.milliseconds} ms (${handshake.kmeMilliseconds} ms of it for the key manager)`,
  ].join('; ')
}

/** What a tape of the key's way to us would be worth. */
function describeDelivery(delivery: DeliveryLink | null): string {
  if (delivery === null) return ''
  if (delivery.kind !== 'tls') return ` (${delivery.kind})`
  return ` (delivered over ${delivery.group ?? 'an unknown group'}${delivery.postQuantum ? '' : ', NOT post-quantum'})`
}

function describeBootstrap({ bootstrap }: Protection['authentication']): string {
  return bootstrap === null ? '' : ` since first contact by ${bootstrap.by} on ${new Date(bootstrap.at).toISOString()}`
}

export type Printer = (event: object, text: string) => void

/** Prints to stdout: the event with `--json`, else the text. */
export function printer(json: boolean): Printer {
  return (event, text) => {
    process.stdout.write(`${json ? JSON.stringify(event) : text}\n`)
  }
}

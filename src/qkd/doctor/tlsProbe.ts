/** One TLS handshake with a key manager, and what it settled on. Nothing is verified here: that is for the checks. */
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { TrefoilError } from '../../errors.js'
import { transportFailure } from '../etsi014/failures.js'
import { type MutualTlsCredentials, mutualTls } from '../tlsOptions.js'
import type { Site } from './site.js'

export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  readonly protocol: string
  /** The IANA name, such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** Such as `X25519MLKEM768`; null when Node cannot tell. */
  readonly group: string | null
  /** Why the chain does not hold, as OpenSSL names it; null when it holds. */
  readonly chainError: string | null
  readonly certificate: DetailedPeerCertificate
}

/** @throws TrefoilError as the client of the library does when no key manager answers */
export async function probeTls(site: Site, credentials: MutualTlsCredentials, timeout: number): Promise<TlsFacts> {
  const socket = open(site, credentials)
  try {
    await within(timeout, socket, (done, failed) => {
      socket.once('secureConnect', done).once('error', failed)
      socket.once('close', () => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    })
    const { type, name } = (socket.getEphemeralKeyInfo() ?? {}) as { type?: string; name?: string }
    return {
      protocol: socket.getProtocol() ?? 'unknown',
      cipher: socket.getCipher().standardName,
      group: name ?? type ?? null,
      chainError: socket.authorized ? null : String(socket.authorizationError),
      certificate: socket.getPeerCertificate(true),
    }
  } finally {
    socket.destroy()
  }
}

/**
 * What a key manager says to a status request from somebody it should not know: the HTTP status, or `closed` when it
 * ends the connection, be it in the handshake or, as TLS 1.3 servers do, after it.
 */
export async function askAsStranger(
  site: Site,
  stranger: Partial<MutualTlsCredentials>,
  path: string,
  timeout: number,
): Promise<{ status: number; body: string } | 'closed'> {
  const socket = open(site, stranger)
  let text = ''
  try {
    await within(timeout, socket, (done) => {
      socket.on('error', done).once('close', done)
      socket.once('secureConnect', () => {
        const host = site.host.includes(':') ? `[${site.host}]` : site.host
        socket.write(`GET ${site.prefix}${path} HTTP/1.1\r\nHost: ${host}:${site.port}\r\nConnection: close\r\n\r\n`)
      })
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text = (text + chunk).slice(0, 65_536)
      })
      socket.once('end', done)
    })
  } finally {
    socket.destroy()
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
  if (status === undefined) return 'closed'
  const [, body = ''] = text.split(/\r\n\r\n(.*)/s)
  return { status: Number(status), body: body === '0\r\n\r\n' ? '' : body }
}

function open(site: Site, credentials: Partial<MutualTlsCredentials>): TLSSocket {
  const { cert, key, ca } = credentials
  const name = site.servername ?? site.host
  return connect({
    host: site.host,
    port: site.port,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(cert && key && ca ? mutualTls({ cert, key, ca }) : {}),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
}

function within(
  milliseconds: number,
  socket: TLSSocket,
  wait: (done: () => void, failed: (error: unknown) => void) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const why = `the key manager did not answer within ${milliseconds} milliseconds`
      reject(new TrefoilError('ERR_QKD_TIMEOUT', why))
    }, milliseconds)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      act()
    }
    // What comes after has nobody to tell.
    socket.on('error', () => undefined)
    wait(
      () => settle(resolve),
      (error) => settle(() => reject(error instanceof TrefoilError ? error : tlsFailure(error))),
    )
  })
}

function tlsFailure(error: unknown): TrefoilError {
  const { code = '' } = error as { code?: string }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|^EPROTO$|HTTP_REQUEST/.test(code) && !code.includes('ALERT')) {
    return new TrefoilError('ERR_QKD_UNREACHABLE', 'what answers on this port does not speak TLS')
  }
  return transportFailure(error)
}

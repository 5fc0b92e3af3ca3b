/** Makes the TLS connections to a key manager, and judges each of them before anything is asked over it. */
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { certificateNames } from '../certificateNames.js'
import { tlsDeliveryLink } from '../deliveryLink.js'
import type { DeliveryLink } from '../keySource.js'
import { type MutualTlsCredentials, mutualTls } from '../tlsOptions.js'
import { FAILURE } from './failures.js'

export interface ConnectorOptions extends MutualTlsCredentials {
  /** Name to expect in the key manager's certificate instead of the URL's host. */
  readonly servername?: string
  /** KME ID that the key manager's certificate must carry besides, as common name or DNS name. */
  readonly kmeId?: string
  /**
   * Refuse, with ERR_QKD_DELIVERY_LINK and before any request is sent, every connection whose key exchange has no ML-KEM
   * in it; default false. On Node 20, whose OpenSSL knows no such group, that is every connection.
   *
   * What this cannot see: it judges the TLS connection that ends where the URL points. A proxy or load balancer that
   * ends TLS there, the way on from it to the key manager, and the links of the QKD network are not covered.
   */
  readonly requirePostQuantumDelivery?: boolean
}

/** As undici's connectors, and with the link when there is a connection. */
export type Connector = (
  target: buildConnector.Options,
  onLink: (link: DeliveryLink) => void,
  callback: buildConnector.Callback,
) => void

/**
 * @param timeout for TCP and TLS together, in milliseconds
 * @param observe told of every link, also of one that is then refused
 * @throws TrefoilError ERR_INVALID_OPTION when certificate, key and CA cannot be used
 */
export function keyManagerConnector(
  options: ConnectorOptions,
  timeout: number,
  observe: (link: DeliveryLink) => void,
): Connector {
  const connect = buildConnector({
    ...mutualTls(options),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate) ?? kmeIdMismatch(certificate, options.kmeId),
    timeout,
    // Every connection authenticates afresh and has its own key exchange.
    maxCachedSessions: 0,
  })
  return (target, onLink, callback) =>
    connect(target, (...made: Parameters<buildConnector.Callback>) => {
      const [error, socket] = made
      if (error !== null) {
        callback(error, null)
        return
      }
      const link = tlsDeliveryLink(socket as TLSSocket)
      observe(link)
      if (options.requirePostQuantumDelivery === true && !link.postQuantum) {
        socket.destroy()
        callback(failure(FAILURE.classicalLink, link.group ?? 'no group at all'), null)
        return
      }
      onLink(link)
      callback(null, socket)
    })
}

function kmeIdMismatch(certificate: PeerCertificate, kmeId: string | undefined): Error | undefined {
  if (kmeId === undefined) return undefined
  const names = [...certificateNames(certificate, 'common-name'), ...certificateNames(certificate, 'dns')]
  return names.includes(kmeId) ? undefined : failure(FAILURE.kmeId, 'wrong KME ID')
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

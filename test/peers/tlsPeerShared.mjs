// What both roles of the peer report about a connection.
import { createHash } from 'node:crypto'

/** Counts and hashes what arrives. */
export class Digest {
  bytes = 0
  #hash = createHash('sha256')

  update(chunk) {
    this.bytes += chunk.length
    this.#hash.update(chunk)
  }

  result() {
    return { bytes: this.bytes, sha256: this.#hash.copy().digest('hex') }
  }
}

/** An error as plain data; `alert` is the number of the alert that the other side sent, as OpenSSL words it. */
export function describeError(error) {
  const alert = /SSL alert number (\d+)/.exec(error.message)?.[1]
  return { code: error.code ?? null, message: error.message, alert: alert === undefined ? null : Number(alert) }
}

/** What was negotiated. `group` is known to a client only: Node does not tell a server. */
export function describeConnection(socket, exporter) {
  const certificate = socket.getPeerX509Certificate?.()
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    group: socket.getEphemeralKeyInfo()?.name ?? null,
    alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    servername: socket.servername || null,
    authorized: socket.authorized,
    authorizationError: socket.authorizationError ? String(socket.authorizationError) : null,
    reused: socket.isSessionReused(),
    peerCertificate: certificate === undefined ? null : certificate.raw.toString('hex'),
    exporter: exporter === undefined ? null : exportKeyingMaterial(socket, exporter),
  }
}

function exportKeyingMaterial(socket, { length, label, context }) {
  const octets = context === undefined ? undefined : Buffer.from(context, 'hex')
  return socket.exportKeyingMaterial(length, label, octets).toString('hex')
}

/** Both ends under the running Node's own tls. */
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  createServer as createTlsServer,
  type TlsOptions,
} from 'node:tls'
import { LOOPBACK, opened, type StackEnds } from './end.js'
import { PSK_IDENTITY, SERVER_NAME, type StackSettings } from './settings.js'

export const createServer: StackEnds['createServer'] = (settings, onConnection) =>
  createTlsServer(serverOptions(settings), onConnection)

export const connector: StackEnds['connector'] = (settings, port) => {
  const own = clientOptions(settings)
  const options = { ...own, secureContext: createSecureContext(own), host: LOOPBACK, port }
  // As Trefoil has it by default.
  return () => opened(connect(options).setNoDelay(), 'secureConnect')
}

function serverOptions(settings: StackSettings): TlsOptions {
  const { credentials, profile } = settings
  const common = { ...commonOptions(settings), handshakeTimeout: 60_000, noDelay: true }
  if (profile.mode === 'psk') {
    const key = Buffer.from(credentials.psk, 'hex')
    return { ...common, pskCallback: (_socket, identity) => (identity === PSK_IDENTITY ? key : null) }
  }
  return {
    ...common,
    ...credentials.server,
    ...(profile.mode === 'mutual' && { requestCert: true, ca: credentials.authority }),
  }
}

function clientOptions(settings: StackSettings): ConnectionOptions {
  const { credentials, profile } = settings
  const common = { ...commonOptions(settings), servername: SERVER_NAME }
  if (profile.mode === 'psk') {
    const psk = Buffer.from(credentials.psk, 'hex')
    return { ...common, pskCallback: () => ({ psk, identity: PSK_IDENTITY }), checkServerIdentity: () => undefined }
  }
  return { ...common, ca: credentials.authority, ...(profile.mode === 'mutual' && credentials.client) }
}

/** OpenSSL's names for those of the IANA that it knows by others. */
const GROUPS: Readonly<Record<string, string>> = { x25519: 'X25519', secp256r1: 'P-256', secp384r1: 'P-384' }

function commonOptions({ profile }: StackSettings) {
  const { suite, group } = profile
  return { ciphers: suite, ecdhCurve: GROUPS[group] ?? group, minVersion: 'TLSv1.3' as const }
}

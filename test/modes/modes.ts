/** The table of modes: how both ends are configured, and what each must then say of itself and of the other. */
import type { AuthenticatedBy, ConnectionOptions, PskOption, QkdOption, ServerOptions } from '../../src/index.js'
import { ca, clientIdentity, psk, serverIdentity } from './identities.js'

export interface Mode {
  readonly name: string
  readonly server: ServerOptions
  readonly client: ConnectionOptions
  /** How QKD enters, if it does. */
  readonly qkd: Partial<QkdOption> | null
  readonly psk: boolean
  /** By what the server knows the client, and the client the server. */
  readonly knownBy: { readonly client: AuthenticatedBy | null; readonly server: AuthenticatedBy }
  /** Raw PSKs go with the suites of their own hash alone, and that is SHA-256 unless said otherwise. */
  readonly cipher: 'TLS_AES_256_GCM_SHA384' | 'TLS_CHACHA20_POLY1305_SHA256'
}

const raw = { importer: false }
const foreign = { context: Buffer.from('a format of somebody else') }
const ONE_WAY = { server: serverIdentity, client: { ca } }
const MUTUAL = {
  server: { ...serverIdentity, ca, requestCert: true },
  client: { ...clientIdentity, ca },
}

function mode(name: string, certificates: 'no' | 'server' | 'mutual', qkd: Mode['qkd'], auth: PskOption | null): Mode {
  const shown = certificates === 'no' ? { server: {}, client: {} } : certificates === 'server' ? ONE_WAY : MUTUAL
  const pskOptions = auth === null ? {} : { psk: auth, ...(certificates !== 'no' && { pskWithCertificate: true }) }
  const bySecret = auth !== null ? 'psk' : qkd !== null ? 'qkd' : null
  const isRaw = qkd === null ? auth?.importer === false : qkd.importer === false
  return {
    name,
    server: { ...shown.server, ...pskOptions },
    client: { ...shown.client, ...pskOptions },
    qkd,
    psk: auth !== null,
    knownBy: {
      client: certificates === 'mutual' ? 'certificate' : bySecret,
      server: certificates === 'no' ? (bySecret as AuthenticatedBy) : 'certificate',
    },
    cipher: isRaw ? 'TLS_CHACHA20_POLY1305_SHA256' : 'TLS_AES_256_GCM_SHA384',
  }
}

export const MODES: readonly Mode[] = [
  mode('certificate + QKD (RFC 9973)', 'server', {}, null),
  mode('certificates both ways + QKD (RFC 9973)', 'mutual', {}, null),
  mode('certificate', 'server', null, null),
  mode('certificates both ways', 'mutual', null, null),
  mode('psk + QKD', 'no', {}, psk),
  mode('psk', 'no', null, psk),
  mode('QKD alone', 'no', {}, null),
  mode('psk with certificate (RFC 9973)', 'server', null, psk),
  mode('psk + QKD with certificate (RFC 9973)', 'server', {}, psk),
  mode('psk + QKD with certificates both ways (RFC 9973)', 'mutual', {}, psk),
  mode('raw psk', 'no', null, { ...psk, ...raw }),
  mode('raw psk with certificate', 'server', null, { ...psk, ...raw }),
  mode('raw QKD key with certificate', 'server', raw, null),
  mode('raw psk + QKD', 'no', raw, psk),
  mode('psk with a foreign importer context', 'no', null, { ...psk, ...foreign }),
  mode('psk + QKD with a foreign importer context', 'no', {}, { ...psk, ...foreign }),
]

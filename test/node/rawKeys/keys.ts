/** Raw keys for live handshakes, and who endorses whom. Keys are made once, from a seed of their name. */
import { once } from 'node:events'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../../src/bytes.js'
import type { KeyAlgorithm } from '../../../src/crypto/index.js'
import { type ConnectionOptions, connect, type ServerOptions } from '../../../src/index.js'
import {
  type EndorseOptions,
  encodePublicKey,
  endorse,
  loadCertificates,
  loadPrivateKey,
  type PublicKeyInfo,
  parseCertificate,
  parsePublicKey,
  writeEndorsementPem,
  writePrivateKeyPem,
  writePublicKeyPem,
} from '../../../src/pki/index.js'
import { crypto, secured, serverIdentity } from '../fixtures.js'

export interface RawKey {
  /** PEM. */
  readonly key: string
  readonly publicKey: string
  readonly info: PublicKeyInfo
}

const made = new Map<string, RawKey>()

export function rawKey(
  name: string,
  algorithm: KeyAlgorithm & ('mldsa44' | 'mldsa65' | 'ed25519') = 'mldsa44',
): RawKey {
  const id = `${name} ${algorithm}`
  const known = made.get(id)
  if (known !== undefined) return known
  const seed = sha256(utf8(id))
  const key = writePrivateKeyPem({ algorithm, seed })
  const info = parsePublicKey(encodePublicKey(algorithm, loadPrivateKey(key, crypto).publicKey))
  const pair = { key, publicKey: writePublicKeyPem(info), info }
  made.set(id, pair)
  return pair
}

/** PEM of an endorsement, by default for a day from yesterday on. */
export function vouch(by: string, subject: string, name: string, terms: Partial<EndorseOptions> = {}): string {
  const now = Date.now()
  return writeEndorsementPem(
    endorse({
      endorser: loadPrivateKey(rawKey(by).key, crypto),
      subject: rawKey(subject).info,
      name,
      notBefore: now - 3_600_000,
      notAfter: now + 86_400_000,
      ...terms,
    }),
  )
}

/** The first session of a connection that is made for it. */
export async function sessionOf(port: number, options: ConnectionOptions): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  const given = once(socket, 'session')
  given.catch(() => {})
  await secured(socket)
  const [session] = (await given) as [Buffer]
  socket.destroy()
  return session
}

/** The public key in a certificate. */
export const spkiOf = ({ cert }: { cert: string }): Uint8Array =>
  parseCertificate(loadCertificates(cert)[0] as Uint8Array).publicKeyInfo.der
export const serverSpki = spkiOf(serverIdentity)

export const server = rawKey('server')
export const client = rawKey('client')
export const other = rawKey('other')

export const byKey: ServerOptions = { rawPublicKey: true, key: server.key }
export const pinning: ConnectionOptions = { servername: 'localhost', pinnedKeys: [server.publicKey] }
export const mutual = {
  server: { ...byKey, requestCert: true, pinnedKeys: [{ name: 'Branch-17', key: client.publicKey }] },
  client: { ...pinning, rawPublicKey: true, key: client.key },
}

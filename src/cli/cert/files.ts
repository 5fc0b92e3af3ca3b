/** Files of certificates and keys, as the subcommands of `cert` read and write them. */
import type { CryptoProvider } from '../../crypto/index.js'
import { type CertifiedKey, describeCertificate, loadCertifiedKey } from '../../pki/index.js'
import { KEY_MODE, PUBLIC_MODE, readFile, writeNewFiles } from '../files.js'
import { type PassphraseOptions, readPassphrase } from '../passphrase.js'
import type { OutputOptions, Print } from './options.js'

/** PEM text; Latin-1 keeps every octet apart, so text around the blocks need not be UTF-8. */
export function readText(path: string): string {
  return readFile(path).toString('latin1')
}

/** The authority in PREFIX.pem and PREFIX.key, and what opens the latter. */
export function readAuthority(
  { ca, ...options }: PassphraseOptions & { readonly ca: string },
  crypto: CryptoProvider,
): CertifiedKey {
  const passphrase = readPassphrase(options)
  return loadCertifiedKey(readText(`${ca}.pem`), readText(`${ca}.key`), crypto, { passphrase })
}

/** Writes PREFIX.pem and PREFIX.key, and says so. */
export function writeCertifiedKey({ out, force = false, json }: OutputOptions, made: CertifiedKey, print: Print): void {
  const paths = { certificate: `${out}.pem`, key: `${out}.key` }
  const key = { path: paths.key, text: made.privateKeyPem, mode: KEY_MODE }
  writeNewFiles([key, { path: paths.certificate, text: made.certificatePem, mode: PUBLIC_MODE }], force)
  if (json) print(JSON.stringify({ event: 'issued', ...paths, ...describeCertificate(made.certificateDer) }))
  else print(`wrote ${paths.certificate} and ${paths.key} (${made.algorithm})`)
}

/** Files of certificates and keys: read with a word on what is wrong, written whole or not at all. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { CryptoProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import { type CertifiedKey, describeCertificate, loadCertifiedKey } from '../../pki/index.js'
import type { OutputOptions, Print } from './options.js'

export interface OutputFile {
  readonly path: string
  readonly text: string
  /** For the owner alone. */
  readonly secret?: boolean
}

const PUBLIC_MODE = 0o644
const SECRET_MODE = 0o600

/** @throws TrefoilError ERR_INVALID_OPTION */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${path} cannot be read: ${reason(error)}`)
  }
}

/** PEM text; Latin-1 keeps every octet apart, so text around the blocks need not be UTF-8. */
export function readText(path: string): string {
  return readFile(path).toString('latin1')
}

/** The authority in PREFIX.pem and PREFIX.key. */
export function readAuthority(prefix: string, crypto: CryptoProvider): CertifiedKey {
  return loadCertifiedKey(readText(`${prefix}.pem`), readText(`${prefix}.key`), crypto)
}

/** Writes PREFIX.pem and PREFIX.key, and says so. */
export function writeCertifiedKey({ out, force, json }: OutputOptions, made: CertifiedKey, print: Print): void {
  const paths = { certificate: `${out}.pem`, key: `${out}.key` }
  const key = { path: paths.key, text: made.privateKeyPem, secret: true }
  writeFiles([key, { path: paths.certificate, text: made.certificatePem }], force)
  if (json) print(JSON.stringify({ event: 'issued', ...paths, ...describeCertificate(made.certificateDer) }))
  else print(`wrote ${paths.certificate} and ${paths.key} (${made.algorithm})`)
}

/**
 * All files under temporary names first, so that neither a half file nor one without the other is left behind.
 * @throws TrefoilError ERR_INVALID_OPTION when one exists (and `force` is not set) or cannot be written
 */
export function writeFiles(files: readonly OutputFile[], force = false): void {
  for (const { path } of files) {
    if (!force && existsSync(path)) {
      throw new TrefoilError('ERR_INVALID_OPTION', `${path} exists already (--force overwrites it)`)
    }
  }
  const drafts = files.map((file) => ({ ...file, draft: `${file.path}.${randomBytes(6).toString('hex')}.tmp` }))
  try {
    for (const { draft, secret, text } of drafts) writeDraft(draft, secret ? SECRET_MODE : PUBLIC_MODE, text)
    for (const { draft, path } of drafts) renameSync(draft, path)
  } catch (error) {
    for (const { draft } of drafts) rmSync(draft, { force: true })
    const paths = files.map(({ path }) => path).join(' and ')
    throw new TrefoilError('ERR_INVALID_OPTION', `${paths} cannot be written: ${reason(error)}`)
  }
}

function writeDraft(path: string, mode: number, text: string): void {
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

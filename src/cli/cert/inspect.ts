/** `trefoil cert inspect`: what is in a file, readable; of private keys their public half alone. */
import type { Command } from 'commander'
import { wipe } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import { isEncryptedPrivateKey } from '../../pki/encryptedPrivateKey.js'
import {
  type Certificate,
  checkRequest,
  describeCertificate,
  describePublicKey,
  describeRequest,
  encodePublicKey,
  isSignedBy,
  loadCertificateRequest,
  loadPrivateKey,
  type Passphrase,
  parseCertificate,
  parsePrivateKey,
  parsePublicKey,
  readPem,
  wipePrivateKey,
} from '../../pki/index.js'
import { readFile } from '../files.js'
import { addPassphraseOption, type PassphraseOptions, readPassphrase } from '../passphrase.js'
import type { Print } from './options.js'
import { certificateRows, type Item, layOut, publicKeyRows, requestRows } from './views.js'

export function addInspect(cert: Command, print: Print): void {
  const command = cert
    .command('inspect')
    .description('show the certificates, requests and keys in a file')
    .argument('<file>', 'PEM or DER')
    .option('--json', 'print machine-readable lines')
  addPassphraseOption(command, 'a private key').action(
    (file: string, options: PassphraseOptions & { json?: boolean }) => {
      for (const { event, rows } of itemsOf(readFile(file), file, readPassphrase(options))) {
        if (options.json) print(JSON.stringify(event))
        else for (const line of layOut(rows)) print(line)
      }
    },
  )
}

/** In the order of the file. */
function itemsOf(content: Buffer, file: string, passphrase: Passphrase | undefined): Item[] {
  const text = content.toString('latin1')
  if (!text.includes('-----BEGIN ')) return [derItem(content, passphrase)]
  const blocks = readPem(text)
  const chain = blocks.flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [readCertificate(der)] : []))
  const items = blocks.flatMap(({ label, der }) => {
    if (label === 'CERTIFICATE') return [certificate(der, chain)]
    if (label.endsWith('CERTIFICATE REQUEST')) return [request(der)]
    if (label === 'PUBLIC KEY') return [publicKey(der)]
    return []
  })
  const secrets = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'))
  wipe(...secrets.map(({ der }) => der))
  if (secrets.length > 0) items.push(privateKey(text, passphrase))
  if (items.length > 0) return items
  throw new TrefoilError('ERR_INVALID_OPTION', `${file} holds no certificate, request or key`)
}

/** A DER file is a certificate, unless it reads as something else. */
function derItem(content: Uint8Array, passphrase: Passphrase | undefined): Item {
  const readsBy = (read: () => void): boolean => problemOf(read) === null
  if (readsBy(() => loadCertificateRequest(content))) return request(content)
  if (readsBy(() => parsePublicKey(content))) return publicKey(content)
  const isPrivateKey = isEncryptedPrivateKey(content) || readsBy(() => wipePrivateKey(parsePrivateKey(content)))
  return isPrivateKey ? privateKey(content, passphrase) : certificate(content, [])
}

function certificate(der: Uint8Array, chain: readonly Certificate[]): Item {
  const description = describeCertificate(readCertificate(der).der)
  const rows = certificateRows(description)
  const signer = signerAmong(readCertificate(der), chain)
  if (signer !== null) rows.push(['signed by', signer])
  return { event: { event: 'certificate', ...description }, rows }
}

/** Which certificate of the same file signed this one; of a file with one certificate only nothing is said. */
function signerAmong(certificate: Certificate, chain: readonly Certificate[]): string | null {
  if (chain.length < 2) return null
  const signed = (issuer: Certificate): boolean => {
    try {
      return isSignedBy(certificate, issuer, defaultProvider())
    } catch {
      return false
    }
  }
  const index = chain.findIndex(signed)
  return index < 0 ? 'none of this file' : `certificate ${index + 1} of this file`
}

function request(content: Uint8Array): Item {
  const asked = loadCertificateRequest(content)
  const description = { ...describeRequest(asked), problem: problemOf(() => checkRequest(asked, defaultProvider())) }
  return { event: { event: 'request', ...description }, rows: requestRows(description) }
}

function publicKey(der: Uint8Array): Item {
  const description = describePublicKey(parsePublicKey(der))
  return { event: { event: 'publicKey', ...description }, rows: publicKeyRows('public key', description) }
}

function privateKey(content: string | Uint8Array, passphrase: Passphrase | undefined): Item {
  const key = loadPrivateKey(content, defaultProvider(), { passphrase })
  const info = parsePublicKey(encodePublicKey(key.algorithm, key.publicKey))
  key.wipe()
  const description = describePublicKey(info)
  return { event: { event: 'privateKey', ...description }, rows: publicKeyRows('private key', description) }
}

/** The user's own file is at fault here, and not a peer. */
function readCertificate(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TrefoilError('ERR_INVALID_OPTION', message, { cause })
  }
}

function problemOf(step: () => unknown): string | null {
  try {
    step()
    return null
  } catch (error) {
    if (error instanceof TrefoilError) return error.message
    throw error
  }
}

/** `trefoil cert request`: asks an authority elsewhere for a certificate; the key stays here. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import {
  createCertificateRequest,
  describeRequest,
  type IssuedAlgorithm,
  loadCertificateRequest,
} from '../../pki/index.js'
import { KEY_MODE, PUBLIC_MODE, writeNewFiles } from '../files.js'
import { addPassphraseOption, type PassphraseOptions, readPassphrase } from '../passphrase.js'
import { readText } from './files.js'
import { addAlgorithmOption, addOutputOptions, type OutputOptions, type Print, splitList } from './options.js'

interface RequestOptions extends OutputOptions, PassphraseOptions {
  readonly san?: readonly string[]
  readonly name?: string
  readonly key?: string
  readonly algorithm: IssuedAlgorithm
}

export function addRequest(cert: Command, print: Print): void {
  const command = cert
    .command('request')
    .description('ask for a certificate (PKCS#10): PREFIX.csr, and PREFIX.key with a fresh key')
    .option('--san <names>', 'alternative names to ask for, comma-separated', splitList)
    .option('--name <name>', 'common name to ask for (default: the first alternative name)')
    .option('--key <file>', 'an existing private key (PEM) instead of a fresh one')
  addPassphraseOption(command, '--key')
  addOutputOptions(command, 'prefix')
  addAlgorithmOption(command).action((options: RequestOptions, self: Command) => {
    const { san: subjectAltNames, name: commonName, algorithm, out, force, json } = options
    if (subjectAltNames === undefined && commonName === undefined) {
      self.error("error: one of '--san <names>' and '--name <name>' must be given")
    }
    if (options.passphraseFile !== undefined && options.key === undefined) {
      self.error("error: '--passphrase-file <file>' needs '--key <file>'")
    }
    const privateKeyPem = options.key === undefined ? undefined : readText(options.key)
    const key = { privateKeyPem, passphrase: readPassphrase(options) }
    const crypto = defaultProvider()
    const made = createCertificateRequest({ subjectAltNames, commonName, algorithm, ...key, crypto })
    const paths = { request: `${out}.csr`, key: options.key ?? `${out}.key` }
    const request = { path: paths.request, text: made.requestPem, mode: PUBLIC_MODE }
    const keyFile = { path: paths.key, text: made.privateKeyPem, mode: KEY_MODE }
    writeNewFiles(options.key === undefined ? [keyFile, request] : [request], force === true)
    const description = describeRequest(loadCertificateRequest(made.requestDer))
    if (json) print(JSON.stringify({ event: 'requested', ...paths, ...description }))
    else if (options.key === undefined) print(`wrote ${paths.request} and ${paths.key} (${made.algorithm})`)
    else print(`wrote ${paths.request} (${made.algorithm})`)
  })
}

/** `trefoil cert request`: asks an authority elsewhere for a certificate; the key stays here. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import {
  createCertificateRequest,
  describeRequest,
  type IssuedAlgorithm,
  loadCertificateRequest,
} from '../../pki/index.js'
import { readText, writeFiles } from './files.js'
import { addAlgorithmOption, addOutputOptions, type OutputOptions, type Print, splitList } from './options.js'

interface RequestOptions extends OutputOptions {
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
  addOutputOptions(command, 'prefix')
  addAlgorithmOption(command).action((options: RequestOptions, self: Command) => {
    const { san: subjectAltNames, name: commonName, algorithm, out, force, json } = options
    if (subjectAltNames === undefined && commonName === undefined) {
      self.error("error: one of '--san <names>' and '--name <name>' must be given")
    }
    const privateKeyPem = options.key === undefined ? undefined : readText(options.key)
    const crypto = defaultProvider()
    const made = createCertificateRequest({ subjectAltNames, commonName, algorithm, privateKeyPem, crypto })
    const paths = { request: `${out}.csr`, key: options.key ?? `${out}.key` }
    const request = { path: paths.request, text: made.requestPem }
    const key = { path: paths.key, text: made.privateKeyPem, secret: true }
    writeFiles(options.key === undefined ? [key, request] : [request], force)
    const description = describeRequest(loadCertificateRequest(made.requestDer))
    if (json) print(JSON.stringify({ event: 'requested', ...paths, ...description }))
    else if (options.key === undefined) print(`wrote ${paths.request} and ${paths.key} (${made.algorithm})`)
    else print(`wrote ${paths.request} (${made.algorithm})`)
  })
}

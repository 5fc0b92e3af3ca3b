/** `trefoil cert sign`: grants a request. What it asks for is copied only as far as the options allow. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { type CertificateUsage, describeCertificate, grantRequest, loadCertificateRequest } from '../../pki/index.js'
import { PUBLIC_MODE, readFile, writeNewFiles } from '../files.js'
import { addPassphraseOption, type PassphraseOptions } from '../passphrase.js'
import { readAuthority } from './files.js'
import {
  type AuthorityOptions,
  addAuthorityOptions,
  addOutputOptions,
  addUsageOption,
  addValidityOptions,
  authorityOptions,
  type OutputOptions,
  type Print,
  splitList,
  type ValidityOptions,
} from './options.js'

interface SignOptions extends OutputOptions, ValidityOptions, AuthorityOptions, PassphraseOptions {
  readonly ca: string
  readonly request: string
  readonly san?: readonly string[]
  readonly allow?: readonly string[]
  readonly name?: string
  readonly usage: readonly CertificateUsage[]
  readonly authority?: boolean
}

const PATH_LENGTH = 0

export function addSign(cert: Command, print: Print): void {
  const command = cert
    .command('sign')
    .description('issue a certificate for the key in a request: FILE (with the intermediates)')
    .requiredOption('--ca <prefix>', 'the authority: reads PREFIX.pem and PREFIX.key')
    .requiredOption('--request <file>', 'the request (PKCS#10, PEM or DER)')
    .option('--san <names>', 'alternative names to certify, whatever is asked for', splitList)
    .option(
      '--allow <names>',
      'names asked for that are certified: domains with all below, networks, URI:host',
      splitList,
    )
    .option('--name <name>', 'common name (default: the first alternative name; never what is asked for)')
    .option('--authority', 'certify an authority, with --name')
  addPassphraseOption(command, 'PREFIX.key of --ca')
  addUsageOption(command)
  addOutputOptions(command, 'file')
  addValidityOptions(command, '365, of an authority 3650, at most as long as the authority above')
  addAuthorityOptions(command, `${PATH_LENGTH}`).action((options: SignOptions, self: Command) => {
    const { san, allow, name: commonName, usage, days, serial: serialNumber, authority = false, out, json } = options
    if (san !== undefined && allow !== undefined) self.error('error: --san and --allow exclude each other')
    const forAuthorities =
      options.pathLength !== undefined || options.permit !== undefined || options.exclude !== undefined
    if (!authority && forAuthorities) self.error('error: --path-length, --permit and --exclude need --authority')
    if (authority && commonName === undefined) self.error('error: --authority needs --name')
    const crypto = defaultProvider()
    const request = loadCertificateRequest(readFile(options.request))
    const { certificatePem, certificateDer } = grantRequest({
      ca: readAuthority(options, crypto),
      request,
      commonName,
      subjectAltNames: san,
      allowedNames: allow,
      usage,
      isCa: authority,
      days,
      serialNumber,
      ...authorityOptions({ ...options, pathLength: options.pathLength ?? PATH_LENGTH }),
      crypto,
    })
    writeNewFiles([{ path: out, text: certificatePem, mode: PUBLIC_MODE }], options.force === true)
    const description = describeCertificate(certificateDer)
    if (json) print(JSON.stringify({ event: 'issued', certificate: out, key: null, ...description }))
    else print(`wrote ${out} (${description.keyAlgorithm})`)
  })
}

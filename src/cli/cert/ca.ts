/** `trefoil cert ca`: a root. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { createCertificateAuthority, type IssuedAlgorithm } from '../../pki/index.js'
import { writeCertifiedKey } from './files.js'
import {
  type AuthorityOptions,
  addAlgorithmOption,
  addAuthorityOptions,
  addOutputOptions,
  addValidityOptions,
  authorityOptions,
  type OutputOptions,
  type Print,
  type ValidityOptions,
} from './options.js'

interface CaOptions extends OutputOptions, ValidityOptions, AuthorityOptions {
  readonly name: string
  readonly algorithm: IssuedAlgorithm
}

export function addCa(cert: Command, print: Print): void {
  const command = cert
    .command('ca')
    .description('make a certificate authority: PREFIX.pem and PREFIX.key')
    .requiredOption('--name <name>', 'common name')
  addOutputOptions(command, 'prefix')
  addAlgorithmOption(command)
  addValidityOptions(command, '3650')
  addAuthorityOptions(command, 'any number').action((options: CaOptions) => {
    const { name: commonName, algorithm, days, serial: serialNumber } = options
    const crypto = defaultProvider()
    const made = createCertificateAuthority({
      commonName,
      algorithm,
      days,
      serialNumber,
      ...authorityOptions(options),
      crypto,
    })
    writeCertifiedKey(options, made, print)
  })
}

/** `trefoil cert intermediate`: an authority under another. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { type IssuedAlgorithm, issueCertificate } from '../../pki/index.js'
import { addPassphraseOption, type PassphraseOptions } from '../passphrase.js'
import { readAuthority, writeCertifiedKey } from './files.js'
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

interface IntermediateOptions extends OutputOptions, ValidityOptions, AuthorityOptions, PassphraseOptions {
  readonly ca: string
  readonly name: string
  readonly algorithm: IssuedAlgorithm
}

/** An intermediate certifies leaves; more has to be asked for. */
const PATH_LENGTH = 0

export function addIntermediate(cert: Command, print: Print): void {
  const command = cert
    .command('intermediate')
    .description('make an authority under another: PREFIX.pem (with the intermediates above) and PREFIX.key')
    .requiredOption('--ca <prefix>', 'the authority above: reads PREFIX.pem and PREFIX.key')
    .requiredOption('--name <name>', 'common name')
  addPassphraseOption(command, 'PREFIX.key of --ca')
  addOutputOptions(command, 'prefix')
  addAlgorithmOption(command)
  addValidityOptions(command, '3650, at most as long as the authority above')
  addAuthorityOptions(command, `${PATH_LENGTH}`).action((options: IntermediateOptions) => {
    const { name: commonName, algorithm, days, serial: serialNumber, pathLength = PATH_LENGTH } = options
    const crypto = defaultProvider()
    const ca = readAuthority(options, crypto)
    const made = issueCertificate({
      ca,
      isCa: true,
      commonName,
      algorithm,
      days,
      serialNumber,
      ...authorityOptions({ ...options, pathLength }),
      crypto,
    })
    writeCertifiedKey(options, made, print)
  })
}

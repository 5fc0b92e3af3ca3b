/** `trefoil cert issue`: a certificate and its key at once. */
import type { Command } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { type CertificateUsage, type IssuedAlgorithm, issueCertificate } from '../../pki/index.js'
import { addPassphraseOption, type PassphraseOptions } from '../passphrase.js'
import { readAuthority, writeCertifiedKey } from './files.js'
import {
  addAlgorithmOption,
  addOutputOptions,
  addUsageOption,
  addValidityOptions,
  type OutputOptions,
  type Print,
  splitList,
  type ValidityOptions,
} from './options.js'

interface IssueOptions extends OutputOptions, ValidityOptions, PassphraseOptions {
  readonly ca: string
  readonly san?: readonly string[]
  readonly name?: string
  readonly algorithm: IssuedAlgorithm
  readonly usage: readonly CertificateUsage[]
}

export function addIssue(cert: Command, print: Print): void {
  const command = cert
    .command('issue')
    .description('issue a certificate with a fresh key: PREFIX.pem (with the intermediates) and PREFIX.key')
    .requiredOption('--ca <prefix>', 'the authority: reads PREFIX.pem and PREFIX.key')
    .option('--san <names>', 'alternative names: host names, IP addresses, URI:..., comma-separated', splitList)
    .option('--name <name>', 'common name (default: the first alternative name)')
  addPassphraseOption(command, 'PREFIX.key of --ca')
  addOutputOptions(command, 'prefix')
  addAlgorithmOption(command)
  addUsageOption(command)
  addValidityOptions(command, '365, at most as long as the authority').action(
    (options: IssueOptions, self: Command) => {
      const { san: subjectAltNames, name: commonName, algorithm, days, serial: serialNumber, usage } = options
      if (subjectAltNames === undefined && commonName === undefined) {
        self.error("error: one of '--san <names>' and '--name <name>' must be given")
      }
      const crypto = defaultProvider()
      const ca = readAuthority(options, crypto)
      const given = { commonName, subjectAltNames, algorithm, days, serialNumber, usage }
      writeCertifiedKey(options, issueCertificate({ ca, ...given, crypto }), print)
    },
  )
}

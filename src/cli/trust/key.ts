/** `trefoil trust key`: a key pair without a certificate. */
import { Command, Option } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import {
  encodePublicKey,
  keyFingerprint,
  parsePublicKey,
  wipePrivateKey,
  writePrivateKeyPem,
  writePublicKeyPem,
} from '../../pki/index.js'
import { KEY_MODE, PUBLIC_MODE, writeNewFiles } from '../files.js'
import type { Print } from './trust.js'

interface KeyOptions {
  readonly out: string
  readonly algorithm: (typeof ALGORITHMS)[number]
  readonly force?: boolean
  readonly json?: boolean
}

const ALGORITHMS = ['mldsa44', 'mldsa65', 'mldsa87'] as const

export function keyCommand(print: Print): Command {
  return new Command('key')
    .description('make a key pair: PREFIX.key and PREFIX.pub')
    .requiredOption('--out <prefix>', 'where to write')
    .addOption(new Option('--algorithm <name>', 'kind of key').choices(ALGORITHMS).default('mldsa65'))
    .option('--force', 'overwrite existing files')
    .option('--json', 'print machine-readable lines')
    .action((options: KeyOptions) => makeKey(options, print))
}

function makeKey({ out, algorithm, force = false, json = false }: KeyOptions, print: Print): void {
  const crypto = defaultProvider()
  const material = crypto.generateSigningKey(algorithm)
  const signer = crypto.signingKey(material)
  const key = parsePublicKey(encodePublicKey(algorithm, signer.publicKey))
  const paths = { key: `${out}.key`, publicKey: `${out}.pub` }
  try {
    writeNewFiles(
      [
        { path: paths.key, mode: KEY_MODE, text: writePrivateKeyPem(material) },
        { path: paths.publicKey, mode: PUBLIC_MODE, text: writePublicKeyPem(key) },
      ],
      force,
    )
  } finally {
    signer.wipe()
    wipePrivateKey(material)
  }
  const fingerprint = keyFingerprint(key)
  if (json) print(JSON.stringify({ event: 'key', ...paths, algorithm, fingerprint }))
  else print(`wrote ${paths.key} and ${paths.publicKey} (${algorithm}, ${fingerprint})`)
}

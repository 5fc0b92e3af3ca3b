/** `trefoil trust inspect`: what stands in a file of endorsements, or which key in a file of a public key. */
import { Command } from 'commander'
import { keyFingerprint, loadEndorsements, loadPublicKey } from '../../pki/index.js'
import { readFile } from '../files.js'
import { describeEndorsement, readable } from './describe.js'
import type { Print } from './trust.js'

export function inspectCommand(print: Print): Command {
  return new Command('inspect')
    .description('show the endorsements in a file, unverified; or the fingerprint of a public key')
    .argument('<file>', 'endorsements or a public key (PEM)')
    .option('--json', 'print machine-readable lines')
    .action((file: string, { json }: { json?: boolean }) => {
      const content = readFile(file)
      if (content.includes('-----BEGIN PUBLIC KEY-----')) inspectKey(content, json === true, print)
      else inspectEndorsements(content, json === true, print)
    })
}

function inspectKey(content: Buffer, json: boolean, print: Print): void {
  const key = loadPublicKey(content)
  const fingerprint = keyFingerprint(key)
  print(
    json ? JSON.stringify({ event: 'key', algorithm: key.algorithm, fingerprint }) : `${key.algorithm} ${fingerprint}`,
  )
}

function inspectEndorsements(content: Buffer, json: boolean, print: Print): void {
  for (const description of loadEndorsements(content).map(describeEndorsement)) {
    if (json) print(JSON.stringify({ event: 'endorsement', ...description }))
    else for (const line of readable(description)) print(line)
  }
}

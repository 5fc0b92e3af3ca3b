/** The options of `serve`, `connect` and `tunnel` for auth PSKs. */
import type { Command } from 'commander'
import { TrefoilError } from '../errors.js'
import type { PskOption } from '../node/psk/index.js'
import { readFile } from './files.js'
import { collect, type Psk, parseHash, parseHex, parseIdentityAndKey } from './optionParsers.js'

export interface PskOptions {
  /** As they were given: commander would quote what its parsers refuse, key and all. */
  readonly psk?: readonly string[]
  readonly pskFile?: string
  readonly pskRaw?: readonly string[]
  readonly pskLocalId?: string
  readonly pskPeerId?: string
  readonly pskContext?: Uint8Array
  readonly pskHash?: 'SHA-256' | 'SHA-384'
  readonly pskWithCert?: boolean
}

export function addPskOptions(command: Command): Command {
  return command
    .option(
      '--psk <id:hex>',
      'auth PSK through the importer of RFC 9258; again with another ID: one more PSK; with the same: one more key, of ' +
        'which a client offers the first',
      collect,
    )
    .option('--psk-file <file>', 'the same from a file, where no other user can see them: ID:HEX on each line')
    .option('--psk-raw <id:hex>', 'external PSK without importer; may be given again', collect)
    .option('--psk-local-id <name>', 'our name, to which --psk is bound together with the name of the peer')
    .option('--psk-peer-id <name>', "the peer's name")
    .option('--psk-context <hex>', 'importer context for --psk that the peer expects instead of ours', parseHex)
    .option('--psk-hash <hash>', 'hash of the PSKs: SHA256 or SHA384 (default: SHA256)', parseHash)
    .option('--psk-with-cert', 'certificate and PSK together (RFC 9973)')
}

/** What is wrong with how the options go together, or null. */
export function pskMistake(options: PskOptions): string | null {
  const { psk, pskFile, pskRaw, pskLocalId, pskPeerId, pskContext, pskHash } = options
  const imported = psk !== undefined || pskFile !== undefined
  if ((pskLocalId === undefined) !== (pskPeerId === undefined)) return '--psk-local-id and --psk-peer-id go together'
  if (pskLocalId !== undefined && !imported) return '--psk-local-id needs --psk'
  if (pskContext !== undefined && !imported) return '--psk-context needs --psk'
  if (pskHash !== undefined && !imported && pskRaw === undefined) return '--psk-hash needs a PSK'
  return unreadable('--psk', psk) ?? unreadable('--psk-raw', pskRaw)
}

/**
 * Undefined without PSKs.
 * @throws TrefoilError ERR_INVALID_OPTION for a --psk-file that cannot be read or understood
 */
export function resolvePsks(options: PskOptions): PskOption[] | undefined {
  const { pskLocalId: localId, pskPeerId: peerId, pskContext: context, pskHash: hash, pskFile } = options
  const read = pskFile === undefined ? [] : readPskFile(pskFile)
  const given = [...(options.psk ?? []).map(parseIdentityAndKey), ...read]
  const imported = byIdentity(given).map((psk): PskOption => ({ ...psk, localId, peerId, context, hash }))
  const raw = byIdentity((options.pskRaw ?? []).map(parseIdentityAndKey)).map(
    (psk): PskOption => ({ ...psk, importer: false, hash }),
  )
  const psks = [...imported, ...raw]
  return psks.length > 0 ? psks : undefined
}

function unreadable(option: string, given: readonly string[] = []): string | null {
  try {
    given.forEach(parseIdentityAndKey)
    return null
  } catch (thrown) {
    return `${option}: ${(thrown as Error).message}`
  }
}

/** Empty lines and lines that begin with # say nothing. Mistakes are told by their line, without what stands there. */
function readPskFile(path: string): Psk[] {
  const lines = readFile(path).toString().split(/\r?\n/)
  return lines.flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    try {
      return parseIdentityAndKey(line.trim())
    } catch (thrown) {
      throw new TrefoilError('ERR_INVALID_OPTION', `${path}, line ${i + 1}: ${(thrown as Error).message}`)
    }
  })
}

/** Keys that were given under one identity, in their order. */
function byIdentity(given: readonly Psk[]): Pick<PskOption, 'identity' | 'key'>[] {
  return [...new Set(given.map(({ identity }) => identity))].map((identity) => ({
    identity,
    key: given.filter((psk) => psk.identity === identity).map(({ key }) => key),
  }))
}

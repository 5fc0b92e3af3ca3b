/**
 * Writes key files: a pair for two sites out of fresh random keys, or one out of keys that came from elsewhere. A file
 * is written once and synchronised before the call returns; an existing one is never touched.
 */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { concat, utf8, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { requireSaeId, uuidOctets } from '../identifiers.js'
import { DEFAULT_KEY_SIZE, keySizeInOctets } from '../keySize.js'
import type { QkdKey } from '../keySource.js'
import {
  encodeHeader,
  encodeRecord,
  ID_LENGTH,
  type KeyFileHeader,
  type KeyRecord,
  MAX_KEY_COUNT,
  parseKeyId,
  sha256,
} from './format.js'

export interface CreateKeyFilesOptions {
  /** The two SAEs, and the file for each. */
  readonly sites: readonly [KeyFileSite, KeyFileSite]
  /** 1 to 16,777,216 keys. */
  readonly count: number
  /** In bits; default 256. */
  readonly keySize?: number
  /** The SAE ID of the only one that starts handshakes; by default each may with its half of the keys. */
  readonly initiator?: string
  /** Fresh random octets: `length` of them. */
  readonly random: (length: number) => Uint8Array
}

export interface KeyFileSite {
  readonly saeId: string
  readonly path: string
}

export interface WriteKeyFileOptions {
  readonly path: string
  readonly localSaeId: string
  readonly peerSaeId: string
  /** In any order, the same set at both sites; key_IDs are UUIDs in lower case. The caller wipes its own. */
  readonly keys: readonly QkdKey[]
  /** As for {@link CreateKeyFilesOptions}; the same at both sites. */
  readonly initiator?: string
}

/** Records encoded at a time: a file of a million keys passes through a megabyte. */
const BATCH = 8192

/**
 * Makes the two files of a pair. Whoever carries one to the other site carries the keys.
 * @throws TrefoilError ERR_INVALID_OPTION on unusable options, or files that exist or cannot be written
 */
export async function createKeyFiles(options: CreateKeyFilesOptions): Promise<void> {
  const { count, random, sites } = options
  if (!Number.isInteger(count) || count < 1 || count > MAX_KEY_COUNT) {
    throw new TrefoilError('ERR_INVALID_OPTION', `the number of keys is not from 1 to ${MAX_KEY_COUNT}`)
  }
  const keyLength = keySizeInOctets(options.keySize ?? DEFAULT_KEY_SIZE)
  const ids = freshIds(count, random)
  const [one, other] = sites
  const parties = { localSaeId: one.saeId, peerSaeId: other.saeId, initiator: options.initiator }
  const header = makeHeader(parties, ids, keyLength)
  const files: KeyFileDraft[] = [
    { path: one.path, owner: header.owner },
    { path: other.path, owner: header.owner === 0 ? 1 : 0 },
  ]
  await writeFiles(files, header, (start, length) => {
    const keys = draw(length, keyLength, random)
    return ids.slice(start, start + length).map((id, i) => ({ id, key: keys[i] as Uint8Array }))
  })
}

/**
 * Makes the file of one site out of keys that both sites have. Its mode is 600.
 * @throws TrefoilError ERR_INVALID_OPTION on unusable options, or a file that exists or cannot be written
 */
export async function writeKeyFile(options: WriteKeyFileOptions): Promise<void> {
  const { path, keys } = options
  const keyLength = keySizeInOctets(8 * (keys[0]?.key.length ?? 0))
  if (keys.length > MAX_KEY_COUNT || keys.some(({ key }) => key.length !== keyLength)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the keys are too many, or differ in length')
  }
  const records = keys.map(({ keyId, key }) => ({ id: requireUuid(keyId), key })).sort((a, b) => compare(a.id, b.id))
  const header = makeHeader(options, idsOf(records), keyLength)
  await writeFiles([{ path, owner: header.owner }], header, (start, length) =>
    records.slice(start, start + length).map(({ id, key }) => ({ id, key: Uint8Array.from(key) })),
  )
}

type Parties = Pick<WriteKeyFileOptions, 'localSaeId' | 'peerSaeId'> & { readonly initiator?: string | undefined }

function makeHeader(parties: Parties, ids: readonly Uint8Array[], keyLength: number): KeyFileHeader {
  const [local, peer] = [requireSaeId(parties.localSaeId), requireSaeId(parties.peerSaeId)]
  if (local === peer) throw new TrefoilError('ERR_INVALID_OPTION', 'both ends have the same SAE ID')
  const { initiator } = parties
  if (initiator !== undefined && initiator !== local && initiator !== peer) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the initiator is neither of the two SAEs')
  }
  const owner = compare(utf8(local), utf8(peer)) < 0 ? 0 : 1
  const saeIds: [string, string] = owner === 0 ? [local, peer] : [peer, local]
  const count = ids.length
  const split = initiator === undefined ? Math.ceil(count / 2) : initiator === saeIds[0] ? count : 0
  const common = utf8(JSON.stringify([saeIds, count, split, keyLength]))
  return { setId: sha256([common, ...ids]).subarray(0, 16), saeIds, owner, count, split, keyLength }
}

/** Random UUIDs in ascending order. */
function freshIds(count: number, random: (length: number) => Uint8Array): Uint8Array[] {
  const ids: Uint8Array[] = []
  while (ids.length < count) {
    for (const octets of draw(Math.min(BATCH, count - ids.length), ID_LENGTH, random)) ids.push(uuidOctets(octets))
  }
  return idsOf(ids.sort(compare).map((id) => ({ id })))
}

/** So many pieces of one draw. */
function draw(count: number, length: number, random: (length: number) => Uint8Array): Uint8Array[] {
  const octets = random(count * length)
  return Array.from({ length: count }, (_, i) => octets.subarray(i * length, (i + 1) * length))
}

function idsOf(sorted: readonly { readonly id: Uint8Array }[]): Uint8Array[] {
  return sorted.map(({ id }, i) => {
    const before = sorted[i - 1]
    if (before !== undefined && compare(before.id, id) === 0) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'a key_ID stands among the keys twice')
    }
    return id
  })
}

function requireUuid(keyId: string): Uint8Array {
  const id = parseKeyId(keyId)
  if (id === null) throw new TrefoilError('ERR_INVALID_OPTION', 'a key_ID is not a UUID in lower case')
  return id
}

interface KeyFileDraft extends Pick<KeyFileHeader, 'owner'> {
  readonly path: string
}

/** `makeRecords` is asked once for each record, in batches; their keys are wiped when they are in all files. */
async function writeFiles(
  files: readonly KeyFileDraft[],
  header: KeyFileHeader,
  makeRecords: (start: number, length: number) => readonly KeyRecord[],
): Promise<void> {
  const opened: { handle: FileHandle; path: string }[] = []
  const { count } = header
  try {
    for (const { path, owner } of files) {
      const handle = await open(path, 'wx', 0o600)
      opened.push({ handle, path })
      await handle.writeFile(encodeHeader({ ...header, owner }))
    }
    for (let start = 0; start < count; start += BATCH) {
      const records = makeRecords(start, Math.min(BATCH, count - start))
      // The same in every copy: what differs is in the header.
      const octets = records.map((record, i) => encodeRecord(header, start + i, record))
      const batch = concat(...octets)
      try {
        for (const { handle } of opened) await handle.writeFile(batch)
      } finally {
        wipe(batch, ...octets, ...records.map(({ key }) => key))
      }
    }
    for (const { handle, path } of opened) {
      await handle.sync()
      await syncFolder(path)
    }
  } catch (cause) {
    for (const { path } of opened) await rm(path, { force: true })
    const path = opened.length < files.length ? files[opened.length]?.path : files[0]?.path
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    const why = code === 'EEXIST' ? 'exists already' : `cannot be written (${code})`
    throw new TrefoilError('ERR_INVALID_OPTION', `the key file ${path} ${why}`, { cause })
  } finally {
    for (const { handle } of opened) await handle.close()
  }
}

/** A new name is durable when its folder is. Windows does not open folders, and orders this itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] ?? -1)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Looks through a key file without using it: every record is checked, and no key leaves. */
import { partOf, type RecordState } from './format.js'
import { KeyFileStorage } from './storage.js'

export interface KeyFileReport {
  readonly localSaeId: string
  readonly peerSaeId: string
  /** In bits. */
  readonly keySize: number
  readonly count: number
  /** Keys for handshakes that we start. */
  readonly own: Readonly<Record<RecordState, number>>
  /** Keys for handshakes that the peer starts. */
  readonly peer: Readonly<Record<RecordState, number>>
}

/**
 * May run while another process uses the file; the counts are then of somewhere in between.
 * @throws TrefoilError as `keyFile` does for a file that cannot be used
 */
export async function inspectKeyFile(path: string): Promise<KeyFileReport> {
  const storage = await KeyFileStorage.open(path, 'read')
  try {
    const { header } = storage
    const other = header.owner === 0 ? 1 : 0
    return {
      localSaeId: header.saeIds[header.owner],
      peerSaeId: header.saeIds[other],
      keySize: 8 * header.keyLength,
      count: header.count,
      own: await storage.count(...partOf(header, header.owner)),
      peer: await storage.count(...partOf(header, other)),
    }
  } finally {
    await storage.close()
  }
}

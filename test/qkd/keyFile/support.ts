/** Pairs of key files in a folder that goes when the test file ends. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type CreateKeyFilesOptions, createKeyFiles, type KeyFileOptions, keyFile } from '../../../src/qkd/index.js'
import { folderOfFile } from '../../support/endOfFile.js'

export const alice = 'sae-alice'
export const bob = 'sae-bob'

export const folder = folderOfFile('trefoil-key-file-')

let made = 0

/** Paths of a fresh pair, Alice's and Bob's. */
export async function pair(options: Partial<CreateKeyFilesOptions> = {}): Promise<[string, string]> {
  const paths: [string, string] = [join(folder(), `${++made}.alice`), join(folder(), `${made}.bob`)]
  await createKeyFiles({
    sites: [
      { saeId: alice, path: paths[0] },
      { saeId: bob, path: paths[1] },
    ],
    count: 10,
    random: (length) => randomBytes(length),
    ...options,
  })
  return paths
}

/** An open source that is closed with the test. */
export async function open(path: string, options: Partial<KeyFileOptions> = {}) {
  const source = await keyFile({ path, ...options })
  onTestFinished(() => source.close())
  return source
}

export const code = (expected: string) => expect.objectContaining({ code: expected })

/** Two live key managers on 127.0.0.1, one SAE at each site, and the key sources those SAEs use. */
import { randomBytes } from 'node:crypto'
import {
  createKeyManagerPair,
  type Etsi014KeySource,
  type Etsi014Options,
  etsi014,
  type KeyManager,
  type KeyManagerPairOptions,
  type MutualTlsCredentials,
} from '../../src/qkd/index.js'
import { createTestAuthority, type TestAuthority } from './kmeCertificates.js'

export const saeA = 'sae-alice'
export const saeB = 'sae-bob'

/** Made once for a test file: making keys takes longer than most tests. */
let sharedAuthority: TestAuthority | undefined
const leaves = new Map<string, MutualTlsCredentials>()

export function authority(): TestAuthority {
  sharedAuthority ??= createTestAuthority('Trefoil test KME CA')
  return sharedAuthority
}

/** Certificate, key and CA of an SAE or a key manager with that ID as common name. */
export function credentials(id: string): MutualTlsCredentials {
  let made = leaves.get(id)
  if (made === undefined) {
    made = { ...authority().issue(id), ca: authority().ca }
    leaves.set(id, made)
  }
  return made
}

export interface RunningKeyManagers {
  readonly a: KeyManager
  readonly b: KeyManager
  readonly urlA: string
  readonly urlB: string
  /** The source of `saeA` at key manager A. */
  readonly sourceA: Etsi014KeySource
  /** The source of `saeB` at key manager B. */
  readonly sourceB: Etsi014KeySource
  /** Another source at either site, closed with the rest. */
  source(site: 'A' | 'B', options?: Partial<Etsi014Options>): Etsi014KeySource
  close(): Promise<void>
}

export async function startKeyManagers(
  options: Partial<KeyManagerPairOptions> = {},
  client: Partial<Etsi014Options> = {},
): Promise<RunningKeyManagers> {
  const { a, b } = createKeyManagerPair({
    siteA: { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') },
    siteB: { kmeId: 'KME-B', sae: [saeB], tls: credentials('KME-B') },
    random: (length) => randomBytes(length),
    ...options,
  })
  const { url: urlA } = await a.listen(0)
  const { url: urlB } = await b.listen(0)
  const sources: Etsi014KeySource[] = []
  const source = (site: 'A' | 'B', more: Partial<Etsi014Options> = {}): Etsi014KeySource => {
    const [url, saeId] = site === 'A' ? [urlA, saeA] : [urlB, saeB]
    const made = etsi014({ url, ...credentials(saeId), ...client, ...more })
    sources.push(made)
    return made
  }
  return {
    a,
    b,
    urlA,
    urlB,
    sourceA: source('A'),
    sourceB: source('B'),
    source,
    async close() {
      await Promise.all(sources.map((made) => made.close()))
      await Promise.all([a.close(), b.close()])
    },
  }
}

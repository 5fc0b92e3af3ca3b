/** Where `serve`, `connect` and `tunnel` get their QKD keys: a key manager or a key file. */
import type { QkdOption } from '../node/psk/index.js'
import { etsi014, type KeySource, keyFile } from '../qkd/index.js'
import { openBootstrapFile } from './bootstrapFile.js'
import { readFile } from './files.js'
import type { SharedOptions } from './sharedOptions.js'

export interface KeySupply {
  readonly qkd: QkdOption
  close(): Promise<void>
}

/**
 * Null without a source, or with policy `off`.
 * @throws TrefoilError ERR_INVALID_OPTION for a file that cannot be read, and as `etsi014` and `keyFile` do
 */
export async function openKeySupply(options: SharedOptions): Promise<KeySupply | null> {
  const { qkdKme, qkdFile, qkdCert, qkdKey, qkdCa, sae = '', peerSae = [], qkd: policy, qkdBootstrap } = options
  if (policy === 'off') return null
  const bootstrap = qkdBootstrap === undefined ? undefined : openBootstrapFile(qkdBootstrap)
  const supply = (source: KeySource & { close(): Promise<void> }, localSaeId: string, peers: string[]): KeySupply => {
    const [only] = peers
    const peerSaeId = peers.length === 1 && only ? only : peers
    return { qkd: { source, localSaeId, peerSaeId, policy, bootstrap }, close: () => source.close() }
  }
  if (qkdFile !== undefined) {
    const [peerSaeId] = peerSae
    const source = await keyFile({ path: qkdFile, ...(sae && { localSaeId: sae }), ...(peerSaeId && { peerSaeId }) })
    return supply(source, source.localSaeId, [source.peerSaeId])
  }
  if (qkdKme === undefined || !qkdCert || !qkdKey || !qkdCa) return null
  const source = etsi014({ url: qkdKme, cert: readFile(qkdCert), key: readFile(qkdKey), ca: readFile(qkdCa) })
  return supply(source, sae, peerSae)
}

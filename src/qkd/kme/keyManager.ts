/**
 * Embedded key managers: ETSI GS QKD 014 servers for demonstrations and tests, in pairs (both sites in one process) or
 * one by one (a process for each site, joined by a simulated link).
 */

import { TrefoilError } from '../../errors.js'
import type { CertificateNameKind } from '../certificateNames.js'
import type { KeyMethod } from '../etsi014/wire.js'
import { requireSaeId } from '../identifiers.js'
import type { MutualTlsCredentials } from '../tlsOptions.js'
import { Api } from './api.js'
import { Faults, type KeyManagerFault } from './faults.js'
import { type KeyMaterialSource, randomKeyMaterial } from './keyMaterial.js'
import type { KeyLink } from './link.js'
import { KeyManagerServer } from './server.js'
import { type DeliverToPeer, type KeyLimits, Site, type SiteDescription } from './site.js'

export interface KeyManager {
  readonly kmeId: string
  /** Requests seen so far, by method. */
  readonly counters: Readonly<Record<KeyMethod, number>>
  /**
   * Port 0 takes any free one; the host defaults to 127.0.0.1.
   * @throws TrefoilError ERR_TRANSPORT, ERR_INVALID_STATE
   */
  listen(port: number, host?: string): Promise<{ readonly url: string }>
  /** Misbehaves from now on; null heals. */
  setFault(fault: KeyManagerFault | null): void
  /** Ends every connection and burns every key. */
  close(): Promise<void>
}

/** A site with its own HTTPS credentials; `ca` is what the certificates of its SAEs chain to. */
export interface KeyManagerSite extends SiteDescription {
  readonly tls: MutualTlsCredentials
}

interface CommonOptions extends KeyLimits {
  readonly random: (length: number) => Uint8Array
  /** Secret bits for a pair of SAEs; default: unlimited random ones. */
  readonly material?: (masterSaeId: string, slaveSaeId: string) => KeyMaterialSource
  /** Where SAE IDs stand in certificates; default `common-name`. */
  readonly saeIdentity?: CertificateNameKind
}

export interface KeyManagerPairOptions extends CommonOptions {
  readonly siteA: KeyManagerSite
  readonly siteB: KeyManagerSite
}

export interface KeyManagerOptions extends CommonOptions {
  readonly site: KeyManagerSite
  readonly peer: SiteDescription
  /** The way to the other site. Without one, this site only receives: its own SAEs get no fresh keys. */
  readonly link?: KeyLink
}

/** Both key managers of a link, in one process, which share keys in memory. */
export function createKeyManagerPair(options: KeyManagerPairOptions): { a: KeyManager; b: KeyManager } {
  const { siteA, siteB, ...common } = options
  const a = assemble({ ...common, site: siteA, peer: siteB }, null, (delivery) => handOver(b, delivery))
  const b = assemble({ ...common, site: siteB, peer: siteA }, null, (delivery) => handOver(a, delivery))
  return { a: a.keyManager, b: b.keyManager }
}

/**
 * The key manager of one site, whose peer runs elsewhere and delivers the keys it gives out over HTTPS, with a
 * certificate whose common name is `peer.kmeId` and that chains to `site.tls.ca`.
 */
export function createKeyManager(options: KeyManagerOptions): KeyManager {
  const { link } = options
  const { keyManager } = assemble(options, options.peer.kmeId, async (delivery) => {
    if (link === undefined) throw new TrefoilError('ERR_QKD_UNREACHABLE', 'there is no link to the other site')
    await link.deliver(delivery)
  })
  return {
    ...keyManager,
    async close() {
      await keyManager.close()
      await link?.close()
    },
  }
}

interface Assembled {
  readonly site: Site
  readonly keyManager: KeyManager
}

function assemble(
  options: CommonOptions & { site: KeyManagerSite; peer: SiteDescription },
  linkPeer: string | null,
  deliverToPeer: DeliverToPeer,
): Assembled {
  for (const saeId of [...options.site.sae, ...options.peer.sae]) requireSaeId(saeId)
  const site = new Site({
    ...options,
    material: options.material ?? (() => randomKeyMaterial(options.random)),
    deliverToPeer,
    now: () => performance.now(),
  })
  const faults = new Faults(options.random)
  const api = new Api({ site, faults, linkPeer })
  const saeIdentity = options.saeIdentity ?? 'common-name'
  const server = new KeyManagerServer({ api, faults, tls: options.site.tls, saeIdentity })
  const keyManager: KeyManager = {
    kmeId: site.kmeId,
    counters: api.counters,
    listen: (port, host = '127.0.0.1') => server.listen(port, host),
    setFault(fault) {
      faults.set(fault)
      if (fault === 'down') server.disconnectAll()
    },
    async close() {
      faults.release()
      await server.close()
      site.burnAll()
    },
  }
  return { site, keyManager }
}

async function handOver(to: Assembled, delivery: Parameters<DeliverToPeer>[0]): Promise<void> {
  if (!to.site.accept(delivery)) throw new TrefoilError('ERR_INTERNAL', 'the other site did not take the keys')
}

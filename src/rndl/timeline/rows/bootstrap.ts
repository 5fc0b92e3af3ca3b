/** The life of a QKD link's authentication: first contact by certificate or PSK, then by QKD keys alone. */
import { QkdBootstrap } from '../../../node/psk/index.js'
import { makeKeySupply } from '../keySupply.js'
import type { Site } from '../sessions.js'
import { thief } from './preSharedKeys.js'
import { type Row, type Stage, shows, signingKeys, theft, trusts } from './stage.js'

/** The certificate is not renewed in any of these rows: what keeps the thief out are the QKD keys. */
function byCertificate(stage: Stage) {
  const { authority, server } = stage.identities
  const supply = makeKeySupply(stage.random)
  const site: Site = {
    server: { ...shows(server), qkd: { ...supply.server, bootstrap: new QkdBootstrap() } },
    client: { ...trusts(authority.ca), qkd: { ...supply.client, bootstrap: new QkdBootstrap() } },
  }
  return {
    mode: 'certificate + QKD, then qkd',
    site,
    renewed: site,
    secrets: () => ({ qkdKeys: supply.given }),
    loot: () => ({ ...signingKeys(server.key), qkdKeys: supply.burglar.stolen }),
    ...thief(supply, stage),
    supply,
  }
}

export const BOOTSTRAP_ROWS: readonly Row[] = [
  theft('bootstrap-after-first-contact', false, (stage) => {
    const { supply: _, ...row } = byCertificate(stage)
    return {
      ...row,
      when: 'after',
      attack: "the server's ML-DSA key is stolen after first contact",
      outcome: 'nothing: sessions rest on QKD keys by then, and where he forces first contact anew it takes one too',
      expected: { earlier: 'closed', attacked: 'refused', later: 'refused' },
    }
  }),
  theft('bootstrap-at-first-contact', false, (stage) => {
    const { supply: _, ...row } = byCertificate(stage)
    return {
      ...row,
      when: 'during',
      attack: "the server's ML-DSA key is stolen before first contact, the QKD keys are not",
      outcome: 'nothing: first contact mixes a QKD key in, which he has not',
      expected: { attacked: 'refused', later: 'refused' },
    }
  }),
  theft('bootstrap-with-qkd-key', false, (stage) => {
    const { supply, ...row } = byCertificate(stage)
    return {
      ...row,
      begin: supply.burgle,
      end: supply.evict,
      when: 'during',
      attack: "the server's ML-DSA key is stolen before first contact, and the QKD key of that moment with it",
      outcome: 'first contact alone: the sessions after it rest on QKD keys that he has not',
      expected: { attacked: 'open', later: 'refused' },
    }
  }),
]

/** The life of a QKD link's authentication: first contact by certificate or PSK, then by QKD keys alone. */
import { toHex, utf8 } from '../../../bytes.js'
import { QkdBootstrap } from '../../../node/psk/index.js'
import { type KeySupply, makeKeySupply } from '../keySupply.js'
import type { Mask, Site } from '../sessions.js'
import type { Theft } from '../theft.js'
import { asClient, asServer, type Burglary, burglary, thief } from './preSharedKeys.js'
import { type Row, type Stage, shows, signingKeys, theft, trusts } from './stage.js'

/** What was stolen is not renewed in any of these rows: what keeps the thief out are the QKD keys. */
function byCertificate(stage: Stage, { isBurgled }: Burglary) {
  const { authority, server } = stage.identities
  const supply = makeKeySupply(stage.random)
  return {
    mode: 'certificate + QKD, then qkd',
    ...remembering(supply, shows(server), trusts(authority.ca)),
    secrets: () => ({ qkdKeys: supply.given }),
    loot: () => ({ ...signingKeys(server.key), qkdKeys: supply.burglar.stolen }),
    masks: [byQkdKey(supply), ...thief(supply, stage).masks],
    ...(isBurgled && burglary(supply)),
  }
}

function byPsk(stage: Stage) {
  const psk = { identity: 'branch-17', key: stage.random(32) }
  const authPsks = new Map([[toHex(utf8(psk.identity)), psk.key]])
  const supply = makeKeySupply(stage.random)
  const { burglar } = supply
  const [server, client] = [{ psk: asServer(psk) }, { psk: asClient(psk) }]
  return {
    mode: 'psk + QKD, then qkd',
    ...remembering(supply, server, client),
    secrets: () => ({ authPsks, qkdKeys: supply.given }),
    loot: () => ({ authPsks, qkdKeys: supply.burglar.stolen }),
    masks: [
      byQkdKey(supply),
      { server: { ...server, qkd: burglar.asServer }, client: { ...client, qkd: burglar.asClient } },
    ],
  }
}

/** Both ends keep a register of who has proved itself. */
function remembering(
  supply: KeySupply,
  server: Site['server'],
  client: Site['client'],
): Pick<Theft, 'site' | 'renewed'> {
  const site: Site = {
    server: { ...server, qkd: { ...supply.server, bootstrap: new QkdBootstrap() } },
    client: { ...client, qkd: { ...supply.client, bootstrap: new QkdBootstrap() } },
  }
  return { site, renewed: site }
}

/** As the server is once the client has met it. */
function byQkdKey({ burglar }: KeySupply): Mask {
  return { server: { qkd: burglar.asServer }, client: { qkd: burglar.asClient } }
}

export const BOOTSTRAP_ROWS: readonly Row[] = [
  theft('bootstrap-after-first-contact', false, (stage) => ({
    ...byCertificate(stage, { isBurgled: false }),
    when: 'after',
    attack: "the server's ML-DSA key is stolen after first contact",
    outcome: 'nothing: sessions rest on QKD keys by then, and where he forces first contact anew it takes one too',
    expected: { earlier: 'closed', attacked: 'refused', later: 'refused' },
  })),
  theft('bootstrap-psk-after-first-contact', false, (stage) => ({
    ...byPsk(stage),
    when: 'after',
    attack: 'the auth PSK is stolen after first contact',
    outcome: 'nothing: sessions rest on QKD keys by then, and where he forces first contact anew it takes one too',
    expected: { earlier: 'closed', attacked: 'refused', later: 'refused' },
  })),
  theft('bootstrap-at-first-contact', false, (stage) => ({
    ...byCertificate(stage, { isBurgled: false }),
    when: 'during',
    attack: "the server's ML-DSA key is stolen before first contact, the QKD keys are not",
    outcome: 'nothing: first contact mixes a QKD key in, which he has not',
    expected: { attacked: 'refused', later: 'refused' },
  })),
  theft('bootstrap-with-qkd-key', false, (stage) => ({
    ...byCertificate(stage, { isBurgled: true }),
    when: 'during',
    attack: "the server's ML-DSA key is stolen before first contact, and the QKD key of that moment with it",
    outcome: 'first contact alone: the sessions after it rest on QKD keys that he has not',
    expected: { attacked: 'open', later: 'refused' },
  })),
]

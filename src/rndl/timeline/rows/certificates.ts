/** Server keys, CA keys, raw keys and whole signature schemes, each stolen or broken during a session or after it. */
import type { AcceptPeer } from '../../../node/acceptPeer.js'
import { fingerprintOf, type Identity } from '../identities.js'
import type { Mask, Site } from '../sessions.js'
import type { Theft } from '../theft.js'
import { CREDULOUS, nothing, type Row, type Stage, shows, signingKeys, theft, trusts } from './stage.js'

const ONE_SESSION = 'that session alone: what was taped before stays closed, what comes after he is kept out of'
const NOTHING = 'nothing: the tape stays closed, and for a session of today he comes too late'

type Case = Pick<Theft, 'site' | 'renewed' | 'masks' | 'loot'>

function pair(name: string, what: string, theCase: (stage: Stage) => Case): readonly Row[] {
  const quick = name === 'server-key'
  const common = { mode: 'certificate', secrets: nothing }
  return [
    theft(`${name}-after`, quick, (stage) => ({
      ...common,
      ...theCase(stage),
      when: 'after',
      attack: `${what} after the session`,
      outcome: NOTHING,
      expected: { earlier: 'closed', later: 'refused' },
    })),
    theft(`${name}-during`, quick, (stage) => ({
      ...common,
      ...theCase(stage),
      when: 'during',
      attack: `${what} before the handshake, and nobody has noticed yet`,
      outcome: ONE_SESSION,
      expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
    })),
  ]
}

/** The server renews its certificate, and clients are told to refuse the old one. */
function serverKey({ identities }: Stage): Case {
  const { authority, server, renewed } = identities
  const client = trusts(authority.ca)
  return {
    site: { server: shows(server), client },
    renewed: { server: shows(renewed), client: { ...client, acceptPeer: refuses(server) } },
    masks: [wearing(server, authority.ca)],
    loot: () => signingKeys(server.key),
  }
}

/** Clients change over to another authority. */
function caKey({ identities }: Stage): Case {
  const { authority, server, newAuthority, serverOfNew } = identities
  return {
    site: { server: shows(server), client: trusts(authority.ca) },
    renewed: { server: shows(serverOfNew), client: trusts(newAuthority.ca) },
    masks: [wearing(authority.issue(), authority.ca)],
    loot: () => signingKeys(authority.key),
  }
}

/** Clients pin another key. */
function rawKey({ identities }: Stage): Case {
  const site = ({ key, publicKey }: Identity): Site => ({
    server: { key, rawPublicKey: true },
    client: { servername: trusts('').servername, pinnedKeys: [publicKey] },
  })
  const { server, renewed } = identities
  const stolen: Mask = {
    server: site(server).server,
    client: { ...CREDULOUS, pinnedKeys: [server.publicKey, renewed.publicKey] },
  }
  return { site: site(server), renewed: site(renewed), masks: [stolen], loot: () => signingKeys(server.key) }
}

/** Whoever can forge signatures of a scheme has the keys of every server and CA that signs with it. */
function classicalScheme({ identities }: Stage): Case {
  const { classical, classicalServer, halfForged, authority, server } = identities
  const policy = { allowClassicalAuthentication: true }
  return {
    site: { server: { ...shows(classicalServer), policy }, client: { ...trusts(classical.ca), policy } },
    // Clients keep the old authority, but take no classical signatures any more.
    renewed: { server: shows(server), client: { ...trusts(authority.ca), ca: [authority.ca, classical.ca] } },
    // An ML-DSA key of his own, certified with the broken one: he signs as clients have it, then as now.
    masks: [wearing(halfForged, classical.ca, policy)],
    loot: () => signingKeys(classicalServer.key, classical.key),
  }
}

export const CERTIFICATE_ROWS: readonly Row[] = [
  ...pair('server-key', "the server's ML-DSA key is stolen", serverKey),
  ...pair('ca-key', "the CA's ML-DSA key is stolen", caKey),
  ...pair('raw-key', "the server's raw public key (RFC 7250) is stolen", rawKey),
  ...pair('signature-scheme', 'a quantum computer breaks the signature scheme (ECDSA P-256)', classicalScheme),
]

function wearing(identity: Identity, ca: string, policy: Site['server']['policy'] = {}): Mask {
  return { server: { ...shows(identity), policy }, client: { ...CREDULOUS, ca } }
}

function refuses({ fingerprint }: Identity): AcceptPeer {
  return ({ certificateChain }) => {
    const leaf = certificateChain?.[0]
    return leaf === undefined || fingerprintOf(leaf) !== fingerprint
  }
}

/** Auth PSKs and QKD keys, by themselves and together with what they stand beside. */
import { toHex, utf8 } from '../../../bytes.js'
import type { PskOption } from '../../../node/psk/index.js'
import type { Leaks } from '../../adversary/index.js'
import { type KeySupply, makeKeySupply } from '../keySupply.js'
import type { Mask, Site } from '../sessions.js'
import type { Theft } from '../theft.js'
import { CREDULOUS, type Row, type Stage, shows, signingKeys, theft, trusts } from './stage.js'

const LACKS_QKD_KEY = 'nothing: without the QKD key of that moment neither end goes on with him'
const ONE_SESSION = 'that session alone: what was taped before stays closed, the next one has a fresh QKD key'

/** Whether somebody is in the key manager during the attacked session. */
export interface Burglary {
  readonly isBurgled: boolean
}

/** An auth PSK and the one that takes its place. */
interface Psks {
  readonly psk: PskOption & { readonly identity: string; readonly key: Uint8Array }
  readonly renewed: PskOption & { readonly identity: string; readonly key: Uint8Array }
}

function makePsks({ random }: Stage): Psks {
  return {
    psk: { identity: 'branch-17', key: random(32) },
    renewed: { identity: 'branch-17 renewed', key: random(32) },
  }
}

/** As each end has it: with the names of both, since one process plays the two (RFC 9257 section 6). */
export const asServer = (psk: PskOption): PskOption => ({ ...psk, localId: 'server', peerId: 'client' })
export const asClient = (psk: PskOption): PskOption => ({ ...psk, localId: 'client', peerId: 'server' })
const bothWith = (psk: PskOption): Site => ({ server: { psk: asServer(psk) }, client: { psk: asClient(psk) } })
const leaked = (...psks: readonly Psks['psk'][]): Pick<Leaks, 'authPsks'> => ({
  authPsks: new Map(psks.map(({ identity, key }) => [toHex(utf8(identity)), key])),
})

/** The PSK that he stole; and for the one that replaces it, whose identity anybody can read, one of his own making. */
function guessing(psk: PskOption, { identity }: PskOption, { random }: Stage): Mask {
  const guessed = { identity, key: random(32) }
  return { server: { psk: [asServer(psk), asServer(guessed)] }, client: { psk: asClient(psk) } }
}

/** A session on an auth PSK alone, on a QKD key besides, or on that and a certificate. */
function pskAlone(stage: Stage) {
  const { psk, renewed } = makePsks(stage)
  return {
    mode: 'psk',
    site: bothWith(psk),
    renewed: bothWith(renewed),
    secrets: () => leaked(psk, renewed),
    loot: () => leaked(psk),
    masks: [guessing(psk, renewed, stage)],
  }
}

function pskWithQkd(stage: Stage, { isBurgled }: Burglary) {
  const { psk, renewed } = makePsks(stage)
  const supply = makeKeySupply(stage.random)
  const site = (own: PskOption): Site => ({
    server: { psk: asServer(own), qkd: supply.server },
    client: { psk: asClient(own), qkd: supply.client },
  })
  return {
    mode: 'psk + QKD',
    site: site(psk),
    // Where he has a QKD key too, the PSK is left as it is: the next QKD key has to do by itself.
    renewed: site(isBurgled ? psk : renewed),
    secrets: () => ({ ...leaked(psk, renewed), qkdKeys: supply.given }),
    loot: () => ({ ...leaked(psk), qkdKeys: supply.burglar.stolen }),
    masks: [
      {
        server: { ...guessing(psk, renewed, stage).server, qkd: supply.burglar.asServer },
        client: { psk: asClient(psk), qkd: supply.burglar.asClient },
      },
    ],
    ...(isBurgled && burglary(supply)),
  }
}

/** @param isRenewed whether the certificate is renewed after the theft; without, the next QKD key has to do by itself */
function certificateWithQkd(stage: Stage, { isRenewed, isBurgled }: Burglary & { readonly isRenewed: boolean }) {
  const { authority, server, renewed } = stage.identities
  const supply = makeKeySupply(stage.random)
  const client = { ...trusts(authority.ca), qkd: supply.client }
  const { masks } = thief(supply, stage)
  return {
    mode: 'certificate + QKD',
    site: { server: { ...shows(server), qkd: supply.server }, client },
    renewed: { server: { ...shows(isRenewed ? renewed : server), qkd: supply.server }, client },
    secrets: () => ({ qkdKeys: supply.given }),
    loot: () => ({ ...signingKeys(server.key), qkdKeys: supply.burglar.stolen }),
    masks,
    ...(isBurgled && burglary(supply)),
  }
}

/** Has the server's signing key, and such QKD keys as he has. */
export function thief(supply: KeySupply, { identities }: Stage): { readonly masks: readonly Mask[] } {
  const { server, authority } = identities
  const client = { ...CREDULOUS, ca: authority.ca }
  const { burglar } = supply
  return {
    masks: [
      { server: { ...shows(server), qkd: burglar.asServer }, client: { ...client, qkd: burglar.asClient } },
      { server: shows(server), client },
    ],
  }
}

function qkdAlone(stage: Stage) {
  const supply = makeKeySupply(stage.random)
  const site: Site = { server: { qkd: supply.server }, client: { qkd: supply.client } }
  return {
    mode: 'qkd',
    site,
    renewed: site,
    secrets: () => ({ qkdKeys: supply.given }),
    loot: () => ({ qkdKeys: supply.burglar.stolen }),
    masks: [{ server: { qkd: supply.burglar.asServer }, client: { qkd: supply.burglar.asClient } }],
    supply,
  }
}

/** The burglar is in the key manager while the attacked session takes place. */
export function burglary({ burgle, evict }: KeySupply): Pick<Theft, 'begin' | 'end'> {
  return { begin: burgle, end: evict }
}

/** He has been in the key manager all along, and has copied every key. */
function qkdPoolAfter(stage: Stage): Omit<Theft, 'name'> {
  const { supply, ...row } = qkdAlone(stage)
  return {
    ...row,
    when: 'after',
    attack: 'all QKD keys that were given out are stolen after the session',
    loot: () => ({ qkdKeys: supply.given }),
    outcome: 'nothing: the key exchange keeps the tape closed, and keys that were used serve no second session',
    expected: { earlier: 'closed', later: 'refused' },
  }
}

export const PRE_SHARED_KEY_ROWS: readonly Row[] = [
  theft('psk-after', false, (stage) => ({
    ...pskAlone(stage),
    when: 'after',
    attack: 'the auth PSK is stolen after the session',
    outcome: 'nothing: the key exchange keeps the tape closed, and the PSK has been renewed',
    expected: { earlier: 'closed', later: 'refused' },
  })),
  theft('psk-during', true, (stage) => ({
    ...pskAlone(stage),
    when: 'during',
    attack: 'the auth PSK is stolen before the handshake, and nobody has noticed yet',
    outcome: 'that session alone: what was taped before stays closed, and the PSK is renewed',
    expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
  })),
  theft('server-key-during-qkd', true, (stage) => ({
    ...certificateWithQkd(stage, { isRenewed: true, isBurgled: false }),
    when: 'during',
    attack: "the server's ML-DSA key is stolen before the handshake, the QKD keys are not",
    outcome: LACKS_QKD_KEY,
    expected: { earlier: 'closed', attacked: 'refused', later: 'refused' },
  })),
  theft('server-key-and-qkd-key-during', true, (stage) => ({
    ...certificateWithQkd(stage, { isRenewed: false, isBurgled: true }),
    when: 'during',
    attack: "the server's ML-DSA key is stolen, and the QKD key of that session with it",
    outcome: `${ONE_SESSION}, even under the stolen ML-DSA key`,
    expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
  })),
  theft('psk-during-qkd', false, (stage) => ({
    ...pskWithQkd(stage, { isBurgled: false }),
    when: 'during',
    attack: 'the auth PSK is stolen before the handshake, the QKD keys are not',
    outcome: LACKS_QKD_KEY,
    expected: { earlier: 'closed', attacked: 'refused', later: 'refused' },
  })),
  theft('psk-and-qkd-key-during', false, (stage) => ({
    ...pskWithQkd(stage, { isBurgled: true }),
    when: 'during',
    attack: 'the auth PSK is stolen, and the QKD key of that session with it',
    outcome: `${ONE_SESSION}, even under the stolen PSK`,
    expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
  })),
  theft('qkd-key-during', false, (stage) => {
    const { supply, ...row } = qkdAlone(stage)
    return {
      ...row,
      ...burglary(supply),
      when: 'during',
      attack: 'a burglar in the key manager has the QKD key of that session',
      outcome: ONE_SESSION,
      expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
    }
  }),
  theft('qkd-pool-after', false, qkdPoolAfter),
]

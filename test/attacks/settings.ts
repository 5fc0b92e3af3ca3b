/** The modes that attacks are tried in, with keys of a link in memory where QKD enters. */
import { randomBytes } from 'node:crypto'
import type { ConnectionOptions, KeySource, QkdOption, ServerOptions } from '../../src/index.js'
import { inProcessPair } from '../../src/qkd/index.js'
import { MODES } from '../modes/modes.js'

/** Modes of test/modes, by the names that the document has for them. */
const NAMES = {
  certificate: 'certificate',
  'certificates both ways': 'certificates both ways',
  'certificate + QKD': 'certificate + QKD (RFC 9973)',
  'certificates both ways + QKD': 'certificates both ways + QKD (RFC 9973)',
  psk: 'psk',
  'psk + QKD': 'psk + QKD',
  QKD: 'QKD alone',
} as const

export type ModeName = keyof typeof NAMES

export const BY_CERTIFICATE: readonly ModeName[] = ['certificate', 'certificates both ways']
export const BY_BOTH: readonly ModeName[] = ['certificate + QKD']
export const BY_KEY: readonly ModeName[] = ['psk', 'psk + QKD', 'QKD']
/** Where clients have certificates too. */
export const MUTUAL: readonly ModeName[] = ['certificates both ways', 'certificates both ways + QKD']
export const EVERY_MODE: readonly ModeName[] = [...BY_CERTIFICATE, ...BY_BOTH, ...BY_KEY]
/** For attacks on hellos, before which a client's certificate makes no difference: it comes after them. */
export const HELLO_MODES: readonly ModeName[] = ['certificate', ...BY_BOTH, ...BY_KEY]

/** An honest pair of ends. */
export interface Setting {
  readonly mode: ModeName
  readonly server: ServerOptions
  readonly client: ConnectionOptions
}

const ALICE = 'sae-alice'
const BOB = 'sae-bob'
const CAROL = 'sae-carol'

const newLink = (a: string, b: string): [KeySource, KeySource] => {
  return inProcessPair({ siteA: a, siteB: b, random: (length) => randomBytes(length) })
}
const [atAlice, atBob] = newLink(ALICE, BOB)
const [aliceForCarol, atCarol] = newLink(ALICE, CAROL)

export const QKD = {
  /** Alice is the client, Bob the server. */
  client: { source: atAlice, localSaeId: ALICE, peerSaeId: BOB },
  server: { source: atBob, localSaeId: BOB, peerSaeId: ALICE },
  /** The same two, Bob as the client of Alice. */
  aliceServes: { source: atAlice, localSaeId: ALICE, peerSaeId: BOB },
  /** Carol is another server that Alice has a link to. */
  clientOfCarol: { source: aliceForCarol, localSaeId: ALICE, peerSaeId: CAROL },
  carolServes: { source: atCarol, localSaeId: CAROL, peerSaeId: ALICE },
} as const satisfies Record<string, QkdOption>

export function setting(name: ModeName): Setting {
  const mode = MODES.find((candidate) => candidate.name === NAMES[name])
  if (mode === undefined) throw new Error(`test/modes has no mode ${NAMES[name]}`)
  const { qkd } = mode
  return {
    mode: name,
    server: { ...mode.server, ...(qkd && { qkd: { ...QKD.server, ...qkd } }) },
    client: { ...mode.client, ...(qkd && { qkd: { ...QKD.client, ...qkd } }) },
  }
}

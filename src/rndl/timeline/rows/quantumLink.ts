/** The authentication of a BB84 link itself: it starts from a PSK or from ML-DSA keys, and lives on keys of the link's own. */
import { equalBytes, toHex } from '../../../bytes.js'
import { defaultProvider } from '../../../crypto/index.js'
import type { Bb84Authentication, MldsaName, SigningIdentity } from '../../../qkd/index.js'
import type { TimelineEntry } from '../../report.js'
import { type Block, honestBlock, interceptedBlock, type Sites, sitesWith } from '../quantumLink.js'
import type { Random } from '../sessions.js'
import { type Achieved, type At, outcomeOf } from '../theft.js'
import type { Row } from './stage.js'

/** The first key of a link, made for one block. */
type FirstKey = (random: Random) => Bb84Authentication

const psk: FirstKey = (random) => ({ psk: random(48) })

const signatures: FirstKey = () => {
  const provider = defaultProvider()
  const [a, b] = [makeKey(), makeKey()]
  const publicKeyOf = (key: SigningIdentity['privateKey']) => provider.signingKey(key).publicKey
  return {
    signatures: {
      siteA: { privateKey: a, peerPublicKey: publicKeyOf(b) },
      siteB: { privateKey: b, peerPublicKey: publicKeyOf(a) },
    },
  }
  function makeKey(): SigningIdentity['privateKey'] {
    return provider.generateSigningKey('mldsa44' satisfies MldsaName) as SigningIdentity['privateKey']
  }
}

/** He is there from the first block on, and stays for the second; then he goes away. */
function stolenBefore(what: string, firstKey: FirstKey): Omit<Play, 'when' | 'mode'> {
  return {
    attack: `${what} before the first block`,
    outcome: 'every key of the link while he stays; when he leaves, the two sites find that they share none, and stop',
    play(random) {
      const authentication = firstKey(random)
      const [honest, mallory] = [sitesWith(authentication), sitesWith(authentication)]
      const first = interceptedBlock(honest, mallory, 0)
      const second = interceptedBlock(honest, mallory, 1)
      const without = honestBlock(honest, 2, 'without him')
      return [
        ['attacked', 'open', first.isOpen ? 'open' : 'refused'],
        ['later', 'open', second.isOpen && isRefused(without) ? 'open' : 'refused'],
      ]
    },
  }
}

/** The first block takes place without him. */
function stolenAfter(what: string, firstKey: FirstKey): Omit<Play, 'when' | 'mode'> {
  return {
    attack: `${what} after the first block`,
    outcome: 'nothing: no key was made of it, and later blocks are authenticated with keys of the link itself',
    play(random) {
      const authentication = firstKey(random)
      const honest = sitesWith(authentication)
      const first = honestBlock(honest, 0, 'first')
      const attacked = interceptedBlock(honest, sitesWith(authentication), 1)
      const afterwards = honestBlock(honest, 2, 'afterwards')
      if (isRefused(afterwards)) throw new Error('an honest block gave no key')
      return [
        ['earlier', 'closed', tellsOf(first, sitesWith(firstKey(random))) ? 'open' : 'closed'],
        ['attacked', 'refused', attacked.isOpen || hasKey(attacked.honest) ? 'open' : 'refused'],
      ]
    },
  }
}

/**
 * Whether the first key tells anything of the block's key. The same pulses under another first key give the same key, so
 * that it is no function of the first one; and neither does it stand in what was said.
 */
function tellsOf({ alice, said }: Block, other: Sites): boolean {
  if (alice === null) throw new Error('an honest block gave no key')
  const again = honestBlock(other, 0, 'first')
  const isSame = again.alice !== null && equalBytes(alice, again.alice)
  return !isSame || toHex(said).includes(toHex(alice.subarray(0, 16)))
}

/** Whether the two ends have no key in common. */
function isRefused({ alice, bob }: Block): boolean {
  return alice === null || bob === null || !equalBytes(alice, bob)
}

function hasKey({ alice, bob }: Block): boolean {
  return alice !== null || bob !== null
}

interface Play extends Pick<TimelineEntry, 'when' | 'attack' | 'mode' | 'outcome'> {
  /** Blocks, with what theory says of them and what came of them. */
  readonly play: (random: Random) => readonly (readonly [At, Achieved, Achieved])[]
}

function row(name: string, quick: boolean, { play, ...told }: Play): Row {
  return {
    name,
    quick,
    async act({ random }) {
      const sessions = play(random).map(([at, expected, achieved]) => ({ at, expected, achieved }))
      return { name, ...told, outcome: outcomeOf(sessions, told.outcome), sessions }
    },
  }
}

const PSK = 'the PSK of the two sites is stolen'
const SIGNATURES = 'the ML-DSA keys of the two sites are stolen'
const MODE = 'BB84 link'

export const QUANTUM_LINK_ROWS: readonly Row[] = [
  row('bb84-psk-before', false, { ...stolenBefore(PSK, psk), when: 'before', mode: MODE }),
  row('bb84-psk-after', false, { ...stolenAfter(PSK, psk), when: 'after', mode: MODE }),
  row('bb84-signatures-before', false, { ...stolenBefore(SIGNATURES, signatures), when: 'before', mode: MODE }),
  row('bb84-signatures-after', false, { ...stolenAfter(SIGNATURES, signatures), when: 'after', mode: MODE }),
]

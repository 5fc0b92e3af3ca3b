/**
 * Blocks of a BB84 link, with the parts of `trefoil/qkd` that its simulation is made of: honest, or with a man in the
 * middle who owns both channels, detects Alice's pulses in Bob's place and sends Bob pulses of his own.
 */
import { concat, equalBytes, utf8 } from '../../bytes.js'
import { aliceBlock } from '../../qkd/bb84/alice.js'
import { NO_AUTHENTICATION } from '../../qkd/bb84/authentication.js'
import { bobBlock } from '../../qkd/bb84/bob.js'
import { converse, Endpoint } from '../../qkd/bb84/endpoint.js'
import { bb84Parameters } from '../../qkd/bb84/parameters.js'
import { preparationsOf } from '../../qkd/bb84/preparationsOf.js'
import { type Streams, type Transmission, transmit } from '../../qkd/bb84/quantumChannel.js'
import { RandomStream } from '../../qkd/bb84/randomStream.js'
import { type Bb84Authentication, SiteAuthentication } from '../../qkd/bb84/siteAuthentication.js'
import { type Role, Transcript } from '../../qkd/bb84/transcript.js'

/** No fibre, no loss, and so weak a security parameter that a small block gives a key: a block takes a tenth of a second. */
const PARAMETERS = bb84Parameters({
  fibre: { lengthKm: 0 },
  source: { intensities: [1, 0.4, 2e-4], probabilities: [0.3, 0.5, 0.2], keyBasisProbability: 0.7 },
  detector: { efficiency: 1, receiverLossDb: 0 },
  security: { epsilonSecrecy: 1e-2, epsilonCorrectness: 1e-6 },
})
const PULSES = 80_000
/** The pulses are the same in every run: of blocks as small as these, one in fifty gives no key. */
const SEED = utf8('pulses of the timeline')

/** How both sites authenticate, block after block. */
export type Sites = Readonly<Record<Role, SiteAuthentication>>

export function sitesWith(authentication: Bb84Authentication): Sites {
  return {
    alice: new SiteAuthentication('alice', authentication),
    bob: new SiteAuthentication('bob', authentication),
  }
}

/** What came of a block: a key at either end, or none. */
export interface Block {
  readonly alice: Uint8Array | null
  readonly bob: Uint8Array | null
  /** All that was said on the classical channel. */
  readonly said: Uint8Array
}

/** @param pulses a name: the same one gives the same pulses, and the same choices in public */
export function honestBlock(sites: Sites, number: number, pulses: string): Block {
  return settle(sites, talk(sites, number, pulses))
}

export interface InterceptedBlock {
  readonly honest: Block
  /** What the man in the middle has of the keys of the two. */
  readonly isOpen: boolean
}

/** @param mallory his own proofs, made with what he stole: he is Bob to Alice, and Alice to Bob */
export function interceptedBlock(honest: Sites, mallory: Sites, number: number): InterceptedBlock {
  const near = settle(
    { alice: honest.alice, bob: mallory.bob },
    talk({ alice: honest.alice, bob: mallory.bob }, number, `${number} from Alice`),
  )
  const far = settle(
    { alice: mallory.alice, bob: honest.bob },
    talk({ alice: mallory.alice, bob: honest.bob }, number, `${number} to Bob`),
  )
  const isShared = ({ alice, bob }: Block) => alice !== null && bob !== null && equalBytes(alice, bob)
  return {
    honest: { alice: near.alice, bob: far.bob, said: concat(near.said, far.said) },
    isOpen: isShared(near) && isShared(far),
  }
}

function talk(sites: Sites, number: number, pulses: string): Block {
  const stream = (who: string): RandomStream => new RandomStream(SEED, `${pulses} ${who}`)
  const streams: Streams = { alice: stream('alice'), bob: stream('bob'), fibre: stream('fibre'), eve: stream('eve') }
  const sent = transmit({ parameters: PARAMETERS, pulses: PULSES, eavesdropping: 0, streams })
  const end = (role: Role) => endpoint(role, sites[role], number, sent, stream(`${role} in public`))
  const [alice, bob] = [end('alice'), end('bob')]
  const said: Uint8Array[] = []
  converse(alice, bob, (_, message) => {
    said.push(message)
    return message
  })
  return { alice: keyOf(alice), bob: keyOf(bob), said: concat(...said) }
}

function endpoint(
  role: Role,
  authentication: SiteAuthentication,
  block: number,
  sent: Transmission,
  random: RandomStream,
): Endpoint {
  const transcript = new Transcript(block)
  // A site without keys left would stop; here it goes on, and is believed by nobody.
  const authenticator = authentication.next() ?? NO_AUTHENTICATION
  const context = { block, pulses: PULSES, parameters: PARAMETERS, authenticator, transcript, random, facts: {} }
  const script =
    role === 'alice'
      ? (first: Uint8Array) => aliceBlock(context, preparationsOf(sent.prepared, PARAMETERS, random), first)
      : () => bobBlock(context, sent.detected)
  return new Endpoint({ role, block, transcript, script })
}

/** Each end that has a key sets aside from it what later blocks are authenticated with. */
function settle(sites: Sites, block: Block): Block {
  for (const role of ['alice', 'bob'] as const) {
    const key = block[role]
    if (key !== null) sites[role].settle(Uint8Array.from(key))
  }
  return block
}

function keyOf({ outcome }: Endpoint): Uint8Array | null {
  return outcome?.accepted === true ? Uint8Array.from(outcome.key) : null
}

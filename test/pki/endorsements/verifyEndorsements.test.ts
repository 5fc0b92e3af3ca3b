import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import {
  type Endorsement,
  type EndorsementFault,
  keyFingerprint,
  keyId,
  parseEndorsement,
  type VerifyEndorsementsOptions,
  verifyEndorsements,
} from '../../../src/pki/index.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'
import { DAY, introduce, NAME, NOW, person, vouch } from './web.js'

const key = (name: string) => person(name).publicKey
const keys = (...names: string[]) => names.map(key)
const print = (name: string) => keyFingerprint(key(name))

/** Does the key of `server` belong to NAME? Two of the introducers one, two and three must say so. */
function ask(endorsements: readonly Endorsement[], change: Partial<VerifyEndorsementsOptions> = {}) {
  return verifyEndorsements({
    subject: key('server'),
    name: NAME,
    purpose: 'server',
    introducers: keys('one', 'two', 'three'),
    threshold: 2,
    endorsements,
    time: NOW,
    crypto: PROVIDERS[1] as VerifyEndorsementsOptions['crypto'],
    ...change,
  })
}

const faults = (verdict: ReturnType<typeof ask>): EndorsementFault[] => verdict.faults.map(({ fault }) => fault)

/** With one bit of the signature turned over. */
function broken({ encoded }: Endorsement): Endorsement {
  return parseEndorsement(encoded.with(-1, (encoded.at(-1) as number) ^ 1))
}

/** The signature of another endorsement by the same key. */
function transplanted(to: Endorsement, from: Endorsement): Endorsement {
  const octets = to.encoded.slice()
  octets.set(from.signature, octets.length - from.signature.length)
  return parseEndorsement(octets)
}

describe.each(PROVIDERS)('$name: a key is accepted', (crypto) => {
  it.each<readonly [string, readonly Endorsement[], Partial<VerifyEndorsementsOptions>, string[][]]>([
    ['on the word of k introducers', [vouch('one', 'server'), vouch('two', 'server')], {}, [['one'], ['two']]],
    [
      'on the word of more of them',
      [vouch('three', 'server'), vouch('two', 'server'), vouch('one', 'server')],
      {},
      [['one'], ['two'], ['three']],
    ],
    ['as a client', [vouch('one', 'server'), vouch('two', 'server')], { purpose: 'client' }, [['one'], ['two']]],
    ['on the word of one, where one is enough', [vouch('two', 'server')], { threshold: 1 }, [['two']]],
    [
      'by way of somebody whom an introducer introduced',
      [vouch('one', 'server'), introduce('two', 'dave'), vouch('dave', 'server')],
      {},
      [['one'], ['two', 'dave']],
    ],
    [
      'by way of two, where that is allowed',
      [vouch('one', 'server'), introduce('two', 'dave', 2), introduce('dave', 'erin'), vouch('erin', 'server')],
      { maxDepth: 2 },
      [['one'], ['two', 'dave', 'erin']],
    ],
    [
      'although others have tried to spoil it',
      [vouch('mallory', 'server'), broken(vouch('one', 'server')), vouch('one', 'server'), vouch('two', 'server')],
      {},
      [['one'], ['two']],
    ],
    [
      'at the first and the last second of an endorsement',
      [vouch('one', 'server', { notBefore: NOW }), vouch('two', 'server', { notAfter: NOW })],
      {},
      [['one'], ['two']],
    ],
    [
      'under any spelling of its name',
      [vouch('one', 'server'), vouch('two', 'server')],
      { name: 'SERVER.example.' },
      [['one'], ['two']],
    ],
  ])('%s', (_title, endorsements, change, paths) => {
    const verdict = ask(endorsements, { crypto, ...change })
    expect(verdict).toMatchObject({ accepted: true, revoked: false })
    expect(verdict.paths).toEqual(paths.map((path) => path.map(print)))
  })
})

const one = vouch('one', 'server')
const two = vouch('two', 'server')

/** Each has one endorsement too few that counts; `wrong` is why the other does not. */
const ATTACKS: readonly (readonly [
  string,
  readonly Endorsement[],
  EndorsementFault[],
  Partial<VerifyEndorsementsOptions>?,
])[] = [
  ['k-1 introducers', [one], []],
  ['nobody', [], []],
  ['the same endorsement twice', [one, one, parseEndorsement(one.encoded)], []],
  ['one introducer with two endorsements', [one, vouch('one', 'server', { notAfter: NOW + DAY })], []],
  [
    'one introducer who is listed twice',
    [one, vouch('one', 'server', { notAfter: NOW + DAY })],
    [],
    { introducers: keys('one', 'one', 'two') },
  ],
  ['an endorsement that has expired', [one, vouch('two', 'server', { notAfter: NOW - 1000 })], ['expired']],
  ['an endorsement that is not valid yet', [one, vouch('two', 'server', { notBefore: NOW + 1000 })], ['not-yet-valid']],
  ['an endorsement for another name', [one, vouch('two', 'server', { name: 'other.example' })], ['other-name']],
  [
    'an endorsement for a name that begins like it',
    [one, vouch('two', 'server', { name: 'server.example.com' })],
    ['other-name'],
  ],
  ['an endorsement for a pattern of names', [one, vouch('two', 'server', { name: '*.example' })], ['other-name']],
  ['an endorsement of another key', [one, vouch('two', 'client')], ['other-key']],
  ['an endorsement as a client', [one, vouch('two', 'server', { purposes: ['client'] })], ['other-purpose']],
  ['an endorsement as an introducer', [one, vouch('two', 'server', { depth: 8 })], ['other-purpose']],
  ['an endorsement by a stranger', [one, vouch('mallory', 'server')], ['unknown-endorser']],
  ['an endorsement by itself', [one, selfEndorsed()], ['self-endorsement']],
  [
    'an endorsement by itself, although it is an introducer',
    [one, selfEndorsed()],
    ['self-endorsement'],
    { introducers: keys('one', 'two', 'server') },
  ],
  [
    'an endorsement by a friend whom it introduced',
    [one, introduce('two', 'server'), introduce('server', 'dave'), vouch('dave', 'server')],
    ['other-purpose', 'self-endorsement', 'unknown-endorser'],
    { maxDepth: 8 },
  ],
  ['an endorsement with a bit turned over', [one, broken(two)], ['bad-signature']],
  ['an endorsement with the signature of another', [one, transplanted(two, vouch('two', 'client'))], ['bad-signature']],
  [
    'an endorsement with the signature that made somebody an introducer',
    [one, transplanted(two, introduce('two', 'server'))],
    ['bad-signature'],
  ],
  ['an endorsement that an introducer has revoked', [one, two], ['revoked'], { revoked: [keyId(key('two'))] }],
  [
    'an introduction that does not verify',
    [one, broken(introduce('two', 'dave')), vouch('dave', 'server')],
    ['bad-signature', 'unknown-endorser'],
  ],
  [
    'an introduction that has expired',
    [one, introduce('two', 'dave', 1, { notAfter: NOW - DAY }), vouch('dave', 'server')],
    ['expired', 'unknown-endorser'],
  ],
  [
    'an introduction by a stranger',
    [one, introduce('mallory', 'dave'), vouch('dave', 'server')],
    ['unknown-endorser', 'unknown-endorser'],
  ],
  [
    'somebody who is endorsed as a peer only',
    [one, vouch('two', 'dave'), vouch('dave', 'server')],
    ['other-key', 'unknown-endorser'],
  ],
  [
    'somebody introduced who is revoked',
    [one, introduce('two', 'dave'), vouch('dave', 'server')],
    ['revoked', 'revoked'],
    { revoked: [keyId(key('dave'))] },
  ],
  [
    'somebody introduced, where only introducers themselves count',
    [one, introduce('two', 'dave'), vouch('dave', 'server')],
    ['depth-exceeded', 'depth-exceeded'],
    { maxDepth: 0 },
  ],
  [
    'a chain longer than the verifier allows',
    [one, introduce('two', 'dave', 8), introduce('dave', 'erin', 8), vouch('erin', 'server')],
    ['depth-exceeded', 'depth-exceeded'],
  ],
  [
    'a chain longer than its introducer allows',
    [one, introduce('two', 'dave', 1), introduce('dave', 'erin', 8), vouch('erin', 'server')],
    ['depth-exceeded', 'depth-exceeded'],
    { maxDepth: 8 },
  ],
  [
    'a circle of strangers',
    [one, introduce('dave', 'erin', 8), introduce('erin', 'dave', 8), vouch('erin', 'server')],
    ['unknown-endorser', 'unknown-endorser', 'unknown-endorser'],
    { maxDepth: 8 },
  ],
  ['one introduced by two', [introduce('one', 'dave'), introduce('two', 'dave'), vouch('dave', 'server')], []],
  ['one introduced by an introducer who vouches too', [one, introduce('one', 'dave'), vouch('dave', 'server')], []],
  [
    'many introduced by one',
    [
      introduce('one', 'dave'),
      introduce('one', 'erin'),
      introduce('one', 'frank'),
      ...['dave', 'erin', 'frank'].map((name) => vouch(name, 'server')),
    ],
    [],
  ],
  [
    'many whose ways meet in one',
    [
      introduce('one', 'dave', 2),
      introduce('two', 'dave', 2),
      introduce('dave', 'erin'),
      introduce('dave', 'frank'),
      vouch('erin', 'server'),
      vouch('frank', 'server'),
    ],
    [],
    { maxDepth: 2 },
  ],
]

describe.each(PROVIDERS)('$name: a key is not accepted on the word of', (crypto) => {
  it.each(ATTACKS.map((attack) => ({ title: attack[0], attack })))('$title', ({ attack }) => {
    const [, endorsements, expected, change = {}] = attack
    const verdict = ask(endorsements, { crypto, ...change })
    expect(verdict.accepted).toBe(false)
    expect(verdict.paths.length).toBeLessThan(2)
    expect(faults(verdict)).toEqual(expected)
  })
})

describe('verifyEndorsements', () => {
  it('accepts a revoked key on the word of nobody, and says so', () => {
    const verdict = ask([one, two], { revoked: [keyId(key('server'))] })
    expect(verdict).toMatchObject({ accepted: false, revoked: true })
    expect(faults(verdict)).toEqual(['revoked', 'revoked'])
  })

  it('finds ways that do not meet where the first way found would block them', () => {
    const web = [
      introduce('one', 'dave'),
      introduce('one', 'erin'),
      introduce('two', 'dave'),
      vouch('dave', 'server'),
      vouch('erin', 'server'),
    ]
    expect(ask(web).paths).toEqual(
      [
        ['one', 'erin'],
        ['two', 'dave'],
      ].map((path) => path.map(print)),
    )
  })

  it('lets somebody count by the longest way that anybody allows', () => {
    const web = [
      introduce('one', 'dave', 1),
      introduce('two', 'dave', 3),
      introduce('dave', 'erin', 1),
      vouch('erin', 'server'),
    ]
    expect(ask(web, { maxDepth: 3, threshold: 1 }).paths).toEqual([['two', 'dave', 'erin'].map(print)])
  })

  it('gets through a maze', () => {
    const names = Array.from({ length: 8 }, (_, i) => `maze ${i}`.replace(' ', '-'))
    const maze = names.flatMap((from) => names.filter((to) => to !== from).map((to) => introduce(from, to, 8)))
    const web = [
      introduce('one', 'maze-0', 8),
      introduce('two', 'maze-1', 8),
      ...maze,
      vouch('maze-6', 'server'),
      vouch('maze-7', 'server'),
    ]
    expect(ask(web, { maxDepth: 8 }).accepted).toBe(true)
    expect(ask(web, { maxDepth: 1 }).accepted).toBe(false)
  })

  it.each<readonly [string, Partial<VerifyEndorsementsOptions>]>([
    ['a threshold of 0', { threshold: 0 }],
    ['a threshold of 1.5', { threshold: 1.5 }],
    ['a threshold that is not a number', { threshold: Number.NaN }],
    ['a threshold above the number of introducers', { threshold: 4 }],
    ['a threshold above the number of different introducers', { introducers: keys('one', 'one'), threshold: 2 }],
    ['no introducers', { introducers: [], threshold: 1 }],
    ['a depth below 0', { maxDepth: -1 }],
    ['a depth above 8', { maxDepth: 9 }],
    ['more than 1,024 endorsements', { endorsements: Array(1025).fill(one) }],
    ['a name that is none', { name: 'two words' }],
  ])('refuses %s', (_title, change) => {
    expect(refusal(() => ask([one, two], change))).toBe('ERR_INVALID_OPTION')
  })

  it('gives the same verdict in any order', () => {
    const web = [one, introduce('two', 'dave'), vouch('dave', 'server'), vouch('mallory', 'server'), broken(two)]
    const { paths } = ask(web)
    fc.assert(
      fc.property(fc.shuffledSubarray(web, { minLength: web.length }), (shuffled) => {
        expect(ask(shuffled).paths).toEqual(paths)
      }),
      { numRuns: 20 },
    )
  })
})

/** `endorse` makes none: what somebody else's program may write. */
function selfEndorsed(): Endorsement {
  const { statement, encoded } = vouch('server', 'client')
  const octets = encoded.slice()
  octets.set(key('server').der, 35)
  octets.set(statement.subarray(0, 35), 0)
  const unsigned = parseEndorsement(octets)
  const signature = person('server').key.sign(
    'mldsa44',
    new Uint8Array([...new TextEncoder().encode('Trefoil endorsement, version 1\0'), ...unsigned.statement]),
  )
  octets.set(signature, octets.length - signature.length)
  return parseEndorsement(octets)
}

it('a verdict is thrown by nothing that an endorsement holds', () => {
  expect(() => ask([broken(one), selfEndorsed(), vouch('mallory', 'client')])).not.toThrow(TrefoilError)
})

/** Several PSKs under one identity, and an identity that stands for none: what the core makes of a driver's answers. */
import { expect, it } from 'vitest'
import type { PskAlternative, RequestHandlers } from '../../../src/tls/index.js'
import { wipeLateAnswer } from '../../../src/tls/lateAnswer.js'
import { attackServer, expectComplete, expectRefusal, knowing, offering, PSK } from '../../support/attack.js'

const alternatives = (...octets: number[]): PskAlternative[] =>
  octets.map((octet) => ({ psk: new Uint8Array(32).fill(octet), source: `key ${octet}` }))

/** A client with the PSK of fives, against these answers. */
function meet(answer: PskAlternative[], selectPsk: RequestHandlers['selectPsk'] = knowing([PSK]).selectPsk as never) {
  return attackServer({ clientHandlers: offering([PSK]), serverHandlers: { selectPsk, fetchPsk: () => answer } })
}
const wiped = (answer: readonly PskAlternative[]) => answer.every(({ psk }) => psk.every((octet) => octet === 0))

it.each([[[5]], [[5, 6]], [[6, 5]], [[6, 7, 8, 5]]])(
  "of the alternatives %j the client's is used, its note reported, and all are wiped",
  (octets) => {
    const answer = alternatives(...octets)
    const outcome = meet(answer)
    expectComplete(outcome)
    expect(outcome.target.summary?.psk).toMatchObject({ kind: 'external', source: 'key 5' })
    expect(wiped(answer)).toBe(true)
  },
)

it.each([[[6, 7]], [[]]])('where none of %j is, the binder is wrong', (octets) => {
  const answer = alternatives(...octets)
  expectRefusal(meet(answer), 'ERR_BAD_BINDER', 'decrypt_error')
  expect(wiped(answer)).toBe(true)
})

it('a decoy is refused whatever its PSK, even the right one, and with the alert of a wrong binder', () => {
  for (const octet of [5, 6]) {
    const answer = alternatives(octet)
    const decoy = {
      index: 0,
      hash: 'SHA-256',
      kind: 'external',
      withCertificate: false,
      decoy: true,
      source: 0,
    } as const
    expectRefusal(
      meet(answer, () => decoy),
      'ERR_UNKNOWN_PSK_IDENTITY',
      'decrypt_error',
    )
    expect(wiped(answer)).toBe(true)
  }
})

it('alternatives that come when the connection has ended are wiped', () => {
  const answer = alternatives(5, 6)
  wipeLateAnswer('fetchPsk', answer)
  expect(wiped(answer)).toBe(true)
})

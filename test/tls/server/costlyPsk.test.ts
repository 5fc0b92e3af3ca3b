/** A PSK whose fetching uses up a key is fetched last: whatever can refuse the hello without it refuses first. */
import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import { type ErrorCode, TrefoilError } from '../../../src/errors.js'
import { decodeClientKeyShares, encodeClientKeyShares } from '../../../src/tls/extensions/keyShare.js'
import { decodeOfferedPsks, encodeOfferedPsks } from '../../../src/tls/extensions/preSharedKey.js'
import type { PskSelection, RequestHandlers, RequestType } from '../../../src/tls/index.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import {
  type AttackOptions,
  attackServer,
  ed25519Credential,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { clientHello, extensionData, having } from '../../support/hellos.js'

/** Handlers for the known PSK, each noting that it was asked. */
function noting(costsKey: boolean, more: Partial<RequestHandlers> = {}) {
  const asked: RequestType[] = []
  const known = knowing([PSK])
  const note = <T extends (request: never) => unknown>(type: RequestType, handler: T) =>
    ((request: never) => {
      asked.push(type)
      return handler(request)
    }) as unknown as T
  const handlers: Partial<RequestHandlers> = {
    selectPsk: (request) => {
      const selection = known.selectPsk?.(request) as PskSelection | null
      return selection && { ...selection, costsKey }
    },
    fetchPsk: note('fetchPsk', known.fetchPsk as RequestHandlers['fetchPsk']),
    selectCertificate: note('selectCertificate', more.selectCertificate ?? (() => ed25519Credential)),
  }
  return { asked, handlers }
}

const badShare = (hello: ClientHello): ClientHello => {
  // A point of small order (RFC 7748 6.1): the shared secret would be zero.
  const shares = decodeClientKeyShares(extensionData(hello, 'key_share')).map((share) =>
    share.group === 0x1d ? { ...share, keyExchange: new Uint8Array(32) } : share,
  )
  return having(hello, 'key_share', encodeClientKeyShares(shares))
}
const binders = (edit: (binder: Uint8Array) => Uint8Array) => (hello: ClientHello) => {
  const offered = decodeOfferedPsks(extensionData(hello, 'pre_shared_key'))
  return having(hello, 'pre_shared_key', encodeOfferedPsks({ ...offered, binders: offered.binders.map(edit) }))
}
const unnamed = () => {
  throw new TrefoilError('ERR_UNRECOGNIZED_NAME', 'no certificate for that name')
}

interface Refusal {
  readonly title: string
  readonly code: ErrorCode
  readonly alert: AlertName
  readonly withCertificate?: boolean
  readonly edit?: (hello: ClientHello) => ClientHello
  readonly selectCertificate?: RequestHandlers['selectCertificate']
}

describe('a PSK that costs a key', () => {
  const REFUSALS: Refusal[] = [
    { title: 'a key share that is none', edit: badShare, code: 'ERR_BAD_KEY_SHARE', alert: 'illegal_parameter' },
    {
      title: 'a binder that is too long for the hash',
      edit: binders((binder) => Uint8Array.of(...binder, 0)),
      code: 'ERR_BAD_BINDER',
      alert: 'decrypt_error',
    },
    {
      title: 'a binder of the length of another hash',
      withCertificate: true,
      edit: binders((binder) => Uint8Array.of(...binder, ...new Uint8Array(16))),
      code: 'ERR_BAD_BINDER_WITH_CERTIFICATE',
      alert: 'illegal_parameter',
    },
    {
      title: 'a server name without a certificate',
      withCertificate: true,
      selectCertificate: unnamed,
      code: 'ERR_UNRECOGNIZED_NAME',
      alert: 'unrecognized_name',
    },
    {
      title: 'no certificate that the client can verify',
      withCertificate: true,
      selectCertificate: () => null,
      code: 'ERR_NO_COMMON_SIGNATURE_SCHEME',
      alert: 'handshake_failure',
    },
  ]
  it.each(REFUSALS)('is not fetched for a hello with $title', ({ code, alert, withCertificate = false, ...wrong }) => {
    const { asked, handlers } = noting(true, wrong)
    const outcome = attackServer({
      clientHandlers: offering([PSK], { withCertificate }),
      serverHandlers: handlers,
      ...(wrong.edit && { script: clientHello(wrong.edit) }),
    })
    expectRefusal(outcome, code, alert)
    expect(asked).not.toContain('fetchPsk')
  })

  const order = (costsKey: boolean, options: AttackOptions = {}) => {
    const { asked, handlers } = noting(costsKey)
    const withCertificate = true
    const outcome = attackServer({
      clientHandlers: offering([PSK], { withCertificate }),
      serverHandlers: handlers,
      ...options,
    })
    return { outcome, asked }
  }

  it('is fetched after the certificate was chosen, and the handshake is as any other', () => {
    const { outcome, asked } = order(true)
    expectComplete(outcome)
    expect(asked).toEqual(['selectCertificate', 'fetchPsk'])
  })

  it('is fetched once, for the second hello, where there is a retry', () => {
    const { outcome, asked } = order(true, { server: { alwaysRetry: true, cookieKey: new Uint8Array(32) } })
    expectComplete(outcome)
    expect(asked).toEqual(['selectCertificate', 'fetchPsk'])
  })

  it('leaves the order as it was for one that costs nothing: a wrong binder is found before anything is made', () => {
    expect(order(false).asked).toEqual(['fetchPsk', 'selectCertificate'])
    const wrong = order(false, { script: clientHello(binders((binder) => binder.map((octet) => octet ^ 1))) })
    expectRefusal(wrong.outcome, 'ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter')
    expect(wrong.asked).toEqual(['fetchPsk'])
  })

  it('that is not to be had leaves what was made for it to the certificate', () => {
    const { asked, handlers } = noting(true)
    const outcome = attackServer({
      clientHandlers: offering([PSK], { withCertificate: true, required: false }),
      serverHandlers: { ...handlers, fetchPsk: () => null },
    })
    expectComplete(outcome)
    expect(asked).toEqual(['selectCertificate'])
    expect(outcome.target.summary?.psk).toBeNull()
  })
})

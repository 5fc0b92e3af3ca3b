import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import type { ErrorCode } from '../../../src/errors.js'
import { decodeOfferedPsks, encodeOfferedPsks, type OfferedPsks } from '../../../src/tls/extensions/preSharedKey.js'
import type { OfferedPsk, PskSelection, RequestHandlers } from '../../../src/tls/index.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import {
  type AttackOptions,
  attackServer,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
  type PskModes,
} from '../../support/attack.js'
import { clientHello, extensionData, having, signAgain, without } from '../../support/hellos.js'
import type { Script } from '../../support/scriptedPeer.js'

const ALONE: PskModes = {}
const WITH_CERTIFICATE: PskModes = { withCertificate: true }
const OTHER: OfferedPsk = { ...PSK, identity: Uint8Array.of(1, 2, 3), psk: new Uint8Array(32).fill(6) }

function options(modes: PskModes, psks: readonly OfferedPsk[] = [PSK]): AttackOptions {
  return { clientHandlers: offering(psks, modes), serverHandlers: knowing(psks) }
}

function refuses(script: Script, modes: PskModes, code: ErrorCode, alert: AlertName): void {
  const outcome = attackServer({ ...options(modes), script })
  expectRefusal(outcome, code, alert)
  expect(outcome.peer.transitions).toEqual([])
}

const psks = (edit: (offered: OfferedPsks) => OfferedPsks) => (hello: ClientHello) => {
  return having(
    hello,
    'pre_shared_key',
    encodeOfferedPsks(edit(decodeOfferedPsks(extensionData(hello, 'pre_shared_key')))),
  )
}
const flip = (data: Uint8Array) => data.with(0, (data[0] as number) ^ 1)

describe('a server that is offered a pre-shared key', () => {
  it.each([0, 7, 31])('refuses a binder that is wrong in octet %i with decrypt_error', (at) => {
    const wrong = psks(({ identities, binders }) => ({
      identities,
      binders: binders.map((binder) => binder.with(at, (binder[at] as number) ^ 0x80)),
    }))
    refuses(clientHello(wrong), ALONE, 'ERR_BAD_BINDER', 'decrypt_error')
  })

  it('refuses it with illegal_parameter where a certificate is to come too (RFC 9973 5.1)', () => {
    const wrong = psks(({ identities, binders }) => ({ identities, binders: binders.map(flip) }))
    refuses(clientHello(wrong), WITH_CERTIFICATE, 'ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter')
  })

  it('refuses a binder under another label: external, imported and resumption keys are not one another', () => {
    for (const kind of ['imported', 'resumption'] as const) {
      const outcome = attackServer({ clientHandlers: offering([{ ...PSK, kind }]), serverHandlers: knowing([PSK]) })
      expectRefusal(outcome, 'ERR_BAD_BINDER', 'decrypt_error')
    }
  })

  it('refuses a binder by another key of the same identity', () => {
    const other = { ...PSK, psk: PSK.psk.with(31, 6) }
    const outcome = attackServer({ clientHandlers: offering([other]), serverHandlers: knowing([PSK]) })
    expectRefusal(outcome, 'ERR_BAD_BINDER', 'decrypt_error')
  })

  it('refuses a hello that was changed after the binder was made', () => {
    const changed = clientHello((hello) => ({ ...hello, random: flip(hello.random) }))
    refuses(changed, ALONE, 'ERR_BAD_BINDER', 'decrypt_error')
  })

  it('takes a binder of another length for a wrong one', () => {
    const longer = psks(({ identities }) => ({ identities, binders: [new Uint8Array(48)] }))
    refuses(clientHello(longer), ALONE, 'ERR_BAD_BINDER', 'decrypt_error')
  })

  it('looks only at the binder of the identity that it selects', () => {
    const script: Script = ({ type, bytes }, peer) => {
      if (type !== 'client_hello') return bytes
      // Only the second binder is made with the real key.
      return signAgain(bytes, peer, [{ ...OTHER, psk: new Uint8Array(32) }, PSK])
    }
    const outcome = attackServer({
      clientHandlers: offering([OTHER, PSK]),
      serverHandlers: knowing([PSK]),
      script,
    })
    expectComplete(outcome)
    expect(outcome.target.summary?.psk?.identity).toEqual(PSK.identity)
  })

  it.each([
    ['fewer', (binders: readonly Uint8Array[]) => binders.slice(1)],
    ['more', (binders: readonly Uint8Array[]) => [...binders, new Uint8Array(32)]],
  ] as const)('refuses %s binders than identities with illegal_parameter', (_title, change) => {
    const edit = psks(({ identities, binders }) => ({ identities, binders: change(binders) }))
    const outcome = attackServer({ ...options(ALONE, [PSK, OTHER]), script: clientHello(edit) })
    expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })

  it('refuses pre_shared_key before another extension with illegal_parameter', () => {
    const move = (hello: ClientHello) => ({
      ...hello,
      extensions: [hello.extensions.at(-1) as never, ...hello.extensions.slice(0, -1)],
    })
    refuses(clientHello(move), ALONE, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })

  it('refuses pre_shared_key without psk_key_exchange_modes with missing_extension', () => {
    const edit = (hello: ClientHello) => without(hello, 'psk_key_exchange_modes')
    refuses(clientHello(edit, { psks: [PSK] }), ALONE, 'ERR_MISSING_EXTENSION', 'missing_extension')
  })

  it.each([
    ['no identities', [0, 0, 0, 33, 32, ...new Uint8Array(32)]],
    ['an empty identity', [0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 33, 32, ...new Uint8Array(32)]],
    ['no binders', [0, 7, 0, 1, 1, 0, 0, 0, 0, 0, 0]],
    ['a binder of 31 octets', [0, 7, 0, 1, 1, 0, 0, 0, 0, 0, 32, 31, ...new Uint8Array(31)]],
    ['left-over octets', [0, 7, 0, 1, 1, 0, 0, 0, 0, 0, 33, 32, ...new Uint8Array(33)]],
  ])('refuses %s with decode_error', (_title, body) => {
    refuses(
      clientHello((hello) => having(hello, 'pre_shared_key', body)),
      ALONE,
      'ERR_DECODE',
      'decode_error',
    )
  })

  it('never uses psk_ke: a client that lists it alone gets a certificate, or missing_extension if it cannot', () => {
    const keOnly = (hello: ClientHello) => having(hello, 'psk_key_exchange_modes', [1, 0])
    // The scripted client wants its key used; the server cannot know and goes on.
    const fallback = attackServer({
      clientHandlers: offering([PSK], { required: false }),
      serverHandlers: knowing([PSK]),
      script: clientHello(keOnly, { psks: [PSK] }),
    })
    expectComplete(fallback)
    expect(fallback.target.summary?.psk).toBeNull()
    refuses(clientHello(keOnly, { psks: [PSK] }), ALONE, 'ERR_MISSING_EXTENSION', 'missing_extension')
  })

  it('takes no part in the suites of another hash', () => {
    const sha384 = { ...PSK, hash: 'SHA-384' as const, psk: new Uint8Array(48).fill(1) }
    for (const [psk, suite] of [
      [PSK, 'TLS_CHACHA20_POLY1305_SHA256'],
      [sha384, 'TLS_AES_256_GCM_SHA384'],
    ] as const) {
      const outcome = attackServer(options(ALONE, [psk]))
      expectComplete(outcome)
      expect(outcome.target.summary?.cipherSuite).toBe(suite)
    }
  })
})

describe('a server that is offered a key together with a certificate (RFC 9973)', () => {
  it.each([
    ['key_share and supported_groups', ['key_share', 'supported_groups']],
    ['signature_algorithms', ['signature_algorithms']],
    ['psk_key_exchange_modes', ['psk_key_exchange_modes']],
    ['pre_shared_key', ['pre_shared_key']],
  ] as const)('refuses tls_cert_with_extern_psk without %s with missing_extension', (_title, names) => {
    const withoutIts = (hello: ClientHello) => without(hello, ...names)
    refuses(
      names[0] === 'pre_shared_key' ? clientHello(withoutIts) : clientHello(withoutIts, { psks: [PSK] }),
      WITH_CERTIFICATE,
      'ERR_MISSING_EXTENSION',
      'missing_extension',
    )
  })

  it.each<readonly [string, (hello: ClientHello) => ClientHello]>([
    ['psk_ke alone', (hello) => having(hello, 'psk_key_exchange_modes', [1, 0])],
    ['early data', (hello) => having(hello, 'early_data', [])],
  ])('refuses it together with %s with illegal_parameter', (_title, edit) => {
    refuses(clientHello(edit, { psks: [PSK] }), WITH_CERTIFICATE, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })

  it('refuses a body that is not empty with decode_error', () => {
    const edit = (hello: ClientHello) => having(hello, 'tls_cert_with_extern_psk', [0])
    refuses(clientHello(edit, { psks: [PSK] }), WITH_CERTIFICATE, 'ERR_DECODE', 'decode_error')
  })

  it('refuses a ticket in the list with illegal_parameter', () => {
    const ticket = { ...PSK, kind: 'resumption' as const }
    // An honest client of ours would not send it: it believes the key is external, the server knows better.
    const outcome = attackServer({
      clientHandlers: offering([PSK], WITH_CERTIFICATE),
      serverHandlers: knowing([ticket]),
    })
    expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })
})

describe('a server goes on without a key that is not to be had', () => {
  it('to the next identity, and asks for none twice', () => {
    const excluded: (readonly number[])[] = []
    const known = knowing([OTHER, PSK])
    const outcome = attackServer({
      clientHandlers: offering([OTHER, PSK]),
      serverHandlers: {
        selectPsk: (request) => {
          excluded.push(request.excluded)
          return known.selectPsk?.(request) as PskSelection | null
        },
        fetchPsk: (request) => (request.selection.index === 0 ? null : (known.fetchPsk?.(request) as Uint8Array)),
      },
    })
    expectComplete(outcome)
    expect(excluded).toEqual([[], [0]])
    expect(outcome.target.summary?.psk?.identity).toEqual(PSK.identity)
  })

  it('to a certificate, if the client can verify one', () => {
    const outcome = attackServer({
      clientHandlers: offering([PSK], { required: false }),
      serverHandlers: { ...knowing([PSK]), fetchPsk: () => null },
    })
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({ psk: null, localSignatureScheme: 'ed25519' })
  })

  it('or refuses with missing_extension, if it cannot', () => {
    const outcome = attackServer({ ...options(ALONE), serverHandlers: { ...knowing([PSK]), fetchPsk: () => null } })
    expectRefusal(outcome, 'ERR_MISSING_EXTENSION', 'missing_extension')
  })
})

describe('a driver that selects what was not offered is stopped before anything is sent', () => {
  const selection: PskSelection = { index: 0, hash: 'SHA-256', kind: 'external', withCertificate: false, source: null }

  it.each<readonly [string, RequestHandlers['selectPsk']]>([
    ['an index beyond the list', () => ({ ...selection, index: 1 })],
    ['a negative index', () => ({ ...selection, index: -1 })],
    ['half an index', () => ({ ...selection, index: 0.5 })],
    ['an identity that was tried already', () => selection],
    ['a certificate that the client did not offer to verify with it', () => ({ ...selection, withCertificate: true })],
  ])('%s', (_title, selectPsk) => {
    const outcome = attackServer({ ...options(ALONE), serverHandlers: { selectPsk, fetchPsk: () => null } })
    expectRefusal(outcome, 'ERR_INTERNAL', 'internal_error')
  })

  it('a hash that goes with no suite in common', () => {
    const outcome = attackServer({
      ...options(ALONE),
      client: { cipherSuites: ['TLS_AES_128_GCM_SHA256'] },
      serverHandlers: { selectPsk: () => ({ ...selection, hash: 'SHA-384' }), fetchPsk: () => null },
    })
    expectRefusal(outcome, 'ERR_INTERNAL', 'internal_error')
  })
})

// Hellos whose extensions break the rules of pre_shared_key (RFC 9846 4.3.11) and tls_cert_with_extern_psk (RFC 9973 5).
import { addExtension, concat, Extension, fromHex, onHello, withExtension } from './alter.mjs'
import { authPsk, certificates, hashOf, makeInputs, qkdPsk, SUITES, tickets } from './inputs.mjs'
import { seeded } from './seeded.mjs'

const [AES256] = SUITES
const NOTHING = new Uint8Array(0)
/** The client offers this one suite, and so one identity, with a binder of 48 octets after two lengths. */
const ONE = { cipherSuites: [AES256] }

export function badExtensions() {
  return [...ofClients(), ...ofServers()]
}

function ofClients() {
  const bad = (id, what, error, edit, inputs) => ({
    id,
    title: `ClientHello: ${what}`,
    refused: { by: 'server', error },
    alteration: { by: 'client', what },
    inputs: makeInputs({ id, suite: AES256, group: 'x25519', ...inputs(id) }),
    substitute: onHello('client', edit),
  })
  const psk = (id) => ({ psks: [authPsk(id)], client: ONE, server: { pskRequired: 'psk' } })
  const without = (type) => withExtension(type, () => null)
  const appended = (hello) => ({ ...hello, extensions: [...hello.extensions, { type: 0x1234, data: NOTHING }] })
  return [
    bad('psk-not-last', 'pre_shared_key is not the last extension', 'ERR_ILLEGAL_PARAMETER', appended, psk),
    bad(
      'psk-without-modes',
      'pre_shared_key without psk_key_exchange_modes',
      'ERR_MISSING_EXTENSION',
      without(Extension.pskModes),
      psk,
    ),
    bad(
      'psk-binder-missing',
      'an identity without a binder',
      'ERR_DECODE',
      withExtension(Extension.preSharedKey, (data) => concat(data.slice(0, -51), fromHex('0000'))),
      psk,
    ),
    bad(
      'psk-binders-too-many',
      'more binders than identities',
      'ERR_ILLEGAL_PARAMETER',
      withExtension(Extension.preSharedKey, twoBinders),
      psk,
    ),
    bad(
      'psk-extension-twice',
      'an extension that stands there twice',
      'ERR_ILLEGAL_PARAMETER',
      addExtension(Extension.pskModes, fromHex('0101')),
      psk,
    ),
    bad('no-key-share', 'no key_share', 'ERR_MISSING_EXTENSION', without(Extension.keyShare), psk),
    bad(
      'certificate-extension-without-psk',
      'tls_cert_with_extern_psk without pre_shared_key',
      'ERR_MISSING_EXTENSION',
      without(Extension.preSharedKey),
      together,
    ),
    bad(
      'certificate-extension-with-ticket',
      'tls_cert_with_extern_psk beside a ticket',
      'ERR_ILLEGAL_PARAMETER',
      addExtension(Extension.withCertificate, NOTHING),
      ticket,
    ),
  ]
}

function ofServers() {
  const bad = (id, what, error, edit, inputs) => ({
    id,
    title: `ServerHello: ${what}`,
    refused: { by: 'client', error },
    alteration: { by: 'server', what },
    inputs: makeInputs({ id, suite: AES256, group: 'x25519', ...inputs(id) }),
    substitute: onHello('server', edit),
  })
  const psk = (id) => ({ psks: [authPsk(id)], client: ONE, server: { pskRequired: 'psk' } })
  return [
    bad(
      'server-certificate-extension-unasked',
      'tls_cert_with_extern_psk, which was not offered',
      'ERR_UNSUPPORTED_EXTENSION',
      addExtension(Extension.withCertificate, NOTHING),
      psk,
    ),
    bad(
      'server-certificate-extension-alone',
      'tls_cert_with_extern_psk without pre_shared_key',
      'ERR_ILLEGAL_PARAMETER',
      withExtension(Extension.preSharedKey, () => null),
      together,
    ),
  ]
}

function together(id) {
  const { client, server } = certificates('mldsa44')
  return {
    psks: [qkdPsk(id)],
    client: { ...client, ...ONE, withCertificate: true },
    server: { ...server, withCertificate: true, pskRequired: 'qkd' },
  }
}

function ticket(id) {
  const [{ ticket: identity, ageAdd }] = tickets(id, 1)
  const kept = { type: 'resumption', hash: hashOf(AES256), identity, psk: seeded(`${id}: PSK`, 48) }
  const { client, server } = certificates('mldsa44')
  return {
    psks: [{ ...kept, ticketAgeAdd: ageAdd, ticketAge: 1000 }],
    serverPsks: [kept],
    client: { ...client, ...ONE, pskRequired: false },
    server,
  }
}

/** The one binder, twice. */
function twoBinders(data) {
  const binder = data.slice(-49)
  return concat(data.slice(0, -51), fromHex('0062'), binder, binder)
}

// HelloRetryRequest, and what either end must not make of it (RFC 9846 sections 4.2.2 and 4.2.4).
import { clientShare, Extension, flipped, fromHex, onHello, serverShare, withExtension } from './alter.mjs'
import { authPsk, makeInputs, SUITES } from './inputs.mjs'
import { seeded } from './seeded.mjs'

const [AES256, , AES128] = SUITES
const TLS_AES_128_GCM_SHA256 = 0x1301
const X25519 = '001d'

export function badRetries() {
  return [...badSecondHellos(), ...badServers()]
}

/** A retry from x25519 to secp256r1 under an auth PSK: small, and the same rules. */
function retried(id, { cookie = false, ...rest } = {}) {
  const server = {
    pskRequired: 'psk',
    ...(cookie ? { cookieKey: seeded(`${id}: cookie key`, 32) } : {}),
    ...rest.server,
  }
  return makeInputs({
    id,
    suite: AES256,
    group: 'secp256r1',
    firstGroup: 'x25519',
    psks: [authPsk(id)],
    ...rest,
    server,
  })
}

function badSecondHellos() {
  const bad = (id, what, edit, options) => ({
    id,
    title: `Second ClientHello: ${what}`,
    refused: { by: 'server', error: 'ERR_ILLEGAL_PARAMETER' },
    alteration: { by: 'client', what: `second ClientHello: ${what}` },
    inputs: retried(id, options),
    substitute: onHello('client', edit, 1),
  })
  return [
    bad(
      'second-hello-group',
      'a share for another group than the retry asks for',
      clientShare(() => ({ group: 0x001d, keyExchange: fromHex(seeded('second-hello-group: share', 32)) })),
    ),
    bad('second-hello-suite', 'the suite of the retry is not offered any more', (hello) => ({
      ...hello,
      cipherSuites: [TLS_AES_128_GCM_SHA256],
    })),
    bad('second-hello-random', 'another random', (hello) => ({ ...hello, random: flipped(hello.random) })),
    bad(
      'second-hello-cookie',
      'another cookie',
      withExtension(Extension.cookie, (data) => flipped(data)),
      { cookie: true },
    ),
    bad(
      'second-hello-no-cookie',
      'no cookie',
      withExtension(Extension.cookie, () => null),
      { cookie: true },
    ),
  ]
}

function badServers() {
  const bad = (id, what, substitute, error = 'ERR_ILLEGAL_PARAMETER', inputs = retried(id)) => ({
    id,
    title: `Server: ${what}`,
    refused: { by: 'client', error },
    alteration: { by: 'server', what },
    inputs,
    substitute,
  })
  const toGroup = (hex) => withExtension(Extension.keyShare, () => fromHex(hex))
  return [
    bad(
      'retry-suite-changed',
      'ServerHello with a weaker suite than the retry before it',
      onHello('server', (hello) => ({ ...hello, cipherSuite: TLS_AES_128_GCM_SHA256 }), 1),
    ),
    bad(
      'retry-group-changed',
      'ServerHello with a share for another group than the retry asked for',
      onHello(
        'server',
        serverShare(() => ({ group: 0x001d, keyExchange: fromHex(seeded('retry-group-changed: share', 32)) })),
        1,
      ),
    ),
    bad('retry-twice', 'a second HelloRetryRequest', again(), 'ERR_UNEXPECTED_MESSAGE'),
    bad(
      'retry-same-group',
      'HelloRetryRequest for the group that the client has sent a share for',
      onHello('server', toGroup(X25519)),
    ),
    bad(
      'retry-foreign-group',
      'HelloRetryRequest for a group that the client does not offer',
      onHello('server', toGroup('0019')),
    ),
    bad(
      'retry-for-nothing',
      'HelloRetryRequest that changes nothing',
      onHello(
        'server',
        withExtension(Extension.keyShare, () => null),
      ),
    ),
    bad(
      'retry-suite-not-offered',
      'HelloRetryRequest with a suite that the client does not offer',
      onHello('server', (hello) => ({ ...hello, cipherSuite: TLS_AES_128_GCM_SHA256 })),
      'ERR_ILLEGAL_PARAMETER',
      retried('retry-suite-not-offered', { client: { cipherSuites: [AES256] } }),
    ),
    bad(
      'retry-suite-without-psk',
      'HelloRetryRequest with a suite that the one required PSK has not the hash of',
      onHello('server', (hello) => ({ ...hello, cipherSuite: TLS_AES_128_GCM_SHA256 })),
      'ERR_POLICY_PSK_NOT_MIXED',
      oneHash('retry-suite-without-psk'),
    ),
  ]
}

function oneHash(id) {
  const psk = { type: 'external', hash: 'SHA-384', identity: '70736b', psk: seeded(`${id}: external PSK`, 48) }
  return retried(id, { psks: [psk], client: { cipherSuites: [AES256, AES128] } })
}

/** Sends the first ServerHello message once more in place of the second. */
function again() {
  let first = null
  return onMessageOfServer((message) => {
    first ??= message
    return first
  })
}

const onMessageOfServer = (edit) => (message, from) => (from === 'server' && message[0] === 2 ? edit(message) : message)

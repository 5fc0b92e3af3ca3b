// Inputs of a handshake from the few things that matter about it.
import { TIME } from './identities.mjs'
import { seeded, seededKeyId, seededNumber } from './seeded.mjs'

export const SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']
export const HYBRIDS = ['X25519MLKEM768', 'SecP384r1MLKEM1024', 'SecP256r1MLKEM768']
export const CLASSICAL = ['x25519', 'secp256r1', 'secp384r1']
export const GROUPS = [...HYBRIDS, ...CLASSICAL]
export const SCHEMES = ['mldsa65', 'mldsa87', 'mldsa44']

const CURVES = {
  X25519MLKEM768: ['x25519PrivateKey', 32],
  SecP384r1MLKEM1024: ['secp384r1PrivateKey', 48],
  SecP256r1MLKEM768: ['secp256r1PrivateKey', 32],
  x25519: ['x25519PrivateKey', 32],
  secp256r1: ['secp256r1PrivateKey', 32],
  secp384r1: ['secp384r1PrivateKey', 48],
}

export const hashOf = (suite) => (suite.endsWith('SHA384') ? 'SHA-384' : 'SHA-256')

/**
 * @param id of the trace; names all that is made for it
 * @param suite, group that come out of it
 * @param firstGroup of the share in the first ClientHello, where another is asked for by a retry
 * @param psks of both ends; serverPsks where the server's differ
 * @param client, server what is different about an end
 */
export function makeInputs({ id, suite, group, firstGroup = group, psks = [], serverPsks = psks, ...rest }) {
  const offered = HYBRIDS.includes(group) ? HYBRIDS : GROUPS
  const shareGroups = rest.client?.keyShareGroups ?? [firstGroup]
  return {
    time: TIME,
    client: {
      random: seeded(`${id}: ClientHello random`, 32),
      sessionId: seeded(`${id}: session id`, 32),
      cipherSuites: SUITES,
      groups: offered,
      keyShareGroups: shareGroups,
      signatureSchemes: SCHEMES,
      serverName: 'server.example',
      keyPairs: [...new Set([...shareGroups, group])].map((name) => keyPair(`${id}: client`, name, 'mlkemSeed', 64)),
      psks,
      withCertificate: false,
      pskRequired: psks.length > 0,
      tickets: false,
      ...rest.client,
    },
    server: {
      random: seeded(`${id}: ServerHello random`, 32),
      cipherSuites: [suite],
      groups: [group],
      signatureSchemes: SCHEMES,
      keyPairs: [keyPair(`${id}: server`, group, 'mlkemEncapsulationRandomness', 32)],
      psks: serverPsks,
      withCertificate: false,
      pskRequired: null,
      clientCertificate: 'no',
      tickets: [],
      ...(rest.server?.tickets === undefined ? {} : { ticketLifetime: 7200 }),
      ...rest.server,
    },
    actions: rest.actions ?? exchange(id),
  }
}

function keyPair(name, group, mlkem, length) {
  const [curve, octets] = CURVES[group]
  return {
    group,
    ...(HYBRIDS.includes(group) ? { [mlkem]: seeded(`${name} ${group} ${mlkem}`, length) } : {}),
    // It begins with the digit 4: below the order of every curve, and not zero.
    [curve]: `4${seeded(`${name} ${group} ${curve}`, octets).slice(1)}`,
  }
}

const data = (text) => Buffer.from(text).toString('hex')

/** A question, an answer, and the end of both. */
export function exchange(id) {
  return [...said(id), { by: 'client', do: 'close' }, { by: 'server', do: 'close' }]
}

const said = (id) => [
  { by: 'client', do: 'send', data: data(`ping ${id}`) },
  { by: 'server', do: 'send', data: data(`pong ${id}`) },
]

/** The client asks both to change their keys, then the server changes its own once more. */
export function updates(id) {
  return [
    ...said(`${id} before`),
    { by: 'client', do: 'keyUpdate', requestPeer: true },
    ...said(`${id} between`),
    { by: 'server', do: 'keyUpdate', requestPeer: false },
    ...exchange(`${id} after`),
  ]
}

export const certificates = (level, { client = false } = {}) => ({
  client: { trusts: ['root'], ...(client ? { identity: `client ${level}` } : {}) },
  server: { identity: `server ${level}`, ...(client ? { clientCertificate: 'require', trusts: ['root'] } : {}) },
})

export const LINK = { keySourceName: 'etsi014', initiatorSaeId: 'sae-alice', responderSaeId: 'sae-bob' }

export const qkdPsk = (id, epskHash = 'SHA-256') => ({
  type: 'imported',
  kind: 'qkd',
  epskHash,
  qkdKey: seeded(`${id}: QKD key`, 32),
  keyId: seededKeyId(`${id}: key_ID`),
  ...LINK,
})

export const combinedPsk = (id, epskHash = 'SHA-256') => ({
  ...qkdPsk(id, epskHash),
  kind: 'psk+qkd',
  authPsk: seeded(`${id}: auth PSK`, 32),
  authPskIdentity: 'branch-17',
})

export const authPsk = (id, epskHash = 'SHA-256', names = {}) => ({
  type: 'imported',
  kind: 'psk',
  epskHash,
  authPsk: seeded(`${id}: auth PSK`, 32),
  authPskIdentity: 'branch-17',
  ...names,
})

export const NAMES = { initiatorSaeId: 'branch-17.example', responderSaeId: 'hq.example' }

export const callersPsk = (id, epskHash, context) => ({
  type: 'imported',
  epskHash,
  authPsk: seeded(`${id}: auth PSK`, 32),
  authPskIdentity: 'branch-17',
  context,
})

export const rawPsk = (id, hash) => ({
  type: 'external',
  hash,
  identity: data('branch-17'),
  psk: seeded(`${id}: external PSK`, 32),
})

export const tickets = (id, count) =>
  Array.from({ length: count }, (_, i) => ({
    ticket: seeded(`${id}: ticket ${i}`, 64),
    ageAdd: seededNumber(`${id}: ticket_age_add ${i}`),
  }))

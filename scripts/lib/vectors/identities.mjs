// Keys and certificates of the published vectors: seeds by name, fixed serial numbers and dates, deterministic signatures.
import { fromHex, toHex } from '../../../dist/bytes.js'
import { nodeProvider } from '../../../dist/crypto/index.js'
import { createCertificateAuthority, encodePublicKey, issueCertificate } from '../../../dist/pki/index.js'
import { seeded } from './seeded.mjs'

export const LEVELS = ['mldsa44', 'mldsa65', 'mldsa87']
/** Of both ends' clocks. */
export const TIME = Date.UTC(2027, 0, 1)
const NOT_BEFORE = Date.UTC(2026, 0, 1)

const made = new Map()

/** By name: "root", "server mldsa44", "client mldsa65", "raw server mldsa44", "forged server mldsa44", … */
export function identity(name) {
  if (!made.has(name)) made.set(name, make(name))
  return made.get(name).identity
}

/** Those that the inputs of some traces name, and their issuers. */
export function identitiesFor(traces) {
  const names = new Set(
    traces.flatMap(({ inputs: { client, server } }) =>
      [client, server].flatMap(({ identity: own, trusts = [] }) => [...(own ? [own] : []), ...trusts]),
    ),
  )
  for (const name of [...names]) {
    const { issuer } = identity(name)
    if (issuer !== undefined) names.add(issuer)
  }
  return Object.fromEntries([...names].sort().map((name) => [name, identity(name)]))
}

function make(name) {
  const algorithm = LEVELS.find((level) => name.endsWith(level)) ?? 'mldsa44'
  const seed = seeded(`key of ${name.replace('forged ', '')}`, 32)
  const { publicKey } = nodeProvider.signingKey({ algorithm, seed: fromHex(seed) })
  const subjectPublicKeyInfo = toHex(encodePublicKey(algorithm, publicKey))
  const common = { algorithm, seed, subjectPublicKeyInfo }
  if (name.startsWith('raw ')) return { identity: common }
  if (name.startsWith('forged ')) return { identity: forge(identity(name.replace('forged ', ''))) }
  const crypto = deterministic(algorithm, seed)
  const serialNumber = fromHex(seeded(`serial number of ${name}`, 8))
  const dates = { notBefore: NOT_BEFORE, days: 36_500, serialNumber, crypto }
  const certified = name.endsWith('root')
    ? createCertificateAuthority({ commonName: `Trefoil vectors ${name}`, algorithm, ...dates })
    : issueCertificate({
        ca: certifiedRoot(),
        subjectAltNames: [name.startsWith('server') ? 'server.example' : 'client.example'],
        algorithm,
        ...dates,
      })
  const certificate = toHex(certified.certificateDer)
  return { certified, identity: { ...common, certificate, issuer: name.endsWith('root') ? name : 'root' } }
}

function certifiedRoot() {
  identity('root')
  return made.get('root').certified
}

/** The same with the last octet of its signature changed. */
function forge({ certificate, ...rest }) {
  const last = Number.parseInt(certificate.slice(-2), 16) ^ 1
  return { ...rest, certificate: certificate.slice(0, -2) + last.toString(16).padStart(2, '0'), forged: true }
}

/** The provider, whose new keys have one seed and whose signatures have no randomness. */
function deterministic(algorithm, seed) {
  return {
    ...nodeProvider,
    randomBytes() {
      throw new Error('nothing is random here')
    },
    generateSigningKey: () => ({ algorithm, seed: fromHex(seed) }),
    signingKey(material) {
      const key = nodeProvider.signingKey(material)
      return { ...key, sign: (scheme, message) => key.sign(scheme, message, { deterministic: true }) }
    },
  }
}

/** Telling apart requests whose connections must not be shared, because their options differ. */
import { createHmac, randomBytes } from 'node:crypto'
import { NODE_TLS_OPTIONS } from '../nodeTlsOptions.js'
import type { ConnectionOptions } from '../options.js'

/**
 * What of the options of one request is for its connection, those of node:tls included that are to be refused. `path` is
 * not: that is of the URL.
 */
const OWN_OPTIONS: readonly (keyof ConnectionOptions)[] = [
  ...(['ca', 'cert', 'key', 'passphrase', 'rawPublicKey', 'pinnedKeys', 'trust', 'policy', 'groups'] as const),
  ...(['ciphers', 'sigalgs', 'certificateSigalgs', 'sendAuthorities', 'crypto', 'secureContext', 'psk'] as const),
  ...(['qkd', 'pskWithCertificate', 'ALPNProtocols', 'handshakeTimeout', 'keylog', 'rejectUnauthorized'] as const),
  ...(['checkServerIdentity', 'acceptPeer', 'recordSizeLimit', 'onQkdFallback', 'session'] as const),
  ...(['resumption', 'lookup', 'hints', 'autoSelectFamily', 'blockList', 'localPort', 'noDelay'] as const),
  ...(['autoSelectFamilyAttemptTimeout', 'typeOfService', 'highWaterMark'] as const),
]
const CONNECTION_OPTIONS: readonly string[] = [...OWN_OPTIONS, ...NODE_TLS_OPTIONS]

/** The options of a request that are for its connection. */
export function connectionOptions(request: object): Partial<ConnectionOptions> {
  const given = request as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    CONNECTION_OPTIONS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  )
}

/** Names of pools can be seen by all (`agent.sockets`), and what goes into them may be a guessable secret. */
const SALT = randomBytes(32)
const numbers = new WeakMap<object, number>()
let lastNumber = 0

/** Equal for equal text and octets, and for the same objects; another object, be it made alike, is another. */
export function nameOptions(options: Partial<ConnectionOptions>): string {
  const entries = Object.entries(options)
  if (entries.length === 0) return ''
  const hash = createHmac('sha256', SALT)
  for (const [name, value] of entries) hash.update(`${name}=`).update(nameValue(value))
  return hash.digest('base64')
}

function nameValue(value: unknown): string {
  if (value instanceof Uint8Array) return `octets:${createHmac('sha256', SALT).update(value).digest('base64')};`
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    const text = String(value)
    return `${typeof value}:${text.length}:${text};`
  }
  if (Array.isArray(value)) return `[${value.map(nameValue).join('')}];`
  const number = numbers.get(value) ?? ++lastNumber
  numbers.set(value, number)
  return `object:${number};`
}

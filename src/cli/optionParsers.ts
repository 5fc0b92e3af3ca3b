/** Values of command-line options. Each parser throws commander's InvalidArgumentError for what it cannot read. */
import { InvalidArgumentError } from 'commander'
import { fromHex } from '../bytes.js'
import { isCipherSuite } from '../crypto/cipherSuites.js'
import { isNamedGroup } from '../crypto/groups.js'
import { isSignatureScheme } from '../crypto/signatureSchemes.js'

export interface Psk {
  readonly identity: string
  readonly key: Uint8Array
}

const MIN_PSK_LENGTH = 16

export const parseGroups = (text: string) => parseNames(text, 'group', isNamedGroup)
export const parseCiphers = (text: string) => parseNames(text, 'cipher suite', isCipherSuite)
export const parseSchemes = (text: string) => parseNames(text, 'signature scheme', isSignatureScheme)
export const parseProtocols = (text: string) =>
  parseNames(text, 'protocol name', (name) => name.length > 0 && name.length < 256)

/** ID:HEX. The ID may hold colons itself. */
export function parseIdentityAndKey(text: string): Psk {
  const colon = text.lastIndexOf(':')
  if (colon < 1) throw new InvalidArgumentError('ID:HEX is needed.')
  const key = parseHex(text.slice(colon + 1))
  if (key.length < MIN_PSK_LENGTH) throw new InvalidArgumentError(`The key needs ${MIN_PSK_LENGTH} octets or more.`)
  return { identity: text.slice(0, colon), key }
}

/** An option that may be given again. Not commander's variadic form, which would swallow arguments behind it. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text]
}

export function parseHex(text: string): Uint8Array {
  try {
    return fromHex(text)
  } catch {
    throw new InvalidArgumentError('Hex octets are needed.')
  }
}

/** A number from `low` to `high`, both included. */
export function parseNumber(text: string, low: number, high: number): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || value < low || value > high) {
    throw new InvalidArgumentError(`A number from ${low} to ${high} is needed.`)
  }
  return value
}

export function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}

export function parseDays(text: string): number {
  const days = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || days <= 0) throw new InvalidArgumentError('A number above 0 is needed.')
  return days
}

export function parseHash(text: string): 'SHA-256' | 'SHA-384' {
  const name = text.toUpperCase().replace('-', '')
  if (name === 'SHA256') return 'SHA-256'
  if (name === 'SHA384') return 'SHA-384'
  throw new InvalidArgumentError('SHA256 or SHA384 is needed.')
}

function parseNames(text: string, what: string, isKnown: (name: string) => boolean): string[] {
  const names = text.split(/[:,]/).map((name) => name.trim())
  const unknown = names.find((name) => !isKnown(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`Unknown ${what} '${unknown}'.`)
  return names
}

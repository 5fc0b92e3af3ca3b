/**
 * The names that keys are bound to, in one spelling each: DNS names as lower-case A-labels without the final dot, IP
 * addresses as RFC 5952 writes them, anything else (a client's account, an SAE ID) in lower case. Printable ASCII
 * without spaces, so that equal names are equal octets.
 */
import { TrefoilError } from '../../errors.js'
import { formatIp, parseIp } from '../ip.js'

export const MAX_NAME_LENGTH = 253

/** @throws TrefoilError ERR_INVALID_OPTION when the text is no such name */
export function canonicalName(text: string): string {
  const address = parseIp(text.replace(/^\[(.*)\]$/, '$1'))
  const name = address === null ? toAscii(text).toLowerCase().replace(/\.$/, '') : formatIp(address)
  if (!isCanonicalName(name)) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${JSON.stringify(text)} is no name that a key can be bound to`)
  }
  return name
}

/** Whether a name is in the one spelling that it has. */
export function isCanonicalName(name: string): boolean {
  if (!/^[!-~]{1,253}$/.test(name) || /[A-Z]/.test(name) || name.endsWith('.') || /^\[.*\]$/.test(name)) return false
  const address = parseIp(name)
  return address === null || formatIp(address) === name
}

/** Internationalised host names become A-labels; the URL parser knows how. */
function toAscii(text: string): string {
  if (/^[ -~]*$/.test(text) || /[/?#@:\\%\s]/.test(text) || !URL.canParse(`http://${text}`)) return text
  return new URL(`http://${text}`).hostname
}

/** Which of a client's PSKs are for a server: no other server learns their identities, or can try keys against them. */
import { TrefoilError } from '../../errors.js'
import { canonicalName } from '../../pki/index.js'
import type { PskOption } from './options.js'
import { pskList } from './readProfile.js'

/**
 * @param server the name or address that is asked for
 * @throws TrefoilError ERR_INVALID_OPTION for a name that is none, and when PSKs are given but none is for this server:
 *   going on without one would be less than was asked for
 */
export function pskFor(
  psk: PskOption | readonly PskOption[] | undefined,
  server: string,
): readonly PskOption[] | undefined {
  // A function comes from code without types; it is refused where PSKs are read.
  if (psk === undefined || typeof psk === 'function') return psk
  const listed = pskList(psk)
  const chosen = listed.filter(({ servers }) => servers === undefined || names(servers).has(canonicalName(server)))
  if (chosen.length > 0 || listed.length === 0) return chosen
  throw new TrefoilError('ERR_INVALID_OPTION', `none of the PSKs is for the server ${JSON.stringify(server)}`)
}

function names(servers: string | readonly string[]): Set<string> {
  return new Set([servers].flat().map(canonicalName))
}

/** Which names of trust anchors the peer is told (certificate_authorities, RFC 9846 4.3.4). */
import { toHex } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import type { TrustAnchors } from '../pki/index.js'

/** More than a private PKI has; a public store would swell every handshake by kilobytes. */
const MAX_UNASKED = 32
/** Octets of the whole list with its lengths: below what a ClientHello and its other extensions leave (RFC 9846 4.3). */
const MAX_LENGTH = 16_000

/**
 * The distinct subjects of the anchors, for each role.
 * @throws TrefoilError ERR_INVALID_OPTION when they are to be sent and there are none, or too many for a message
 */
export function resolveAuthorities(
  anchors: TrustAnchors | null,
  send: boolean | undefined,
): Record<'client' | 'server', readonly Uint8Array[]> {
  if (send === false || (anchors === null && send === undefined)) return { client: [], server: [] }
  if (anchors === null)
    throw new TrefoilError('ERR_INVALID_OPTION', 'sendAuthorities needs ca: there are no names to send')
  const names = distinctSubjects(anchors)
  const length = names.reduce((sum, name) => sum + 2 + name.length, 0)
  if (send === undefined) return { client: [], server: names.length > MAX_UNASKED || length > MAX_LENGTH ? [] : names }
  if (length > MAX_LENGTH) {
    throw new TrefoilError(
      'ERR_INVALID_OPTION',
      `sendAuthorities: the names of the ${anchors.certificates.length} trust anchors take ${length} octets; at most ${MAX_LENGTH} are sent`,
    )
  }
  return { client: names, server: names }
}

function distinctSubjects({ certificates }: TrustAnchors): Uint8Array[] {
  const subjects = certificates.map(({ subject }) => subject.der)
  return [...new Map(subjects.map((der) => [toHex(der), der])).values()]
}

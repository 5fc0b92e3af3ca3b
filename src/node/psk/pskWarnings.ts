/** What is allowed and yet most likely a mistake: told by process warnings, each once in the life of a process. */
import { createHmac, randomBytes } from 'node:crypto'
import { fromUtf8, toHex } from '../../bytes.js'
import { looksGuessable } from './guessableKey.js'
import type { AuthPsk, QkdProfile } from './profile.js'

/** Keys remembered for each role; beyond that the oldest are forgotten. */
const MAX_REMEMBERED = 10_000

const told = new Set<string>()
const usedBy = { client: new Set<string>(), server: new Set<string>() }
/** Nothing outside this process can test guesses against what is remembered here. */
const fingerprintKey = randomBytes(32)

export function warnAboutPsk(psk: AuthPsk, qkd: QkdProfile | null, role: 'client' | 'server'): void {
  warnIfGuessable(psk)
  // Names of both ends by their roles keep a message from coming back to its sender; a context of the caller's may too.
  const bound = psk.ends !== null || psk.context !== null || (qkd?.policy === 'require' && qkd.importer)
  if (!bound) warnIfBothRoles(psk, role)
}

/** Begins anew, as a new process would: for tests. @internal */
export function forgetWarnings(): void {
  for (const set of [told, usedBy.client, usedBy.server]) set.clear()
}

function warnIfGuessable({ identity, keys }: AuthPsk): void {
  for (const { octets } of told.has('TREFOIL_LOW_ENTROPY_PSK') ? [] : keys) {
    const look = looksGuessable(octets)
    if (look === null) continue
    const what = { text: 'is readable text', repetition: 'repeats itself', sequence: 'is a sequence' }
    warnOnce(
      'TREFOIL_LOW_ENTROPY_PSK',
      `the key of PSK ${nameOf(identity)} ${look === 'few values' ? 'has hardly any different octets' : what[look]}: ` +
        'whoever records a handshake can guess at it (RFC 9257 section 6). Use random octets, and decode hex or base64',
    )
  }
}

/** RFC 9257 section 6: one PSK, one client and one server. A host that is both accepts its own messages (Selfie). */
function warnIfBothRoles({ identity, keys }: AuthPsk, role: 'client' | 'server'): void {
  if (told.has('TREFOIL_PSK_BOTH_ROLES')) return
  const other = role === 'client' ? usedBy.server : usedBy.client
  for (const { octets } of keys) {
    const fingerprint = createHmac('sha256', fingerprintKey).update(octets).digest('base64')
    remember(usedBy[role], fingerprint)
    if (!other.has(fingerprint)) continue
    warnOnce(
      'TREFOIL_PSK_BOTH_ROLES',
      `PSK ${nameOf(identity)} serves this process as client and as server, so that its own messages can be reflected to ` +
        'it (RFC 9257 section 4.1). Give localId and peerId, or a PSK for each direction',
    )
  }
}

function remember(set: Set<string>, fingerprint: string): void {
  set.delete(fingerprint)
  set.add(fingerprint)
  const [oldest] = set
  if (set.size > MAX_REMEMBERED && oldest !== undefined) set.delete(oldest)
}

function warnOnce(code: string, message: string): void {
  if (told.has(code)) return
  told.add(code)
  process.emitWarning(message, { code })
}

/** Identities are public; a long one is cut. */
function nameOf(identity: Uint8Array): string {
  try {
    return JSON.stringify(fromUtf8(identity).slice(0, 64))
  } catch {
    return toHex(identity.subarray(0, 32))
  }
}

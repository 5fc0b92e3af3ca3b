/** Which PSK to use, and the proof that the client has it (RFC 9846 section 4.3.11, RFC 9973 section 5). */
import { constantTimeEqual, wipe } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName, hashLength } from '../../crypto/cipherSuites.js'
import { TrefoilError } from '../../errors.js'
import { truncateClientHello } from '../extensions/preSharedKey.js'
import { BINDER_LABELS, EarlySecret } from '../keySchedule.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import { alternativesOf, ask, type PskAlternative, type PskSelection, type Task } from '../requests.js'
import type { ServerEnvironment } from './states.js'

export interface SelectedPsk {
  readonly selection: PskSelection
  readonly identity: Uint8Array
  readonly earlySecret: EarlySecret
}

/** The cheap half: which identity, decided without fetching any key. Asked even when none is offered. */
export function* choosePsk(
  extensions: ClientHelloExtensions,
  suites: readonly CipherSuiteName[],
  applicationProtocol: string | null,
  excluded: readonly number[],
): Task<PskSelection | null> {
  // Only psk_dhe_ke: without it in the client's list its PSKs are of no use to us.
  const identities = extensions.pskDheKe ? (extensions.offeredPsks?.identities ?? []) : []
  const selection = yield* ask<'selectPsk'>({
    type: 'selectPsk',
    identities,
    excluded,
    suites,
    withCertificate: extensions.certWithExternPsk,
    certificatePossible: extensions.signatureAlgorithms !== null,
    serverName: extensions.serverName,
    applicationProtocols: extensions.applicationProtocols,
    applicationProtocol,
  })
  if (selection !== null) checkSelection(selection, extensions, suites, identities.length, excluded)
  return selection
}

/**
 * The dear half: fetches the key of the chosen identity and verifies its binder. A key that is not to be had sends us
 * back to choose among the other identities; null when none is left and the driver lets the handshake go on without.
 */
export function* fetchPsk(
  server: ServerEnvironment,
  extensions: ClientHelloExtensions,
  suites: readonly CipherSuiteName[],
  clientHello: Uint8Array,
  applicationProtocol: string | null,
  first: PskSelection | null,
): Task<SelectedPsk | null> {
  const excluded: number[] = []
  let selection = first
  while (selection !== null) {
    const identity = extensions.offeredPsks?.identities[selection.index]?.identity as Uint8Array
    checkBinderLength(extensions, selection)
    const answer = yield* ask<'fetchPsk'>({ type: 'fetchPsk', selection, identity })
    if (answer !== null) {
      const alternatives = alternativesOf(answer, selection.source)
      return { identity, ...verifyBinder(server, extensions, clientHello, selection, alternatives) }
    }
    excluded.push(selection.index)
    selection = yield* choosePsk(extensions, suites, applicationProtocol, excluded)
  }
  return null
}

/**
 * Only the selected binder is looked at; nothing of the PSK is used before it holds. Every alternative is tried, whichever
 * fits, so that the time taken does not tell how far the replacement of a key has come.
 */
function verifyBinder(
  server: ServerEnvironment,
  extensions: ClientHelloExtensions,
  clientHello: Uint8Array,
  selection: PskSelection,
  alternatives: readonly PskAlternative[],
): Omit<SelectedPsk, 'identity'> {
  const binders = extensions.offeredPsks?.binders ?? []
  const truncated = truncateClientHello(
    clientHello,
    binders.map(({ length }) => length),
  )
  const transcriptHash = server.transcript.digestWith(selection.hash, truncated)
  let found: Omit<SelectedPsk, 'identity'> | null = null
  for (const { psk, source } of alternatives) {
    const earlySecret = server.secrets.keep(new EarlySecret(server.crypto, selection.hash, psk))
    wipe(psk)
    const expected = earlySecret.binder(BINDER_LABELS[selection.kind], transcriptHash)
    const fits = constantTimeEqual(expected, binders[selection.index] as Uint8Array)
    if (fits && found === null) found = { selection: { ...selection, source }, earlySecret }
    else earlySecret.wipe()
  }
  if (found === null || selection.decoy === true) throw badBinder(selection)
  return found
}

/** A binder is an HMAC of its PSK's hash (RFC 9846 4.3.11.2): one of another length need not be compared. */
function checkBinderLength({ offeredPsks }: ClientHelloExtensions, selection: PskSelection): void {
  if (offeredPsks?.binders[selection.index]?.length !== hashLength(selection.hash)) throw badBinder(selection)
}

function badBinder({ withCertificate, decoy }: PskSelection): TrefoilError {
  if (decoy === true) {
    return new TrefoilError('ERR_UNKNOWN_PSK_IDENTITY', 'client offered no PSK identity that this server knows')
  }
  const message = 'client sent a binder that does not verify: it does not have the pre-shared key it names'
  // RFC 9973 5.1 asks for illegal_parameter here, RFC 9846 6.2 for decrypt_error.
  return new TrefoilError(withCertificate ? 'ERR_BAD_BINDER_WITH_CERTIFICATE' : 'ERR_BAD_BINDER', message)
}

/** A driver that answers nonsense is stopped here, before it can weaken a handshake. */
function checkSelection(
  selection: PskSelection,
  extensions: ClientHelloExtensions,
  suites: readonly CipherSuiteName[],
  identities: number,
  excluded: readonly number[],
): void {
  const { index, kind } = selection
  const offered = Number.isInteger(index) && index >= 0 && index < identities && !excluded.includes(index)
  const fits = suites.some((suite) => CIPHER_SUITES[suite].hash === selection.hash)
  if (!offered || !fits) {
    throw new TrefoilError('ERR_INTERNAL', 'the driver selected a pre-shared key that was not offered or does not fit')
  }
  if (extensions.certWithExternPsk && kind === 'resumption') {
    // RFC 9973 5.1
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'client offered a ticket together with tls_cert_with_extern_psk')
  }
  if (selection.withCertificate && !extensions.certWithExternPsk) {
    throw new TrefoilError(
      'ERR_INTERNAL',
      'the driver wants a certificate with a pre-shared key where RFC 9973 has none',
    )
  }
}

/** From the caller's options to a profile. Whatever could never work is refused here, before any key is fetched. */
import { utf8 } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier, MAX_IDENTIFIER_LENGTH, requireSaeId } from '../../qkd/identifiers.js'
import { longestWireIdentity } from './externalPsk.js'
import type { PskOption, PskOptions, QkdOption, QkdResumption, ResumptionBound } from './options.js'
import type { PskProfile, QkdProfile, ResumptionLimit } from './profile.js'
import { warnAboutPsk } from './pskWarnings.js'
import { checkHash, readPsk } from './readPsk.js'

/** RFC 9846 4.7.1 recommends a bound, since tickets could otherwise be renewed for ever. */
const DEFAULT_SESSION_SECONDS = 7 * 24 * 60 * 60

/** @throws TrefoilError ERR_INVALID_OPTION for whatever could not work, or not be told apart on the wire */
export function readProfile(options: PskOptions, role: 'client' | 'server'): PskProfile {
  const lookup = typeof options.psk === 'function' ? options.psk : null
  if (lookup !== null && role === 'client') invalid('a client lists its PSKs; only a server looks them up')
  const given = typeof options.psk === 'function' ? [] : pskList(options.psk)
  // Going on without what was asked for would be a silent downgrade.
  if (isList(options.psk) && given.length === 0) invalid('psk is an empty list')
  const psks = given.map((psk) => readPsk(psk, role))
  const qkd = options.qkd === undefined || options.qkd.policy === 'off' ? null : readQkd(options.qkd, role, given)
  for (const psk of psks) warnAboutPsk(psk, qkd, role)
  const { certificates } = options
  if (options.pskWithCertificate === true && !certificates) {
    invalid(`a PSK cannot go with a certificate when there ${role === 'client' ? 'are no trust anchors' : 'is none'}`)
  }
  if (options.pskWithCertificate === true && psks.length === 0 && lookup === null && qkd === null) {
    invalid('pskWithCertificate needs psk or qkd: there is nothing to go with the certificate')
  }
  const profile: PskProfile = {
    psks,
    hasPsks: psks.length > 0 || lookup !== null,
    lookup,
    qkd,
    resumption: readResumption(options.resumption ?? {}, DEFAULT_SESSION_SECONDS),
    certificateMode:
      options.pskWithCertificate === true || (qkd !== null && psks.length === 0 && lookup === null && certificates),
    certificates,
    requireClientCertificate: role === 'server' && options.requireClientCertificate === true,
  }
  refuseAmbiguity(profile)
  refuseImpossible(profile)
  return profile
}

function readQkd(option: QkdOption, role: 'client' | 'server', psks: readonly PskOption[]): QkdProfile {
  const { source, policy = 'require', importer = true, hash = null } = option
  if (policy !== 'require' && policy !== 'prefer') invalid(`the QKD policy is require, prefer or off`)
  if (!isIdentifier(source?.name) || utf8(source.name).length > 255) {
    invalid('the name of a key source is 1 to 255 printable characters')
  }
  const localSaeId = requireSaeId(option.localSaeId)
  const peerSaeIds = [...new Set([option.peerSaeId].flat().map(requireSaeId))]
  if (peerSaeIds.length === 0) invalid('QKD needs the SAE ID of a peer')
  if (role === 'client' && peerSaeIds.length > 1) invalid('a client names one SAE as its peer')
  // With one name for both ends the importer context could not tell their roles apart (RFC 9258 appendix).
  if (peerSaeIds.includes(localSaeId)) invalid('both ends of the handshake have the same SAE ID')
  if (hash !== null) {
    checkHash(hash)
    if (psks.some((psk) => psk.hash !== undefined && psk.hash !== hash)) {
      invalid('the auth PSK and the QKD key are given different hashes')
    }
  }
  return {
    source,
    localSaeId,
    peerSaeIds,
    policy,
    importer,
    hash,
    resumption: readQkdResumption(option.resumption, policy),
    bootstrap: option.bootstrap ?? null,
  }
}

function readQkdResumption(option: QkdResumption | undefined, policy: 'require' | 'prefer'): ResumptionLimit | null {
  if (option === undefined) return policy === 'require' ? { maxAge: 0, maxResumptions: 0 } : null
  return readResumption(option, Number.NaN)
}

function readResumption(option: ResumptionBound, defaultSeconds: number): ResumptionLimit {
  const { maxAgeSeconds = defaultSeconds, maxResumptions = Number.POSITIVE_INFINITY } = option
  if (!(maxAgeSeconds >= 0 && maxResumptions >= 0)) invalid('a bound on resumption is not a number, or below zero')
  return { maxAge: 1000 * maxAgeSeconds, maxResumptions }
}

/** What a server could not tell apart, or what does not fit into pre_shared_key. */
function refuseAmbiguity({ psks, lookup, qkd }: PskProfile): void {
  if (psks.length > 1) {
    const names = psks.map((psk) => `${psk.identity.join()} ${psk.context?.join()} ${JSON.stringify(psk.ends)}`)
    if (new Set(names).size < names.length) invalid('two PSKs have the same identity')
  }
  if (qkd !== null && !qkd.importer) {
    // The wire then carries the bare key_ID: nothing says whose it is, or what it is combined with.
    if (psks.length > 1 || lookup !== null) invalid('QKD without the importer takes one auth PSK')
    if (qkd.peerSaeIds.length > 1) invalid('QKD without the importer takes one peer')
  }
  const foreign = psks.flatMap((psk) => psk.context?.join() ?? [])
  if (qkd?.importer === true && foreign.length > 0) {
    if (qkd.peerSaeIds.length > 1) invalid('an importer context of your own takes one peer')
    if (new Set(foreign).size < foreign.length) invalid('two PSKs have the same importer context')
  }
  // A UTF-16 code unit takes at most three octets of UTF-8.
  if (longestWireIdentity(psks, qkd, 3 * MAX_IDENTIFIER_LENGTH) > 0xffff)
    invalid('the PSK identity or its context is too long')
}

function refuseImpossible({ hasPsks, qkd, certificateMode, certificates, requireClientCertificate }: PskProfile): void {
  if (qkd?.bootstrap) {
    if (!hasPsks && !certificates) invalid('a bootstrap register needs certificates or a PSK for first contact')
    // Without our importer context the wire would not say that the key stands alone.
    if (!qkd.importer) invalid('a bootstrap register needs QKD keys that are imported')
  }
  if (!requireClientCertificate || certificateMode || (!hasPsks && qkd === null)) return
  // RFC 9846 4.4.2: no CertificateRequest in a handshake that is authenticated by a PSK.
  if (!certificates || qkd?.policy === 'require') {
    invalid('a client certificate is required, but PSKs without certificates are all that this server accepts')
  }
}

/** Alone, or in a list. */
export function pskList(psk: PskOption | readonly PskOption[] | undefined): readonly PskOption[] {
  return psk === undefined ? [] : isList(psk) ? psk : [psk]
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}

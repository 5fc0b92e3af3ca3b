/**
 * Hellos are laid out by other hands in most recordings, so that the recorded one goes out in place of ours. Before that, both
 * must say the same, as far as Trefoil has the notion.
 */
import { cipherSuiteByCodePoint } from '../../crypto/cipherSuites.js'
import { groupByCodePoint } from '../../crypto/groups.js'
import { schemeByCodePoint } from '../../crypto/signatureSchemes.js'
import { decodeCodePoints } from '../../tls/extensions/codePointList.js'
import type { Extension } from '../../tls/extensions/extension.js'
import { decodeCertificateRequest } from '../../tls/messages/certificate.js'
import { decodeClientHello } from '../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../tls/messages/clientHelloExtensions.js'
import { decodeEncryptedExtensions } from '../../tls/messages/encryptedExtensions.js'
import { decodeServerHello } from '../../tls/messages/serverHello.js'
import { ExtensionType } from '../../tls/wire/codePoints.js'
import { expectSame } from '../check/outcome.js'
import type { Difference } from './coreReplay.js'

/** @throws Error when our message says something else than the recorded one */
export function expectSameMeaning({ type, ours, recorded }: Difference): void {
  const read = READERS[type]
  if (read === undefined) throw new Error(`our ${type} is not the recorded one`)
  expectSame(`what our ${type} says`, read(ours.subarray(4)), read(recorded.subarray(4)))
}

const READERS: { readonly [type: string]: (body: Uint8Array) => unknown } = {
  client_hello: (body) => {
    const hello = decodeClientHello(body)
    const { supportedGroups, signatureAlgorithms, offeredPsks, ...extensions } = readClientHelloExtensions(hello)
    return {
      ...extensions,
      random: hello.random,
      sessionId: hello.sessionId,
      cipherSuites: hello.cipherSuites.filter((suite) => cipherSuiteByCodePoint(suite) !== undefined),
      supportedGroups: supportedGroups.filter((group) => groupByCodePoint(group) !== undefined),
      signatureAlgorithms: signatureAlgorithms?.filter((scheme) => schemeByCodePoint(scheme) !== undefined),
      // A binder signs the layout of its hello: the key schedule computes it over the recorded one.
      identities: offeredPsks?.identities,
    }
  },
  server_hello: (body) => {
    const { extensions, ...hello } = decodeServerHello(body)
    // A cookie is its maker's own affair.
    return { ...hello, extensions: without(extensions, ExtensionType.cookie) }
  },
  // We tell no groups for the next time, and a server that used the name says so (RFC 6066 3), where others do not.
  encrypted_extensions: (body) =>
    without(decodeEncryptedExtensions(body), ExtensionType.supported_groups, ExtensionType.server_name),
  certificate_request: (body) =>
    decodeCertificateRequest(body).extensions.map(({ type, data }) => ({
      type,
      known: decodeCodePoints(2, data, '').filter((scheme) => schemeByCodePoint(scheme) !== undefined),
    })),
}

function without(extensions: readonly Extension[], ...types: readonly number[]): readonly Extension[] {
  return extensions.filter(({ type }) => !types.includes(type)).sort((a, b) => a.type - b.type)
}

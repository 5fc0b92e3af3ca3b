/**
 * ACVP for the key schedule of TLS 1.3 (RFC 9846 section 7.1), taken through the stages that handshakes use. Its
 * transcripts are bare concatenations of what the file calls random values.
 */
import { concat, EMPTY } from '../../bytes.js'
import { hashLength } from '../../crypto/cipherSuites.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import { EarlySecret } from '../../tls/keySchedule.js'
import type { Fields } from '../check/fields.js'
import { expectHex, skip } from '../check/outcome.js'
import { acvpFormat } from './document.js'

const HASHES: { readonly [name: string]: HashAlgorithm } = { 'SHA2-256': 'SHA-256', 'SHA2-384': 'SHA-384' }

/** What the file expects, by the stage that it comes from. */
const EARLY = ['clientEarlyTrafficSecret', 'earlyExporterMasterSecret'] as const
const HANDSHAKE = ['clientHandshakeTrafficSecret', 'serverHandshakeTrafficSecret'] as const
const APPLICATION = [
  'clientApplicationTrafficSecret',
  'serverApplicationTrafficSecret',
  'exporterMasterSecret',
] as const
const LAST = 'resumptionMasterSecret'

export const acvpTls13Kdf = acvpFormat({
  algorithm: 'TLS-v1.3',
  mode: 'KDF',
  answers: [...EARLY, ...HANDSHAKE, ...APPLICATION, LAST],
  questions: ['helloClientRandom', 'psk', 'dhe'],
  check(fields, provider) {
    const hash = HASHES[fields.text('hmacAlg')]
    if (hash === undefined) skip(`${fields.text('hmacAlg')}, which no cipher suite of TLS 1.3 has`)
    const orZeros = (name: string) => given(fields, name) ?? new Uint8Array(hashLength(hash))
    const digest = (...parts: readonly Uint8Array[]) => provider.hash(hash, concat(...parts))
    const clientHello = fields.octets('helloClientRandom')
    const hellos = [clientHello, fields.octets('helloServerRandom')]
    const serverFlight = [...hellos, fields.octets('finishedServerRandom')]
    const clientFlight = [...serverFlight, fields.octets('finishedClientRandom')]

    const early = new EarlySecret(provider, hash, orZeros('psk'))
    const afterHello = digest(clientHello)
    expectField(fields, EARLY[0], early.clientEarlyTrafficSecret(afterHello))
    expectField(fields, EARLY[1], early.earlyExporterSecret(afterHello))
    const handshake = early.enterHandshake(orZeros('dhe'))
    const afterHellos = digest(...hellos)
    expectField(fields, HANDSHAKE[0], handshake.clientHandshakeTrafficSecret(afterHellos))
    expectField(fields, HANDSHAKE[1], handshake.serverHandshakeTrafficSecret(afterHellos))
    const main = handshake.enterMain()
    const afterServer = digest(...serverFlight)
    expectField(fields, APPLICATION[0], main.clientApplicationTrafficSecret(afterServer))
    expectField(fields, APPLICATION[1], main.serverApplicationTrafficSecret(afterServer))
    expectField(fields, APPLICATION[2], main.exporterSecret(afterServer))
    expectField(fields, LAST, main.resumptionSecret(digest(...clientFlight)))
  },
})

/** What the running mode leaves out is empty or zeros of the hash's length. */
function given(fields: Fields, name: string): Uint8Array | null {
  const octets = fields.optionalOctets(name) ?? EMPTY
  return octets.length === 0 ? null : octets
}

function expectField(fields: Fields, name: string, derived: Uint8Array): void {
  expectHex(name, derived, fields.text(name))
}

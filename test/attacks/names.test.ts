/**
 * Who is talking to whom, by the word of both ends, where one key stands in several certificates (an unknown key share
 * would be two ends with one secret and different answers). TLS 1.3 signs the certificate along with everything else, so
 * a session has the one certificate that was shown in it, although another one has the same key.
 */
import { describe, expect, it } from 'vitest'
import { nodeProvider } from '../../src/crypto/index.js'
import { encodeCertificate } from '../../src/tls/messages/certificate.js'
import { certificateVerifyInput, encodeCertificateVerify } from '../../src/tls/messages/certificateVerify.js'
import { exchangeAndClose, meet } from '../modes/ends.js'
import { ca, clientIdentity, serverIdentity } from '../modes/identities.js'
import { attackClient, clientHandlers, ed25519Credential, expectComplete, expectRefusal } from '../support/attack.js'
import { trustAnything } from '../support/pair.js'
import type { Script } from '../support/scriptedPeer.js'
import { underOtherName } from './misbinding.js'

describe('one server key under two names', () => {
  const cert = [underOtherName('first.test', serverIdentity), underOtherName('second.test', serverIdentity)]
  const server = { cert, key: [serverIdentity.key, serverIdentity.key], ca, requestCert: true }

  it.each(['first.test', 'second.test'])('both ends of a session with %s say so, and have one secret', async (name) => {
    const session = await meet(server, { ca, ...clientIdentity, servername: name })
    expect(session.client.getPeerCertificate().subjectaltname).toBe(`DNS:${name}`)
    expect(session.server.getCertificate().subjectaltname).toBe(`DNS:${name}`)
    const secrets = [session.client, session.server].map((end) => end.exportKeyingMaterial(32, 'EXPORTER-test'))
    expect(secrets[0]).toEqual(secrets[1])
    await exchangeAndClose(session)
  })
})

it('one client key under two names: the server says of the client what the client says of itself', async () => {
  for (const name of ['alice.test', 'bob.test']) {
    const shown = { cert: underOtherName(name, clientIdentity), key: clientIdentity.key }
    const session = await meet({ ...serverIdentity, ca, requestCert: true }, { ca, ...shown })
    expect(session.server.getPeerCertificate().subjectaltname).toBe(`DNS:${name}`)
    expect(session.client.getCertificate().subjectaltname).toBe(`DNS:${name}`)
    await exchangeAndClose(session)
  }
})

describe('a signature over a handshake in which another certificate of the same key was shown', () => {
  const [shown] = ed25519Credential.certificateChain as [Uint8Array]
  // A verifier that sees the key and not the name, so that nothing but the signature can tell them apart.
  const twin = Uint8Array.from([...shown, ...Buffer.from(' of Mallory')])
  const { verifyCertificate } = clientHandlers({
    verifyCertificate: (request) => trustAnything(nodeProvider)({ ...request, certificateChain: [shown] }),
  })
  const attacked = (signed: Uint8Array) =>
    attackClient({ script: signingWith(signed, shown), clientHandlers: { verifyCertificate } })

  it('verifies where it is that one', () => expectComplete(attacked(shown)))

  it('does not where it is the other', () =>
    expectRefusal(attacked(twin), 'ERR_BAD_CERTIFICATE_VERIFY', 'decrypt_error'))

  /** Shows one certificate, and signs the transcript as it would be with `signed` in its place. */
  function signingWith(signed: Uint8Array, shown: Uint8Array): Script {
    const transcript: Uint8Array[] = []
    return ({ type, bytes }, peer) => {
      if (type === 'certificate') transcript.push(encodeCertificate([signed]))
      else if (type !== 'certificate_verify') transcript.push(bytes)
      else {
        const clientHello = (peer.received[0] as Uint8Array).subarray(5)
        const hash = nodeProvider.hash('SHA-384', Buffer.concat([clientHello, ...transcript]))
        const message = certificateVerifyInput('server', hash)
        const signature = ed25519Credential.signer.sign('ed25519', message) as Uint8Array
        return encodeCertificateVerify({ algorithm: 0x0807, signature })
      }
      return type === 'certificate' ? encodeCertificate([shown]) : bytes
    }
  }
})

import { describe, expect, it } from 'vitest'
import { attackClient, attackServer, expectComplete, knowing, offering, PSK } from '../support/attack.js'

describe('the scripted peer, which the tests of refusals stand on', () => {
  it('completes a handshake with a real server and a real client when it has no script', () => {
    expectComplete(attackServer())
    expectComplete(attackClient())
  })

  it('completes one with a pre-shared key, with and without a certificate', () => {
    for (const withCertificate of [false, true]) {
      const options = { clientHandlers: offering([PSK], { withCertificate }), serverHandlers: knowing([PSK]) }
      const [client, server] = [attackClient(options), attackServer(options)]
      expectComplete(client)
      expectComplete(server)
      expect(client.target.summary?.psk?.withCertificate).toBe(withCertificate)
      expect(server.target.summary?.psk?.withCertificate).toBe(withCertificate)
    }
  })
})

import { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { Material } from '../../src/cli/tunnel/material.js'
import type { TunnelCommandOptions } from '../../src/cli/tunnel/options.js'
import { createTunnel } from '../../src/index.js'
import { Metrics } from '../../src/node/metrics/index.js'
import { authority, credentials, saeA, saeB } from '../support/kme.js'
import { file } from './command.js'

/** The certificate with a negative serial number: OpenSSL takes it, and we, by RFC 5280 4.1.2.2, do not. */
function withNegativeSerial(pem: string): string {
  const der = Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64')
  // What follows version 3 is the INTEGER: its tag, its length, its first octet.
  const version3 = der.indexOf(Buffer.from('a003020102', 'hex'))
  der[version3 + 7] = 0x80
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
}

const to = { host: '127.0.0.1', port: 1 }

function options(cert: string, key: string): TunnelCommandOptions {
  return {
    ...{ listen: to, to, maxConnections: 1, connectTimeout: 1, idleTimeout: 0, grace: 0, tickets: true },
    ...{ qkd: 'require', qkdKme: 'https://127.0.0.1:1', sae: saeA, peerSae: [saeB] },
    ...{ qkdCert: file('material.pem', cert), qkdKey: file('material.key', key) },
    qkdCa: file('material-ca.pem', authority().ca),
  }
}

async function load(given: TunnelCommandOptions) {
  const metrics = new Metrics()
  const material = await Material.load('client', given, new Command(), { metrics })
  const tunnel = createTunnel({ role: 'client', to, tls: material.tls })
  const printed: object[] = []
  return { material, metrics, printed, reload: () => material.reload(tunnel, (event) => printed.push(event)) }
}

const { cert, key } = credentials(saeA)

describe('what a tunnel reads from files', () => {
  it('is used also where the metrics cannot tell when it expires, at the start and after a reload', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const { material, printed, reload } = await load(options(withNegativeSerial(String(cert)), String(key)))
      await reload()
      expect(printed).toEqual([{ event: 'reloaded' }])
      expect(stderr.mock.calls.join()).toContain('serial number is negative')
      await material.close()
    } finally {
      stderr.mockRestore()
    }
  })

  it('is closed too when it was read while the tunnel ended', async () => {
    const { material, metrics, printed, reload } = await load(options(String(cert), String(key)))
    const reloading = reload()
    await material.close()
    await reloading
    expect(printed).toEqual([])
    const source = material.tls.qkd?.source
    await expect(source?.getKey(saeB)).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
    // Of the key source that was opened in vain nothing is asked any more.
    expect(await metrics.supply()).toHaveLength(1)
  })
})

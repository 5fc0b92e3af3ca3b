/** The adversary against recordings that it was not built with, given the private keys that were published with them. */
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { describe, expect, it } from 'vitest'
import {
  exported,
  type Leaks,
  NO_LEAKS,
  type Opened,
  openConnection,
  type TapedConnection,
} from '../../../src/rndl/adversary/index.js'
import { allTraces, type CompletedTrace, isCompleted, messagesOf, type Trace } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

/** A component that can be withheld from the adversary. */
type Part = 'curve' | 'mlkem' | 'psk'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** What a tap would have: the records as they passed. */
function tapeOf({ id, flow }: Trace): TapedConnection {
  return { name: id, segments: flow.map(({ from, record }, i) => ({ from, milliseconds: i, octets: hex(record) })) }
}

/** All private values of a recording, but for the part withheld. The share a ClientHello sends for X25519MLKEM768 is ek ‖ x25519, a ServerHello's ct ‖ x25519 (RFC 10024). */
function leaksOf({ values }: Trace, offered: string, without?: Part): Leaks {
  const curveKeys = new Map<string, Uint8Array>()
  const decapsulationSeeds = new Map<string, Uint8Array>()
  const encapsulatedSecrets = new Map<string, Uint8Array>()
  for (const pair of [...(values.clientKeyPairs ?? []), ...(values.serverKeyPairs ?? [])]) {
    const scalar = pair.x25519PrivateKey ?? pair.privateKey
    const isHybrid = pair.mlkemSeed !== undefined || pair.mlkemEncapsulationRandomness !== undefined
    const point = isHybrid ? pair.publicKey.slice(-64) : pair.publicKey
    if (scalar !== undefined && without !== 'curve') curveKeys.set(point, hex(scalar))
    if (without === 'mlkem') continue
    if (pair.mlkemSeed !== undefined) {
      decapsulationSeeds.set(pair.publicKey.slice(0, 2 * 1184), hex(pair.mlkemSeed))
    }
    if (pair.mlkemEncapsulationRandomness !== undefined) {
      const clientKey = hex((values.clientShare ?? '').slice(0, 2 * 1184))
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(clientKey, hex(pair.mlkemEncapsulationRandomness))
      encapsulatedSecrets.set(Buffer.from(cipherText).toString('hex'), sharedSecret)
    }
  }
  const hash = values.hash === 'SHA-384' ? 'sha384' : 'sha256'
  const psk = values.psk === undefined || without === 'psk' ? null : hex(values.psk)
  const identity = values.pskIdentity ?? offered
  return {
    ...NO_LEAKS,
    curveKeys,
    decapsulationSeeds,
    encapsulatedSecrets,
    authPsks: new Map(psk === null ? [] : [[identity, psk]]),
    resumptionPsks: new Map(psk === null ? [] : [[identity, { psk, hash }]]),
  }
}

function attackTrace(trace: CompletedTrace, without?: Part): Opened {
  // RFC 8448 names no identity beside its PSK: the one in the hello is the ticket.
  const offered = openConnection(tapeOf(trace), NO_LEAKS).identities[0]?.toString('hex') ?? ''
  return openConnection(tapeOf(trace), leaksOf(trace, offered, without))
}

/** The data that passed in one direction, as the recording has it in clear. */
function dataOf({ flow }: Trace, from: 'client' | 'server'): Buffer {
  const records = flow.filter((record) => record.from === from && record.contentType === 'application_data')
  return Buffer.concat(records.map(({ payload }) => hex(payload)))
}

describeVectors('the adversary opens recordings of others', () => {
  const completed = allTraces().filter(isCompleted)

  it('there are recordings', () => expect(completed.length).toBeGreaterThanOrEqual(27))

  describe.each(completed.map((trace) => [trace.id, trace] as const))('%s', (_, trace) => {
    it('opens with the private keys: every protected message, and the data of both directions', () => {
      const opened = attackTrace(trace)
      expect(opened.closedBecause).toBeNull()
      const recorded = messagesOf(trace)
        .filter(({ type }) => !['client_hello', 'server_hello', 'hello_retry_request'].includes(type))
        .map(({ bytes }) => Buffer.from(bytes).toString('hex'))
      const seen = opened.handshakeMessages.map(({ message }) => message.toString('hex'))
      expect(seen.sort()).toEqual(recorded.sort())
      expect(opened.applicationData.client.equals(dataOf(trace, 'client'))).toBe(true)
      expect(opened.applicationData.server.equals(dataOf(trace, 'server'))).toBe(true)
      expect(opened.exporterSecret?.toString('hex')).toBe(trace.values.exporterMasterSecret)
      const { exporter } = trace
      if (exporter === undefined) return
      const material = exported(
        opened.hash as 'sha256',
        opened.exporterSecret as Buffer,
        exporter.label,
        hex(exporter.context),
        exporter.length,
      )
      expect(material.toString('hex')).toBe(exporter.value)
    })

    it('its tickets give the resumption PSKs', () => {
      const { tickets } = attackTrace(trace)
      if (trace.values.resumptionPsk !== undefined && tickets.length > 0) {
        expect(Buffer.from(tickets[0]?.psk ?? []).toString('hex')).toBe(trace.values.resumptionPsk)
      }
      expect(tickets.length).toBe(messagesOf(trace).filter(({ type }) => type === 'new_session_ticket').length)
    })

    it('stays closed while one of its parts is withheld', () => {
      const { values } = trace
      const hybrid = values.mlkemSharedSecret !== undefined
      const parts: Part[] = [
        'curve',
        ...(hybrid ? (['mlkem'] as const) : []),
        ...(values.psk ? (['psk'] as const) : []),
      ]
      for (const part of parts) {
        const opened = attackTrace(trace, part)
        expect(opened.closedBecause, part).not.toBeNull()
        expect([...opened.handshakeMessages, ...opened.tickets]).toEqual([])
        expect(opened.applicationData.client.length + opened.applicationData.server.length).toBe(0)
      }
    })
  })
})

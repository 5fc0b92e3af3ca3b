/** Botan's external-PSK run from its raw transcript file: what the trace made of it is really what Botan published. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../src/bytes.js'
import { PROVIDERS } from '../../support/providers.js'
import { type CompletedTrace, isCompleted, messagesOf, publicTraces } from '../../support/traces.js'
import { describeVectors, loadVectors } from '../../support/vectors.js'
import { KeyScheduleReplay } from './keySchedule.js'

type Transcript = { readonly [field: string]: string }

describeVectors("Botan's external PSK transcript", () => {
  const botan = loadVectors<Transcript>('psk/tls13-external-psk-dhe-botan.json')
  const trace = publicTraces().find(({ id }) => id === 'botan-external-psk') as CompletedTrace

  it('is the botan-external-psk trace, field by field', () => {
    expect(isCompleted(trace)).toBe(true)
    const records = trace.flow.map(({ record }) => record)
    for (const [field, value] of Object.entries(botan)) {
      if (field.startsWith('Record_')) expect(records, field).toContain(value)
    }
    const messages = messagesOf(trace).map(({ bytes }) => toHex(bytes))
    for (const [field, value] of Object.entries(botan)) {
      if (field.startsWith('Message_')) expect(messages, field).toContain(value)
    }
    const data = trace.flow
      .filter(({ contentType }) => contentType === 'application_data')
      .map(({ payload }) => payload)
    expect(data).toEqual([botan['Client_AppData'], botan['Server_AppData']])
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it('gives the recorded handshake from its own keys, PSK and identity', () => {
      const { values } = trace
      const privateKey = (pool: string) => toHex(fromHex(botan[pool] ?? '').slice(32))
      const own = {
        ...values,
        psk: botan['PskSecret'] ?? '',
        pskIdentity: toHex(utf8(botan['PskIdentity'] ?? '')),
        clientKeyPairs: values.clientKeyPairs?.map((pair) => ({ ...pair, privateKey: privateKey('Client_RNG_Pool') })),
        serverKeyPairs: values.serverKeyPairs?.map((pair) => ({ ...pair, privateKey: privateKey('Server_RNG_Pool') })),
      }
      expect(own.pskIdentity).toBe(values.pskIdentity)
      new KeyScheduleReplay(provider, { ...trace, values: own as CompletedTrace['values'] }).run()
    })
  })
})

/** Botan's external-PSK run from its raw transcript file: what the trace made of it is really what Botan published. */
import { expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { type CompletedTrace, isCompleted, messagesOf, publicTraces } from '../../support/traces.js'
import { describeVectors, loadVectors } from '../../support/vectors.js'

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
})

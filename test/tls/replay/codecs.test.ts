/** Every handshake message and extension of every trace, read and written again. */
import { expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { allTraces, messagesOf } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'
import { extensionsOf, reencode, reencodeExtension } from './roundTrip.js'

/**
 * What Trefoil has no codec for: empty signals (server_name of a server, early_data), and padding (21), extensions of
 * TLS 1.2 and before (11, 22, 23, 35, 65281), and early_data's limit in a ticket (42).
 */
const WITHOUT_CODEC = ['CH 11', 'CH 21', 'CH 22', 'CH 23', 'CH 35', 'CH 42', 'CH 65281', 'EE 0', 'EE 42', 'NST 42']

describeVectors('the messages of recorded handshakes', () => {
  it.each(allTraces())('are written again as they were: $id', (trace) => {
    for (const message of messagesOf(trace)) expect(toHex(reencode(message)), message.type).toBe(toHex(message.bytes))
  })

  it.each(allTraces())('have extensions that are written again as they were: $id', (trace) => {
    for (const message of messagesOf(trace)) {
      const [context, extensions] = extensionsOf(message) ?? ['CH', []]
      for (const extension of extensions) {
        const place = `${context} ${extension.type}`
        const written = reencodeExtension(context, extension)
        if (written === null) expect(WITHOUT_CODEC).toContain(place)
        else expect(toHex(written), place).toBe(toHex(extension.data))
      }
    }
  })
})

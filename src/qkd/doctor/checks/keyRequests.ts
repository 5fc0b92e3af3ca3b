/** Get key (5.3, 6.2): that requests which cannot be met are refused, and extensions dealt with as laid down. */
import { MESSAGES } from '../../etsi014/wire.js'
import { type Check, cannotTry, fail, pass, skipped, type Verdict, warn } from '../check.js'
import { type Examination, namesIn } from '../examination.js'
import { describeRefusal, judgeRefusal } from '../refusals.js'
import { sameKeys } from './decKeys.js'

/** Named so that no vendor has it. */
const UNKNOWN_EXTENSION = [{ trefoil_doctor_unknown: 1 }]
const OPTIONAL_EXTENSION = 'not all extension_optional request options handled'

export const keyRequestChecks: readonly Check[] = [
  {
    id: 'request.over-number',
    clause: '6.1, 6.2',
    rule: 'More than max_key_per_request keys are refused with 400.',
    needs: ['enc.post', 'status.fields'],
    async run(examination) {
      const number = (examination.count('max_key_per_request') ?? 0) + 1
      return refused(examination, number, { number, size: examination.keySize }, `a request for ${number} keys`)
    },
  },
  {
    id: 'request.size-multiple',
    clause: '6.2',
    rule: 'A size that is not a multiple of 8 is refused with 400 and the fixed message, or given exactly.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      const size = examination.keySize - 1
      const { reply, container } = await examination.askForKeys(1, { body: { number: 1, size } })
      const what = `a size of ${size} bits`
      // Below the least size either of two refusals is right.
      const message = size < (examination.count('min_key_size') ?? 0) ? {} : { message: MESSAGES.sizeNotMultipleOf8 }
      if (container === null) return judgeRefusal(reply, { what, ...message })
      return container.keys.every(({ key }) => key.length === Math.ceil(size / 8))
        ? warn(`${what} was given, which few clients can use`)
        : fail(`${what} was accepted, and other keys came`)
    },
  },
  {
    id: 'request.size-max',
    clause: '6.1, 6.2',
    rule: 'A size above max_key_size is refused with 400.',
    needs: ['enc.post', 'status.fields'],
    keys: 1,
    run(examination) {
      const size = 8 * (Math.floor((examination.count('max_key_size') ?? 0) / 8) + 1)
      return refused(examination, 1, { number: 1, size }, `a size of ${size} bits, above max_key_size,`)
    },
  },
  {
    id: 'request.size-min',
    clause: '6.1, 6.2',
    rule: 'A size below min_key_size is refused with 400.',
    needs: ['enc.post', 'status.fields'],
    keys: 1,
    run(examination) {
      const least = examination.count('min_key_size') ?? 0
      if (least <= 8) return skipped(`min_key_size is ${least}`)
      const size = 8 * (Math.ceil(least / 8) - 1)
      return refused(examination, 1, { number: 1, size }, `a size of ${size} bits, below min_key_size,`)
    },
  },
  {
    id: 'request.number-zero',
    clause: '6.2',
    rule: 'A request for no key at all is refused with 400.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      const { reply, container } = await examination.askForKeys(1, { body: { number: 0 } })
      if (container?.keys.length === 0) return warn('a request for 0 keys was answered with none')
      return judgeRefusal(reply, { what: 'a request for 0 keys' })
    },
  },
  {
    id: 'request.multicast-limit',
    clause: '6.1, 6.2',
    rule: 'More additional_slave_SAE_IDs than max_SAE_ID_count (0: any at all) are refused with 400.',
    needs: ['enc.post', 'status.fields'],
    keys: 1,
    run(examination) {
      const limit = examination.count('max_SAE_ID_count') ?? 0
      if (limit > 100) return skipped(`max_SAE_ID_count is ${limit}`)
      const ids = Array.from({ length: limit + 1 }, (_, i) => `trefoil-doctor-${i}`)
      const what = `${ids.length} additional slave SAE${ids.length === 1 ? '' : 's'}`
      return refused(examination, 1, { number: 1, additional_slave_SAE_IDs: ids }, what)
    },
  },
  {
    id: 'request.multicast',
    clause: '6.2, Annex B',
    rule: 'With additional_slave_SAE_IDs both slaves get the same key, each once.',
    needs: ['enc.post', 'status.fields'],
    keys: 1,
    run: multicast,
  },
  {
    id: 'request.mandatory',
    clause: '6.2',
    rule: 'An unknown extension_mandatory is refused with 400 and the fixed message.',
    needs: ['enc.post'],
    keys: 1,
    run: (examination) =>
      refused(
        examination,
        1,
        { number: 1, extension_mandatory: UNKNOWN_EXTENSION },
        'an unknown extension_mandatory',
        MESSAGES.mandatoryExtension,
      ),
  },
  {
    id: 'request.optional',
    clause: '6.2',
    rule: 'An unknown extension_optional is passed over, or refused with 400 and the fixed message.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      const body = { number: 1, extension_optional: UNKNOWN_EXTENSION }
      const { reply, container } = await examination.askForKeys(1, { body })
      if (container !== null) return pass('an unknown extension_optional is passed over')
      return judgeRefusal(reply, { what: 'an unknown extension_optional', message: OPTIONAL_EXTENSION })
    },
  },
]

async function refused(
  examination: Examination,
  atMost: number,
  body: Record<string, unknown>,
  what: string,
  message?: string,
): Promise<Verdict> {
  const { reply } = await examination.askForKeys(atMost, { body })
  return judgeRefusal(reply, { what, ...(message === undefined ? {} : { message }) })
}

async function multicast(examination: Examination): Promise<Verdict> {
  if (examination.count('max_SAE_ID_count') === 0) return skipped('max_SAE_ID_count is 0')
  const { peer, other } = examination
  const [otherId] = namesIn(examination.options.other ?? { cert: '', key: '' })
  if (otherId === undefined) throw cannotTry('the certificate of the third SAE has no name')
  const body = { number: 1, size: examination.keySize, additional_slave_SAE_IDs: [otherId] }
  const { reply, container } = await examination.askForKeys(1, { body })
  if (container === null) return fail(`a key for two slaves was refused with ${describeRefusal(reply)}`)
  const key_IDs = container.keys.map(({ keyId }) => ({ key_ID: keyId }))
  for (const slave of [other, peer]) {
    const got = await examination.collect(slave, { body: { key_IDs } })
    if (got.container === null) return fail(`a slave was refused the key with ${describeRefusal(got.reply)}`)
    if (!sameKeys(container.keys, got.container.keys)) return fail('a slave got another key')
  }
  const again = await examination.collect(other, { body: { key_IDs } })
  return again.container === null ? pass('both slaves got the key, once') : fail('a slave got the key twice')
}

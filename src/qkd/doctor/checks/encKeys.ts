/** Get key (5.3): that keys come as asked for. */
import { constantTimeEqual } from '../../../bytes.js'
import { type Check, cannotTry, fail, pass, skipped, type Verdict, warn, worst } from '../check.js'
import type { Container } from '../container.js'
import type { Examination } from '../examination.js'
import { readStatus } from './status.js'

export const encKeysChecks: readonly Check[] = [
  {
    id: 'enc.post',
    clause: '5.3, 6.2',
    rule: 'POST enc_keys with an empty Key request gives one key of the default size.',
    needs: ['transport.chain'],
    keys: 1,
    async run(examination) {
      const container = await examination.take(1, { body: {} })
      return judgeKeys(container, 1, examination.count('key_size'))
    },
  },
  {
    id: 'enc.get',
    clause: '5.3',
    rule: 'GET enc_keys does the same.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      return judgeKeys(await examination.take(1, {}), 1, examination.count('key_size'))
    },
  },
  {
    id: 'enc.container',
    clause: '6.3',
    rule: 'The Key container has a list `keys` of entries with key_ID and key.',
    needs: ['enc.post'],
    keys: 1,
    run: (examination) => aspect(examination, 'shape', 'the container is as laid down'),
  },
  {
    id: 'enc.base64',
    clause: '6.3; RFC 4648 3.5',
    rule: 'Keys are base64 with padding, and unused bits are zero.',
    needs: ['enc.post'],
    keys: 1,
    run: (examination) => aspect(examination, 'encoding', 'keys are base64'),
  },
  {
    id: 'enc.key-id',
    clause: '6.3',
    rule: 'key_IDs are UUIDs.',
    needs: ['enc.post'],
    keys: 1,
    run: (examination) => aspect(examination, 'keyIds', 'key_IDs are UUIDs'),
  },
  {
    id: 'enc.number',
    clause: '6.2',
    rule: '`number` is heeded: so many keys come.',
    needs: ['enc.post'],
    keys: 3,
    async run(examination) {
      const number = Math.min(3, examination.count('max_key_per_request') || 3)
      if (number < 2) return skipped('max_key_per_request is 1')
      const size = examination.keySize
      return judgeKeys(await examination.take(number, { body: { number, size } }), number, size)
    },
  },
  {
    id: 'enc.size',
    clause: '6.2',
    rule: '`size` is heeded, in bits.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      const size = otherSize(examination)
      return judgeKeys(await examination.take(1, { body: { number: 1, size } }), 1, size)
    },
  },
  {
    id: 'enc.query',
    clause: '5.3, 6.2',
    rule: '`number` and `size` in the query of a GET are heeded too.',
    needs: ['enc.get'],
    keys: 2,
    async run(examination) {
      const number = Math.min(2, examination.count('max_key_per_request') || 2)
      const size = examination.keySize
      return judgeKeys(await examination.take(number, { query: `number=${number}&size=${size}` }), number, size)
    },
  },
  {
    id: 'enc.max-number',
    clause: '6.1, 6.2',
    rule: 'max_key_per_request keys come in one reply.',
    needs: ['enc.number', 'status.fields'],
    async run(examination) {
      const number = examination.count('max_key_per_request') ?? 0
      if (number <= 3) return skipped(`max_key_per_request is ${number}, which has been tried`)
      const size = examination.keySize
      return judgeKeys(await examination.take(number, { body: { number, size } }), number, size)
    },
  },
  {
    id: 'enc.count',
    clause: '6.1',
    rule: 'stored_key_count goes down by what is taken.',
    needs: ['enc.post', 'status.fields'],
    keys: 2,
    async run(examination) {
      const before = await storedKeys(examination)
      const number = Math.min(2, examination.count('max_key_per_request') || 2)
      const { keys } = await examination.take(number, { body: { number, size: examination.count('key_size') ?? 256 } })
      const after = await storedKeys(examination)
      if (after === before - keys.length) return pass(`it went from ${before} to ${after}`)
      if (after < before) return pass(`it went from ${before} to ${after}; others take keys, too, or more come`)
      return after >= (examination.count('max_key_count') ?? 0)
        ? skipped('the stock is full again, so what was taken does not show')
        : warn(`it went from ${before} to ${after} though ${keys.length} were taken; more may have come meanwhile`)
    },
  },
  {
    id: 'enc.unique',
    clause: '5.3, 6.3',
    rule: 'No key_ID and no key comes twice.',
    needs: ['enc.post'],
    run({ seen }) {
      const ids = new Set(seen.map(({ keyId }) => keyId))
      if (ids.size < seen.length) return fail(`${seen.length - ids.size} of ${seen.length} key_IDs came before`)
      const twice = seen.some(({ key }, i) => seen.slice(0, i).some((before) => constantTimeEqual(before.key, key)))
      return twice ? fail('a key came under two key_IDs') : pass(`${seen.length} keys, all different`)
    },
  },
  {
    id: 'enc.exhausted',
    clause: '5.3',
    rule: 'An exhausted supply is answered with 503.',
    run: () => skipped('cannot be tried without emptying the supply'),
  },
]

function judgeKeys({ keys, shape }: Container, number: number, size: number | null): Verdict {
  if (shape.some(({ grade }) => grade === 'fail')) return worst(shape, '')
  if (keys.length !== number) return fail(`${keys.length} keys came where ${number} were asked for`)
  const wrong = keys.find(({ key }) => size !== null && 8 * key.length !== size)
  const came = number === 1 ? 'a key' : `${number} keys`
  if (wrong === undefined) return pass(`${came} of ${8 * (keys[0]?.key.length ?? 0)} bits came`)
  const hint = wrong.key.length === size ? '; it takes bits for bytes' : ''
  return fail(`a key of ${8 * wrong.key.length} bits came where ${size} were asked for${hint}`)
}

async function aspect(examination: Examination, of: 'shape' | 'encoding' | 'keyIds', otherwise: string) {
  const body = { number: 1, size: examination.keySize }
  return worst((await examination.take(1, { body }))[of], otherwise)
}

/** A size that can be had and is not the default. @throws Stop when there is none */
function otherSize(examination: Examination): number {
  const [least, most] = [examination.count('min_key_size') ?? 0, examination.count('max_key_size') ?? 0]
  const size = [512, 128, 256, 384, 192, least, most].find(
    (bits) => bits > 0 && bits % 8 === 0 && bits >= least && bits <= most && bits !== examination.count('key_size'),
  )
  if (size === undefined) throw cannotTry('keys come in one size alone')
  return size
}

async function storedKeys(examination: Examination): Promise<number> {
  const stored = (await readStatus(examination))['stored_key_count']
  if (typeof stored !== 'number') throw cannotTry('there is no stored_key_count')
  return stored
}

import { expect, it } from 'vitest'
import { KeySourceStatusWatch } from '../../../src/node/metrics/keySourceStatus.js'
import type { KeySource } from '../../../src/qkd/keySource.js'

it('a key source that never tells its status, whatever its signal says, is reported and not waited for', async () => {
  const never = () => new Promise<never>(() => {})
  const source: KeySource = { name: 'silent', getKey: never, getKeyWithId: never, status: never }
  const { error, storedKeys } = await new KeySourceStatusWatch(source, ['sae-b'], 20).report()
  expect(error).toMatchObject({ code: 'ERR_QKD_TIMEOUT' })
  expect(storedKeys.size).toBe(0)
})

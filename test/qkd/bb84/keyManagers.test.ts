import { describe, expect, it } from 'vitest'
import { saeB, startKeyManagers } from '../../support/kme.js'

describe('a key manager whose link gives no keys', () => {
  it('says why in its 503, and the client in its error', async () => {
    const reason = 'the quantum link gives no keys: QBER 12.3 % is above the threshold of 11.0 %'
    const managers = await startKeyManagers({ material: () => ({ draw: () => new Uint8Array(0), reason }) })
    await expect(managers.sourceA.getKey(saeB)).rejects.toMatchObject({
      code: 'ERR_QKD_EXHAUSTED',
      message: `the key manager has no key to give: ${reason}`,
    })
    await managers.close()
  })

  it('says that there are not enough when its link says nothing', async () => {
    for (const reason of [null, undefined]) {
      const material = { draw: () => new Uint8Array(0), ...(reason === undefined ? {} : { reason }) }
      const managers = await startKeyManagers({ material: () => material })
      await expect(managers.sourceA.getKey(saeB)).rejects.toMatchObject({
        message: expect.stringContaining('not enough keys are stored'),
      })
      await managers.close()
    }
  })
})

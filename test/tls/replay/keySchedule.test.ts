/** Every secret of every recorded handshake that came to its end. */
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../support/providers.js'
import { allTraces, isCompleted } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'
import { KeyScheduleReplay } from './keySchedule.js'

describeVectors('the key schedule of recorded handshakes', () => {
  const completed = allTraces().filter(isCompleted)

  it('has the 28 completed traces to go by', () => expect(completed).toHaveLength(28))

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(completed)('derives every secret, key, binder and Finished of $id', (trace) => {
      new KeyScheduleReplay(provider, trace).run()
    })
  })
})

/** What the derivation graph of the endpoints' own steps says, against the claim. */
import { minimalLeaks, thingKey } from '../../graph/index.js'
import type { Check } from './check.js'
import { graphOf } from './graphOf.js'
import { grants } from './leakSets.js'
import { inWords, thingInWords } from './words.js'

export const graph: Check = {
  name: 'graph',
  find({ first, claim }) {
    const predicted = minimalLeaks(first, graphOf(first))
    for (const thing of first.things) {
      const claimed = claim[thing.name] ?? []
      const excess = predicted.get(thingKey(thing))?.find((set) => !grants(claimed, set))
      if (excess !== undefined)
        return `as the endpoints computed, ${thingInWords(thing.name)} follows from ${inWords(excess)}`
    }
    return null
  },
}

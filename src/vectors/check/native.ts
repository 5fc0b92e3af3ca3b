import type { Feature } from '../../crypto/node/features.js'
import type { VectorCase } from '../format.js'

/** The property of a case, if it can be told: what is malformed is reported by running the case. */
export function nativeOf(find: () => Feature | null | undefined): Pick<VectorCase, 'native'> {
  try {
    const native = find()
    return native === undefined ? {} : { native }
  } catch {
    return {}
  }
}

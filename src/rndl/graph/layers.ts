/** How far each node of a picture is from the leaks. */
import type { GraphPicture } from '../report.js'

/** Along the longest way, so that derivations lead from lower to higher. What nothing leads to is at 0. */
export function layers(ids: readonly string[], derivations: GraphPicture['derivations']): ReadonlyMap<string, number> {
  const inputs = new Map<string, string[]>()
  for (const derivation of derivations) {
    inputs.set(derivation.output, [...(inputs.get(derivation.output) ?? []), ...derivation.inputs])
  }
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    // Where derivations run in a circle it is cut here.
    depths.set(id, 0)
    const depth = Math.max(-1, ...(inputs.get(id) ?? []).map(depthOf)) + 1
    depths.set(id, depth)
    return depth
  }
  return new Map(ids.map((id) => [id, depthOf(id)]))
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disjointPaths, type Graph } from '../../../src/pki/endorsements/disjointPaths.js'

describe('paths without a common node', () => {
  const graphs = fc.integer({ min: 2, max: 7 }).chain((size) =>
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 16 }),
      sources: fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: 3 }),
      goals: fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: 3 }),
    }),
  )

  const toGraph = ({
    edges,
    sources,
    goals,
  }: {
    edges: [number, number][]
    sources: number[]
    goals: number[]
  }): Graph => ({
    sources: sources.map(String),
    goals: new Set(goals.map(String)),
    next: (node) => edges.flatMap(([from, to]) => (String(from) === node ? [String(to)] : [])),
  })

  it('are paths of the graph, share no node, and are as many as nodes must be taken out to part the ends', () => {
    fc.assert(
      fc.property(graphs, (drawn) => {
        const graph = toGraph(drawn)
        const paths = disjointPaths(graph)
        const nodes = paths.flat()
        expect(new Set(nodes).size).toBe(nodes.length)
        for (const path of paths) {
          expect(graph.sources).toContain(path[0])
          expect(graph.goals.has(path.at(-1) as string)).toBe(true)
          for (const [i, node] of path.slice(0, -1).entries()) expect(graph.next(node)).toContain(path[i + 1])
        }
        expect(paths).toHaveLength(smallestCut(graph))
      }),
      { numRuns: 300 },
    )
  })
})

/** How many nodes, sources and goals among them, must go until no goal can be reached: tried out (Menger 1927). */
function smallestCut(graph: Graph): number {
  const all = Array.from({ length: 7 }, (_, i) => String(i))
  const reaches = (gone: ReadonlySet<string>): boolean => {
    const seen = new Set(graph.sources.filter((node) => !gone.has(node)))
    for (const node of seen) for (const to of graph.next(node)) if (!gone.has(to)) seen.add(to)
    return [...seen].some((node) => graph.goals.has(node))
  }
  const sizes = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_node, i) => (bits >> i) & 1))
    .filter((gone) => !reaches(new Set(gone)))
    .map(({ length }) => length)
  return Math.min(...sizes)
}

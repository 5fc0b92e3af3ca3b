import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut, NODE_HEIGHT } from '../../../src/rndl/report/html/graphLayout.js'
import type { GraphPicture } from '../../../src/rndl/report.js'
import { sampleGraph } from './sampleGraph.js'

const RUNS = { numRuns: 40 }
const widthOf = ({ label }: { readonly label: string }) => 20 + 7 * label.length

/** Layers of nodes, each derived from some of those above it. */
const graphs = fc
  .array(fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((layers): GraphPicture => {
    const nodes = layers.flatMap((layer, depth) =>
      layer.map((_, index) => ({
        id: `${depth}.${index}`,
        label: `value ${depth}.${index}`,
        kind: 'secret' as const,
        depth,
      })),
    )
    const derivations = layers.flatMap((layer, depth) => {
      const above = nodes.filter((node) => node.depth < depth)
      return above.length === 0
        ? []
        : layer.map((inputs, index) => ({
            output: `${depth}.${index}`,
            inputs: [...new Set(inputs.map((input) => above[input % above.length]?.id ?? ''))],
            by: 'HKDF',
          }))
    })
    return { nodes, derivations }
  })

describe('a derivation graph', () => {
  it('has a place inside the picture for every node, and no two in one place', () => {
    fc.assert(fc.property(graphs, check), RUNS)
    check(
      sampleGraph(
        ['curve', 'decapsulationKey', 'encapsulatedSecret', 'qkdKeys', 'deliveryLink', 'ticketKeys', 'memory'],
        true,
      ),
    )
  })

  it('leads every long edge through one bend a layer', () => {
    fc.assert(
      fc.property(graphs, (picture) => {
        const { nodes, bends } = layOut(picture, widthOf)
        for (const { output, inputs } of picture.derivations) {
          for (const input of inputs) {
            const [from, to] = [nodes.get(input), nodes.get(output)]
            const heights = [from?.y ?? 0, ...bends(input, output).map(({ y }) => y), to?.y ?? 0]
            expect(heights).toHaveLength((to?.node.depth ?? 0) - (from?.node.depth ?? 0) + 1)
            expect(heights).toEqual([...heights].sort((a, b) => a - b))
          }
        }
      }),
      RUNS,
    )
  })

  it('is laid out the same whatever the octets of its values are', () => {
    const picture = sampleGraph(['curve', 'decapsulationKey', 'encapsulatedSecret', 'memory'], false)
    const renamed = (id: string) => [...id].reverse().join('')
    const other = {
      nodes: picture.nodes.map((node) => ({ ...node, id: renamed(node.id) })).reverse(),
      derivations: picture.derivations.map((each) => ({
        ...each,
        output: renamed(each.output),
        inputs: each.inputs.map(renamed),
      })),
    }
    const places = (graph: GraphPicture) =>
      [...layOut(graph, widthOf).nodes.values()].map(({ node, x, y }) => `${node.label} ${x.toFixed(3)} ${y}`)
    expect(places(other)).toEqual(places(picture))
  })

  it('may be empty', () => {
    expect(layOut({ nodes: [], derivations: [] }, widthOf).nodes.size).toBe(0)
  })
})

function check(picture: GraphPicture): void {
  const { width, height, nodes } = layOut(picture, widthOf)
  expect(nodes.size).toBe(picture.nodes.length)
  const placed = [...nodes.values()]
  const outside = placed.filter(
    ({ x, y, width: wide }) => x - wide / 2 < 0 || x + wide / 2 > width || y + NODE_HEIGHT / 2 > height,
  )
  const overlapping = placed.filter((a, index) =>
    placed.slice(index + 1).some((b) => b.y === a.y && Math.abs(a.x - b.x) <= (a.width + b.width) / 2),
  )
  expect([...outside, ...overlapping]).toEqual([])
}

/**
 * As many paths as there can be from sources to goals that share no node (Menger's theorem: as many as nodes have to
 * be taken out to part them). Found as a flow in which each node may be passed once: a path more is looked for, also
 * back along the paths found so far, until there is none.
 */

/** Nodes by name. A node may be source and goal at once: a path of one node. */
export interface Graph {
  readonly sources: readonly string[]
  readonly goals: ReadonlySet<string>
  next(node: string): readonly string[]
}

const SOURCE = 'source'
const GOAL = 'goal'
/** Each node is an arc from where one enters it to where one leaves it. */
const enter = (node: string): string => `enter ${node}`
const leave = (node: string): string => `leave ${node}`

/** @returns for each path its nodes from source to goal; in the order of `sources` */
export function disjointPaths(graph: Graph): string[][] {
  const arcs = arcsOf(graph)
  const taken = new Map<string, Set<string>>()
  for (let path = shortestPath(arcs); path !== null; path = shortestPath(arcs)) {
    for (const [i, from] of path.slice(0, -1).entries()) turn(arcs, taken, from, path[i + 1] as string)
  }
  return [...(taken.get(SOURCE) ?? [])]
    .map((first) => follow(taken, first))
    .sort((a, b) => graph.sources.indexOf(a[0] as string) - graph.sources.indexOf(b[0] as string))
}

function arcsOf({ sources, goals, next }: Graph): Map<string, Set<string>> {
  const arcs = new Map<string, Set<string>>([[SOURCE, new Set(sources.map(enter))]])
  const waiting = [...new Set(sources)]
  for (const node of waiting) {
    if (arcs.has(enter(node))) continue
    const followers = next(node)
    arcs.set(enter(node), new Set([leave(node)]))
    arcs.set(leave(node), new Set([...followers.map(enter), ...(goals.has(node) ? [GOAL] : [])]))
    waiting.push(...followers)
  }
  return arcs
}

function shortestPath(arcs: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const cameFrom = new Map<string, string | null>([[SOURCE, null]])
  for (const node of cameFrom.keys()) {
    if (node === GOAL) break
    for (const to of arcs.get(node) ?? []) if (!cameFrom.has(to)) cameFrom.set(to, node)
  }
  if (!cameFrom.has(GOAL)) return null
  const path: string[] = []
  for (let node: string | null = GOAL; node !== null; node = cameFrom.get(node) ?? null) path.unshift(node)
  return path
}

/** Uses an arc up, or gives up the use of its reverse. */
function turn(arcs: Map<string, Set<string>>, taken: Map<string, Set<string>>, from: string, to: string): void {
  arcs.get(from)?.delete(to)
  arcs.set(to, (arcs.get(to) ?? new Set()).add(from))
  if (taken.get(to)?.delete(from) !== true) taken.set(from, (taken.get(from) ?? new Set()).add(to))
}

function follow(taken: ReadonlyMap<string, ReadonlySet<string>>, first: string): string[] {
  const nodes: string[] = []
  for (let at = first; at !== GOAL; ) {
    if (at.startsWith('enter ')) nodes.push(at.slice('enter '.length))
    const [to] = taken.get(at) ?? []
    at = to as string
  }
  return nodes
}

// Checks that the arrows of src/ run one way: cli → node → {tls, qkd, pki} → crypto. ARCHITECTURE.md says why.
// Usage: check-layers.mjs [FOLDER], the folder that holds src/ (default: this repository).
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { importsOf } from './lib/imports.mjs'
import { root } from './lib/run.mjs'

/** Which layers a layer may import besides itself and the leaves; a type counts like a value. */
const ARROWS = {
  leaf: [],
  crypto: [],
  tls: ['crypto'],
  qkd: ['crypto'],
  pki: ['crypto'],
  node: ['tls', 'qkd', 'pki', 'crypto'],
  face: ['node', 'qkd'],
  rndl: ['node', 'tls', 'qkd', 'pki', 'crypto', 'adversary', 'pages', 'processes'],
  adversary: [],
  pages: [],
  processes: [],
  bench: ['node', 'tls', 'qkd', 'pki', 'crypto', 'pages', 'processes'],
  vectors: ['tls', 'pki', 'crypto'],
  cli: ['node', 'tls', 'qkd', 'pki', 'crypto', 'rndl', 'bench', 'vectors'],
}

const LEAVES = ['alerts.ts', 'bytes.ts', 'errors.ts']

/** Sources that must run where there is no Node. */
const PORTABLE = [/^tls\//, /^crypto\/noble\//, /^qkd\/keySource\.ts$/, /^[^/]+(?<!^index)\.ts$/]

const problems = checkLayers(join(resolve(process.argv[2] ?? root), 'src'))
for (const problem of problems) console.error(problem)
console.log(problems.length === 0 ? 'layers: every import runs the right way' : `layers: ${problems.length} violations`)
process.exitCode = problems.length === 0 ? 0 : 1

function checkLayers(folder) {
  const graph = readGraph(folder)
  return [
    ...[...graph].flatMap(([file, imports]) => imports.flatMap((edge) => judge(graph, file, edge))),
    ...reachedBuiltins(graph),
    ...circles(graph),
  ]
}

/** Every source below src/ with its imports; a relative specifier becomes the path of a source. */
function readGraph(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.m?ts$/.test(file))
    .sort()
  return new Map(files.map((file) => [file, readImports(folder, file)]))
}

function readImports(folder, file) {
  const path = join(folder, file)
  return importsOf(readFileSync(path, 'utf8')).map((found) => ({ ...found, target: targetOf(folder, path, found) }))
}

/** The source that a relative specifier means, from src/; null for a package, a built-in or a computed specifier. */
function targetOf(folder, path, { specifier }) {
  if (specifier === null || !/^\.{1,2}\//.test(specifier)) return null
  const compiled = resolve(dirname(path), specifier)
  const source = compiled.replace(/\.(m?)js$/, '.$1ts')
  return relative(folder, existsSync(source) ? source : compiled)
    .split(sep)
    .join('/')
}

function judge(graph, file, { specifier, target, line }) {
  const where = `src/${file}:${line}`
  if (specifier === null) return [`${where}: a computed import cannot be checked`]
  if (/^trefoil(?:\/|$)/.test(specifier)) return [`${where}: imports the package by its own name`]
  if (target === null) {
    const forbidden = isBuiltin(specifier) && isPortable(file)
    return forbidden ? [`${where}: ${specifier} in a source that must run without Node`] : []
  }
  if (!graph.has(target)) return [`${where}: ${specifier} is not a source in src/`]
  const [from, to] = [layerOf(file), layerOf(target)]
  if (from === undefined) return [`${where}: src/${file} stands in no layer`]
  if (from === to || to === 'leaf' || ARROWS[from].includes(to)) return []
  return [`${where}: ${from} must not import ${to ?? 'a source outside the layers'} (${specifier})`]
}

function layerOf(file) {
  if (LEAVES.includes(file)) return 'leaf'
  if (file === 'index.ts') return 'face'
  if (file.startsWith('rndl/adversary/')) return 'adversary'
  const folder = file.slice(0, file.indexOf('/'))
  return Object.hasOwn(ARROWS, folder) ? folder : undefined
}

function isPortable(file) {
  return PORTABLE.some((pattern) => pattern.test(file))
}

/** Portable sources that load a built-in by way of another source. */
function reachedBuiltins(graph) {
  const loadsBuiltin = (file) =>
    (graph.get(file) ?? []).some(({ specifier, typeOnly }) => !typeOnly && specifier !== null && isBuiltin(specifier))
  return [...graph.keys()].filter(isPortable).flatMap((start) => {
    const route = findRoute(start, (file) => loadedBy(graph, file), loadsBuiltin)
    if (route === null || route.length === 1) return []
    return [`src/${start}: must run without Node, but loads ${route.slice(1).join(', which loads ')}`]
  })
}

/** The shortest route from `start` to a source that `isGoal` knows, or null. */
function findRoute(start, next, isGoal) {
  const routes = [[start]]
  const seen = new Set([start])
  for (const route of routes) {
    const here = route[route.length - 1]
    if (isGoal(here)) return route
    for (const target of next(here)) {
      if (seen.has(target)) continue
      seen.add(target)
      routes.push([...route, target])
    }
  }
  return null
}

/** One sentence for each circle of sources that load one another; a circle of types alone is loaded by nobody. */
function circles(graph) {
  const found = new Map()
  for (const start of graph.keys()) {
    for (const next of loadedBy(graph, start)) {
      const route = findRoute(
        next,
        (file) => loadedBy(graph, file),
        (file) => file === start,
      )
      if (route === null) continue
      const members = [...new Set([start, ...route])].sort().join(' ')
      if (!found.has(members)) found.set(members, `circle of imports: ${[start, ...route].join(' → ')}`)
    }
  }
  return [...found.values()]
}

/** The sources that are loaded with a source; a type is not loaded. */
function loadedBy(graph, file) {
  return (graph.get(file) ?? []).flatMap(({ target, typeOnly }) => (typeOnly || target === null ? [] : [target]))
}

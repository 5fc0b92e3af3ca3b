// Checks the package as a stranger gets it: packed, installed in an empty project, every subpath of `exports` imported
// on every Node at hand and type-checked with the strictest settings, and the command asked for its help.
// Usage: check-package.mjs [FOLDER]; builds by way of `npm pack`.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { peerBinary, peerMajors } from '../test/peers/binaries.mjs'
import { capture, root } from './lib/run.mjs'

/** Settings that a reader's project may have beyond our own; libraries are not skipped, so ours must hold up too. */
const STRICTEST = {
  target: 'ES2022',
  lib: ['ES2023'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
}

const top = resolve(process.argv[2] ?? root)
const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'trefoil-package-'))
const problems = []

try {
  const tarball = pack()
  if (tarball !== null && install(tarball)) {
    checkContents()
    checkImports()
    checkTypes()
    checkCommand()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) console.error(problem)
console.log(
  problems.length === 0 ? `package: ${subpaths().length} subpaths hold` : `package: ${problems.length} problems`,
)
process.exitCode = problems.length === 0 ? 0 : 1

/** The subpaths that are modules, as a reader writes them. */
function subpaths() {
  return Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith('.json'))
    .map((subpath) => manifest.name + subpath.slice(1))
}

function pack() {
  const { status, output } = npm(['pack', '--pack-destination', folder], top)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (status === 0 && tarball !== undefined) return join(folder, tarball)
  problems.push(`npm pack failed:\n${output}`)
  return null
}

function install(tarball) {
  mkdirSync(join(folder, 'project'))
  writeProjectFile(
    'package.json',
    JSON.stringify({ name: 'stranger', version: '1.0.0', private: true, type: 'module' }),
  )
  const { status, output } = npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], project())
  if (status !== 0) problems.push(`npm install of the packed package failed:\n${output}`)
  return status === 0
}

/** What a stranger must find, and what must not have slipped in. */
function checkContents() {
  const installed = join(project(), 'node_modules', manifest.name)
  const files = readdirSync(installed, { recursive: true })
  for (const file of ['README.md', 'LICENSE', ...Object.values(manifest.bin)]) {
    if (!existsSync(join(installed, file))) problems.push(`the package lacks ${file}`)
  }
  const stray = files.filter((file) => /\.tsbuildinfo$|\.test\.|(?:^|\/)\.docs|(?<!\.d)\.ts$/.test(file))
  for (const file of stray) problems.push(`the package holds ${file}`)
}

function checkImports() {
  const program = `for (const name of ${JSON.stringify(subpaths())}) {
    if (Object.keys(await import(name)).length === 0) throw new Error(name + ' exports nothing')
  }`
  writeProjectFile('imports.mjs', program)
  for (const binary of [process.execPath, ...peerMajors.flatMap((major) => peerBinary(major) ?? [])]) {
    const { status, output } = capture(binary, ['imports.mjs'], { cwd: project() })
    if (status !== 0) problems.push(`importing every subpath with ${binary} failed:\n${output}`)
  }
}

function checkTypes() {
  const statements = subpaths().map((name, index) => `import * as module${index} from '${name}'\n`)
  const uses = subpaths().map((_, index) => `export type Names${index} = keyof typeof module${index}\n`)
  writeProjectFile('types.ts', [...statements, ...uses].join(''))
  writeProjectFile('tsconfig.json', JSON.stringify({ compilerOptions: STRICTEST, include: ['types.ts'] }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, output } = capture(process.execPath, [compiler, '-p', project()], { cwd: project() })
  if (status !== 0) problems.push(`the types do not hold in a strict project:\n${output}`)
}

function checkCommand() {
  for (const command of Object.keys(manifest.bin)) {
    const { status, stdout, output } = capture('npx', ['--no-install', command, '--help'], { cwd: project() })
    if (status !== 0 || !stdout.includes('Usage'))
      problems.push(`npx ${command} --help ended with ${status}:\n${output}`)
  }
}

function project() {
  return join(folder, 'project')
}

function writeProjectFile(name, text) {
  writeFileSync(join(project(), name), text)
}

/** Without the settings that npm passes down to scripts: the stranger's npm does not know this repository. */
function npm(args, cwd) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
  return capture('npm', args, { cwd, env })
}

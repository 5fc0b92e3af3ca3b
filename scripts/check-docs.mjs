// Checks what the documents claim. In every Markdown file that git knows or would add:
//   ```ts            is a module of a reader's: it must type-check against the built package (`trefoil` is dist/)
//   ```sh run        is run in a folder where `trefoil` is installed; blocks of one document run in order, in one folder
//   ```sh run here   is run at the top of the repository
// and a relative link must lead to a file, and its fragment to a heading.
// Usage: check-docs.mjs [FOLDER]; build first.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, normalize, resolve } from 'node:path'
import { anchors, codeBlocks, links } from './lib/markdown.mjs'
import { capture, root } from './lib/run.mjs'

/** How long one block may run, in milliseconds. */
const TIME_LIMIT = 180_000

const top = resolve(process.argv[2] ?? root)
const documents = listDocuments()
const problems = [...checkLinks(), ...checkTypes(), ...runCommands()]
for (const problem of problems) console.error(problem)
console.log(`docs: ${documents.length} documents, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

function listDocuments() {
  const listing = capture('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: top })
  const paths = listing.stdout.split('\0').filter((path) => path !== '' && existsSync(join(top, path)))
  return paths.sort().map((path) => ({ path, text: readFileSync(join(top, path), 'utf8') }))
}

function checkLinks() {
  return documents.flatMap(({ path, text }) =>
    links(text).flatMap(({ target, line }) => {
      if (/^[a-z][a-z+.-]*:/i.test(target)) return []
      const [file = '', fragment] = target.split('#')
      const linked = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)))
      if (linked.startsWith('..') || !existsSync(join(top, linked)))
        return [`${path}:${line}: nothing stands at ${target}`]
      if (fragment === undefined || !linked.endsWith('.md')) return []
      const headings = anchors(readFileSync(join(top, linked), 'utf8'))
      return headings.has(fragment) ? [] : [`${path}:${line}: ${linked} has no heading #${fragment}`]
    }),
  )
}

/** Compiles all blocks at once, each a module of its own, padded so that its line numbers are the document's. */
function checkTypes() {
  const modules = documents.flatMap(({ path, text }) =>
    codeBlocks(text)
      .filter(({ language }) => language === 'ts')
      .map((block) => ({ path, block })),
  )
  if (modules.length === 0) return []
  // Inside the package, because only there its own name leads to its own exports; dist/ is made anew by each build.
  const folder = join(top, 'dist/.docs')
  try {
    mkdirSync(folder, { recursive: true })
    const typeRoots = [join(root, 'node_modules/@types')]
    const compilerOptions = { noEmit: true, rootDir: folder, typeRoots, noUnusedLocals: false }
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    modules.forEach(({ block }, index) => {
      writeFileSync(join(folder, `${index}.ts`), `${'\n'.repeat(block.line - 1)}${block.text}\nexport {}\n`)
    })
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { status, output } = capture(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder })
    if (status === 0) return []
    return [output.trim().replace(/^(\d+)\.ts\((\d+),\d+\)/gm, (_, index, line) => `${modules[index].path}:${line}`)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runCommands() {
  return documents.flatMap(({ path, text }) => {
    const blocks = codeBlocks(text).filter(({ language, tags }) => language === 'sh' && tags.includes('run'))
    return blocks.length === 0 ? [] : runBlocks(path, blocks)
  })
}

/** Runs the blocks of one document; stops at the first that fails, since what follows would build on it. */
function runBlocks(path, blocks) {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-docs-'))
  try {
    installPackage(folder)
    for (const { text, tags, line } of blocks) {
      const { status, output } = capture('bash', ['-euo', 'pipefail', '-c', text], {
        cwd: tags.includes('here') ? top : folder,
        env: { ...process.env, PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env.PATH}` },
        timeout: TIME_LIMIT,
      })
      if (status !== 0) return [`${path}:${line}: the commands ended with ${status}:\n${output.trimEnd()}`]
    }
    return []
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `npm install trefoil` would leave in a folder, by links to this repository. */
function installPackage(folder) {
  const { name, bin } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(top, join(folder, 'node_modules', name))
  for (const [command, file] of Object.entries(bin))
    symlinkSync(join(top, file), join(folder, 'node_modules/.bin', command))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'reader', private: true, type: 'module' }))
}

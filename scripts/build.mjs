// Builds dist/ from nothing: compiled JavaScript, declarations, and an executable command.
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './lib/run.mjs'

rmSync(join(root, 'dist'), { recursive: true, force: true })
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'])

const command = join(root, 'dist/cli/main.js')
if (existsSync(command)) chmodSync(command, 0o755)

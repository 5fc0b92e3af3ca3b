// Running other programs from the repository's scripts.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's top folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Runs a program with our standard streams; ends this process with its exit status when that is not 0. */
export function run(program, args, options = {}) {
  const status = statusOf(program, args, options)
  if (status !== 0) process.exit(status)
}

/** Runs a program with our standard streams and gives its exit status; a signal counts as 1. */
export function statusOf(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options })
  if (error !== undefined) console.error(`${program}: ${error.message}`)
  return status ?? 1
}

/** Runs a program silently: its exit status, and both streams as one text. */
export function capture(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  })
  return { status: status ?? 1, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` }
}

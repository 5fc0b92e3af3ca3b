/**
 * The garbage collector on call, so that each contestant pays for its own garbage and not for that of the one before.
 * V8 has it behind a flag, which may be set while it runs.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options?: { readonly type: 'minor' | 'major' }) => void

let collect: Collect | undefined

function collector(): Collect {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
    setFlagsFromString('--no-expose-gc')
  }
  return collect
}

/** All that is garbage. */
export function collectAll(): void {
  collector()()
}

/** What was allocated lately: what a program pays again and again. */
export function collectYoung(): void {
  collector()({ type: 'minor' })
}

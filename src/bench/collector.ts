/**
 * The collector of young garbage on call, so that each contestant pays for its own and not for that of the one before. V8
 * has it behind a flag, which may be set while it runs. Old garbage is left to itself: to collect all of it gives pages and
 * compiled code back, and what comes next pays for that twice over.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

let collect: Collect | undefined

export function collectYoung(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
    setFlagsFromString('--no-expose-gc')
  }
  collect({ type: 'minor' })
}

/**
 * A negative control: endpoints that are broken on purpose, in a way in which real ones have been. Whatever the harness
 * says of sound endpoints is worth as much as its eye for these.
 *
 * To add one:
 * 1. Write a row in a file of `catalogue/`. `sabotage` makes the hooks that break both ends: `sabotage/hooks.ts` has the
 *    usual ways, the files beside it what those are made of. What a broken endpoint computes it has the given provider
 *    compute, so that the trace shows where values come from.
 * 2. Give the `schedule` by which the broken endpoint makes its keys, where it differs from the standard's. The adversary
 *    knows it.
 * 3. Name the checks that must see it. If none can, write one in `checks/`: it runs on the sound endpoints too, where it
 *    must find nothing.
 * 4. List the row in `table.ts`. The tests hold every row to its checks, and to an adversary who opens everything when
 *    everything has leaked: a schedule that did not fit its endpoint would not.
 */
import type { Schedule } from '../adversary/index.js'
import type { Hooks } from '../endpoints/index.js'
import type { CheckName } from './checks/check.js'
import type { Specimen } from './specimens.js'

export interface Control {
  /** Lower case, with hyphens. */
  readonly name: string
  readonly title: string
  /** What is wrong, in a sentence. */
  readonly defect: string
  /** Default: a whole session on auth PSK and QKD key. */
  readonly specimen?: Specimen
  /** Called once for each control; what it gives breaks all runs of that control, so state in it outlives a session. */
  readonly sabotage: () => Hooks
  /** How the broken endpoint makes its keys, where it is not as the standard says. */
  readonly schedule?: Partial<Schedule>
  /**
   * Checks that must find something: each of them sees the defect itself, and the report quotes the first. Others may see
   * what follows from it.
   */
  readonly seenBy: readonly CheckName[]
}

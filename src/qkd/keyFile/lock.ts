/**
 * Keeps a key file to one process. Node has no flock, so a lock is an empty file beside the key file that has its
 * holder in its name. Whoever wants the key file first sets down a lock of its own, and then looks for others: of two
 * that come at once, at least one sees the other and steps back. A lock whose holder has died counts for nothing. Since
 * no name is ever used twice, taking a dead lock away can never hit a live one, which is the trap of lock files with
 * one fixed name.
 */
import { randomBytes } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TrefoilError } from '../../errors.js'
import { type Holder, lives, thisProcess } from './holder.js'

export interface Lock {
  release(): Promise<void>
}

/** How often two that step back from each other try again. */
const ATTEMPTS = 6

/**
 * @param path of the key file, links resolved
 * @throws TrefoilError ERR_INVALID_STATE when somebody else has it, or may have
 */
export async function lockKeyFile(path: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    const own = `${basename(path)}.lock.${nameOf(thisProcess())}.${randomBytes(4).toString('hex')}`
    const file = join(dirname(path), own)
    await (await open(file, 'wx', 0o600)).close()
    const other = await findOther(path, own).catch(async (error: unknown) => {
      await rm(file, { force: true })
      throw error
    })
    if (other === null) return { release: () => rm(file, { force: true }) }
    await rm(file, { force: true })
    if (attempt === ATTEMPTS || other.alive === 'unknown') throw held(path, other)
    await delay(5 + Math.random() * 10 * attempt)
  }
}

interface OtherLock {
  readonly name: string
  readonly holder: Holder
  readonly alive: 'yes' | 'unknown'
}

/** A lock that counts, other than ours. Takes away those of the dead. */
async function findOther(path: string, own: string): Promise<OtherLock | null> {
  const folder = dirname(path)
  let found: OtherLock | null = null
  for (const name of await readdir(folder)) {
    const holder = name === own ? null : holderIn(name, `${basename(path)}.lock.`)
    if (holder === null) continue
    const alive = lives(holder)
    if (alive === 'no') await rm(join(folder, name), { force: true })
    else found = { name, holder, alive }
  }
  return found
}

function nameOf({ pid, start, machine, boot, namespace }: Holder): string {
  return [pid, start, machine, boot, namespace].join('.')
}

function holderIn(name: string, prefix: string): Holder | null {
  const fields = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  const match = /^(\d+)\.(\d+)\.([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{8})\.[0-9a-f]{8}$/.exec(fields)
  if (match === null) return null
  const [, pid, start, machine, boot, namespace] = match as unknown as [string, string, string, string, string, string]
  return { pid: Number(pid), start, machine, boot, namespace }
}

function held(path: string, { name, holder, alive }: OtherLock): TrefoilError {
  const advice =
    alive === 'yes'
      ? `process ${holder.pid} has the key file ${path} open`
      : `the key file ${path} may be open on another machine or in another container; if it is not, remove ${name}`
  return new TrefoilError('ERR_INVALID_STATE', advice)
}

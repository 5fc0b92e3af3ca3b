/**
 * Who holds a lock, so told that others can see whether it still lives: a process by its ID *and* its start, since IDs
 * come round again, on a machine, since a boot of it, in a namespace of process IDs, since containers count afresh.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { toHex, utf8 } from '../../bytes.js'
import { sha256 } from './format.js'

export interface Holder {
  readonly pid: number
  /** Clock ticks since the boot, `0` where the system does not tell. */
  readonly start: string
  readonly machine: string
  readonly boot: string
  readonly namespace: string
}

let own: Holder | null = null

export function thisProcess(): Holder {
  own ??= {
    pid: process.pid,
    start: startOf(process.pid) ?? '0',
    machine: short(hostname() + (readOr('/etc/machine-id') ?? '')),
    boot: short(readOr('/proc/sys/kernel/random/boot_id') ?? ''),
    namespace: short(linkOr('/proc/self/ns/pid') ?? ''),
  }
  return own
}

/** `unknown` when it cannot be seen from here; whoever wants its lock then has to ask a person. */
export function lives(holder: Holder): 'yes' | 'no' | 'unknown' {
  const here = thisProcess()
  if (holder.machine !== here.machine) return 'unknown'
  // The same machine, started anew since.
  if (holder.boot !== here.boot) return 'no'
  if (holder.namespace !== here.namespace) return 'unknown'
  if (!exists(holder.pid)) return 'no'
  const start = startOf(holder.pid)
  return start === null || holder.start === '0' || start === holder.start ? 'yes' : 'no'
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses. Null without such a file. */
function startOf(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`)
  return stat === null ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null)
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: there is one, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function short(text: string): string {
  return toHex(sha256([utf8(text)]).subarray(0, 4))
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function linkOr(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** The process of the servers, seen from the client's. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { TrefoilError } from '../../errors.js'
import type { Materials } from '../handshakes/materials.js'
import type { Mode } from '../handshakes/modes.js'
import type { Answer, Ask, Ports } from './serverProcess.js'

export interface LoopbackServer {
  /** The servers of this mode, in place of those before. */
  serve(mode: Mode, materials: Materials): Promise<Ports>
  /** Microseconds that the process has taken so far. */
  processorTime(): Promise<number>
}

/** Runs `work` with the process, which ends with it. */
export async function withServer<T>(work: (server: LoopbackServer) => Promise<T>): Promise<T> {
  const program = fileURLToPath(new URL('./serverProcess.js', import.meta.url))
  const child = fork(program, [], { execArgv: ['--no-warnings'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const gone = once(child, 'close')
  try {
    return await work({
      async serve(mode, materials) {
        const answer = await ask(child, gone, { ask: 'serve', mode, materials })
        if (answer.answer === 'ports') return answer.ports
        throw failed(answer.answer === 'failure' ? answer.message : answer.answer)
      },
      async processorTime() {
        const answer = await ask(child, gone, { ask: 'processor time' })
        if (answer.answer === 'processor time') return answer.microseconds
        throw failed(answer.answer)
      },
    })
  } finally {
    child.kill('SIGTERM')
    await gone
  }
}

/** One question at a time. */
async function ask(child: ChildProcess, gone: Promise<unknown>, question: Ask): Promise<Answer> {
  const answered = once(child, 'message')
  child.send(question)
  const [answer] = await Promise.race([answered, gone.then(() => [null])])
  if (answer === null) throw failed('it ended')
  return answer as Answer
}

function failed(why: string): TrefoilError {
  return new TrefoilError('ERR_INTERNAL', `the servers of the bench: ${why}`)
}

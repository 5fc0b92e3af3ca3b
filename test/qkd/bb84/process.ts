/** A Node process with a program of a few lines. */
import { execFile } from 'node:child_process'

export function runNode(program: string): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, stdout })
    })
  })
}

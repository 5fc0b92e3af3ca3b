/** What is printed and read by nobody any more: `trefoil … | head` ends quietly, as commands do that SIGPIPE ends. */

/** How a shell tells of them: 128 and the number of the signal. */
const ENDED_BY_SIGPIPE = 141

/** A command that goes on without a reader has a listener for errors of stdout itself. */
export function endWithoutReader(): void {
  const { stdout, stderr } = process
  stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (stdout.listenerCount('error') > 1) return
    if (cause.code === 'EPIPE') process.exit(ENDED_BY_SIGPIPE)
    stderr.write(`trefoil: stdout cannot be written: ${cause.message}\n`)
    process.exit(1)
  })
  // What else could be told, and where?
  stderr.on('error', () => {})
}

// Installs what tests need from Debian and is missing here: the browser in which the page of `trefoil rndl` is checked,
// Wireshark's tshark, which reads our recordings with our key logs, Redis, which keeps sessions, and PostgreSQL, which is
// carried through a tunnel.
// Changes a machine only where that is expected: as root, in CI. Elsewhere the tests skip and say so; in CI they fail.
import { capture, statusOf } from './lib/run.mjs'

/** Commands that succeed where a package is installed, and its name. */
const PACKAGES = {
  'chromium --version': 'chromium',
  'tshark --version': 'tshark',
  'redis-server --version': 'redis-server',
  'pg_lsclusters --help': 'postgresql',
}

const missing = Object.entries(PACKAGES)
  .filter(([command]) => !runs(command))
  .map(([, name]) => name)

if (missing.length > 0) install(missing)

function install(names) {
  if (process.env.CI && process.getuid?.() === 0 && runs('apt-get --version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const attempt = () => statusOf('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env })
    // The lists of packages may be there already; where they are old or missing they are fetched.
    if (attempt() === 0 || (statusOf('apt-get', ['update', '-qq'], { env }) === 0 && attempt() === 0)) return
  }
  console.error(
    `not installed: ${names.join(', ')}; tests that need them ${process.env.CI ? 'will fail' : 'are skipped'}`,
  )
}

function runs(line) {
  const [command, option] = line.split(' ')
  return capture(command, [option]).status === 0
}

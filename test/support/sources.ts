/** A source for SAE A at some key manager's URL. The caller closes it. */
import { type Etsi014KeySource, type Etsi014Options, etsi014 } from '../../src/qkd/index.js'
import { credentials, saeA } from './kme.js'

/** The time-out is long, since the machine may be busy: tests of time-outs give their own. */
export function sourceAt(url: string, options: Partial<Etsi014Options> = {}): Etsi014KeySource {
  return etsi014({ url, ...credentials(saeA), timeoutMilliseconds: 20_000, ...options })
}

/** The contexts that `server.addContext` adds: which one is for the name that a client asks for. */
import { TrefoilError } from '../errors.js'
import type { SNICallback } from './options.js'
import type { SecureContext } from './secureContext.js'

export class NamedContexts {
  /** The latest first: where several match, it counts. */
  readonly #entries: { readonly names: RegExp; readonly context: SecureContext }[] = []

  /**
   * @param hostname a DNS name, in which each `*` stands for anything but a dot
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  add(hostname: string, context: SecureContext): void {
    if (typeof hostname !== 'string' || hostname === '') {
      throw new TrefoilError('ERR_INVALID_OPTION', 'addContext needs the name that the context is for')
    }
    const source = hostname.replace(/[^\w*]/gu, '\\$&').replaceAll('*', '[^.]*')
    this.#entries.unshift({ names: new RegExp(`^${source}$`, 'i'), context })
  }

  /** Undefined while there are none: then there is nothing to choose from. */
  get callback(): SNICallback | undefined {
    if (this.#entries.length === 0) return undefined
    return (servername, callback) => callback(null, this.#entries.find(({ names }) => names.test(servername))?.context)
  }
}

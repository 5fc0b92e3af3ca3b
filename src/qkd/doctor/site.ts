/** Where a key manager is. */
export interface Site {
  readonly host: string
  readonly port: number
  /** The path before `/api/v1`, without a slash at its end. */
  readonly prefix: string
  /** Name to expect in its certificate instead of the host. */
  readonly servername: string | undefined
}

export function siteOf({ url, servername }: { readonly url: string; readonly servername?: string }): Site {
  const { hostname, port, pathname } = new URL(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 443 : Number(port),
    prefix: pathname.replace(/\/+$/, ''),
    servername,
  }
}

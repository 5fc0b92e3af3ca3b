/** What all pages look like: light and dark as the reader has it, narrow and wide. */

export interface Look {
  /** Custom properties by which the page's own rules name colours; `--paper`, `--ink`, `--line`, `--muted` are used here. */
  readonly light: string
  readonly dark: string
  /** Of the widest line, in rem. */
  readonly width: number
}

/** The rules before those of the page itself. */
export function baseStyle({ light, dark, width }: Look): string {
  return `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box }
body { margin: 0; overflow-wrap: anywhere; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif }
main { max-width: ${width}rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; margin: .1rem 0 1.2rem }
h2 { font-size: 1.35rem; margin: 3rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem }
.kicker { color: var(--muted); margin: 0; font-size: .9rem }`
}

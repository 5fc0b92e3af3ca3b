/**
 * A page that needs nothing else: no network, no font, no script to be read. Its policy lets in the one style and the one
 * script that are named by their hashes, so that even markup that got in by mistake could run nothing.
 */
import { createHash } from 'node:crypto'
import { html, type Markup, NOTHING, trusted } from './markup.js'

export interface Page {
  readonly title: string
  readonly style: string
  readonly script?: string
  readonly main: Markup
}

/** One HTML document, self-contained. */
export function renderPage({ title, style, script, main }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy.join('; '))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${main}
</main>
${script === undefined ? NOTHING : html`<script>${trusted(script)}</script>\n`}</body>
</html>
`.markup
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

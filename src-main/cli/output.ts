import { styleText } from 'node:util'

/** Ends the program quietly when nobody reads what it prints, as in `latent-loom nodes | head -1`. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** A result, as a line on stdout. */
export function printResult(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A result as one line of JSON on stdout. */
export function printJson(value: unknown): void {
  printResult(JSON.stringify(value))
}

/** Anything for a person, as a line on stderr. */
export function printNote(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Text from files and libraries may hold escape sequences that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
}

type Style = Parameters<typeof styleText>[0]

/** In colour where stderr is a terminal that wants it (NO_COLOR). */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr })
}

/** Seconds with one decimal, whatever the locale. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

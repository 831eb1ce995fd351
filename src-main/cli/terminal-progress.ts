import type { WriteStream } from 'node:tty'
import type { RunEvent } from '#core/protocol/messages.ts'
import { printable, seconds, styled } from './output.ts'

/** Shows the progress of a run. */
export interface Progress {
  show(event: RunEvent): void
  /** Clears the line, so that something else can be printed. */
  clear(): void
  /** Ends the display. */
  end(): void
}

const phaseNames: Record<Extract<RunEvent, { type: 'phase' }>['phase'], string> = {
  load: 'Loading',
  encode: 'Encoding',
  sample: 'Sampling',
  decode: 'Decoding',
  save: 'Saving',
}

/** Columns of a terminal that does not report its width. */
const usualColumns = 80

/** Milliseconds between two redraws, so that the clock runs while the engine is silent. */
const tick = 200

/** Where progress is shown. */
export type ProgressStream = Pick<WriteStream, 'isTTY' | 'columns'> & { write(text: string): unknown }

/** One redrawn line on a terminal; otherwise, and where others print too, a plain line per phase and step. */
export function terminalProgress(stream: ProgressStream, { shared }: { shared: boolean }): Progress {
  return stream.isTTY && !shared && process.env.TERM !== 'dumb' ? liveLine(stream) : plainLines(stream)
}

function plainLines(stream: ProgressStream): Progress {
  let phase = ''
  return {
    show(event) {
      if (event.type === 'phase') phase = phaseText(event)
      if (event.type === 'phase') stream.write(`${phase}\n`)
      if (event.type === 'step') stream.write(`${phase} ${event.step}/${event.steps}\n`)
    },
    clear() {},
    end() {},
  }
}

function liveLine(stream: ProgressStream): Progress {
  const started = performance.now()
  let phase = 'Starting'
  let steps = ''
  const draw = () => {
    const time = seconds(performance.now() - started)
    // a wrapped line cannot be redrawn; wide characters take two columns
    const room = Math.max(0, (stream.columns || usualColumns) - steps.length - time.length - 4)
    stream.write(`\r\u001b[2K${shorten(phase, room)}${styled('cyan', steps)} ${styled('dim', time)}`)
  }
  const clear = () => {
    stream.write('\r\u001b[2K')
  }
  const timer = setInterval(draw, tick)
  timer.unref()
  return {
    show(event) {
      if (event.type === 'phase') {
        phase = phaseText(event)
        steps = ''
      }
      if (event.type === 'step') steps = ` ${bar(event.step, event.steps)} ${event.step}/${event.steps}`
      if (event.type === 'phase' || event.type === 'step') draw()
    },
    clear,
    end() {
      clearInterval(timer)
      clear()
    },
  }
}

function phaseText({ phase, label, precision }: Extract<RunEvent, { type: 'phase' }>): string {
  return printable(`${phaseNames[phase]} ${label}${precision === 'float16' ? ' in float16' : ''}`)
}

const barWidth = 12

function bar(step: number, steps: number): string {
  const full = steps > 0 ? Math.min(barWidth, Math.round((barWidth * step) / steps)) : barWidth
  return '█'.repeat(full) + '░'.repeat(barWidth - full)
}

/** The beginning of `text` that fits into `columns`. A character outside ASCII counts as two. */
function shorten(text: string, columns: number): string {
  let used = 0
  let kept = ''
  for (const character of text) {
    used += character < '\u0080' ? 1 : 2
    if (used > columns) return `${kept.slice(0, -1)}…`
    kept += character
  }
  return kept
}

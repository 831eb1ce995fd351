import type { Flags } from './arguments.ts'
import { type Command, commonFlags } from './command.ts'
import { commands } from './commands.ts'

const exitCodes = `Exit codes:
  0    done
  1    failed
  2    wrong usage or an invalid workflow
  130  interrupted`

/** Help for the whole program, generated from the table of commands. */
export function programHelp(): string {
  const names = [...commands].map(([name, { operands }]) => [name, ...operands].join(' '))
  const width = Math.max(...names.map((name) => name.length))
  const rows = [...commands.values()].map(({ summary }, index) => `  ${(names[index] ?? '').padEnd(width)}  ${summary}`)
  return `Latent Loom runs image generation workflows.

Usage: latent-loom COMMAND [flags]
       latent-loom --run FILE [flags of run]

Commands:
${rows.join('\n')}

latent-loom COMMAND --help explains a command, latent-loom --version prints the version.

${exitCodes}
`
}

/** Help for one command. */
export function commandHelp(name: string, { summary, details, operands, flags }: Command): string {
  const usage = ['latent-loom', name, '[flags]', ...operands].join(' ')
  return `${summary}.${details === undefined ? '' : `\n${details}`}

Usage: ${usage}
A FILE that begins with a dash goes after --.

Flags:
${flagRows({ ...flags, ...commonFlags }).join('\n')}

${exitCodes}
`
}

function valueText(kind: Flags[string]['kind'], value: string | undefined): string {
  if (value === undefined) return ''
  return kind === 'option' ? `[=${value}]` : ` ${value}`
}

function flagRows(flags: Flags): string[] {
  const heads = Object.entries(flags).map(
    ([name, { short, value, kind }]) => `${short ? `-${short}, ` : '    '}--${name}${valueText(kind, value)}`,
  )
  const width = Math.max(...heads.map((head) => head.length))
  return Object.values(flags).map(({ help, kind }, index) => {
    const repeats = kind === 'list' ? ' (may be repeated)' : ''
    return `  ${(heads[index] ?? '').padEnd(width)}  ${help}${repeats}`
  })
}

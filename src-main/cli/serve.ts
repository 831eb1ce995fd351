import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { dataFolder } from '../host/paths.ts'
import { DataFolderInUse } from '../server/data-folder.ts'
import { isLoopback, originOf } from '../server/guard.ts'
import type { Server } from '../server/server.ts'
import { wrong } from './arguments.ts'
import { defineCommand, exitCode } from './command.ts'
import { answerControl } from './control.ts'
import { requireFile } from './document-file.ts'
import { endAtOnce, endLimits, endWithin, interrupts, sameKeyPress } from './ending.ts'
import { openBrowser } from './open-browser.ts'
import { printable, printJson, printNote, printResult, styled } from './output.ts'
import { outputFolderOf } from './run.ts'
import { modelFlags, modelFoldersOf } from './source.ts'

export const serve = defineCommand({
  summary: 'Serve the editor to a browser',
  details: `FILE is a .loom.json workflow to begin with. The address is printed, with the token that lets a browser in.
Only this machine is answered unless --host says otherwise.`,
  operands: ['[FILE]'],
  flags: {
    open: { kind: 'switch', help: 'Open the address in the browser' },
    host: { kind: 'text', value: 'ADDRESS', help: 'Listen here instead of at this machine alone; 0.0.0.0 for all' },
    port: {
      kind: 'text',
      value: 'N',
      help: 'Listen at this port; 0 for any that is free; else the last one, or 7467 or one of the next',
    },
    origin: {
      kind: 'list',
      value: 'ORIGIN',
      help: 'Answer pages of a proxy at https://NAME too; may come several times',
    },
    out: { kind: 'text', short: 'o', value: 'DIR', help: 'Save pictures here' },
    data: { kind: 'text', value: 'DIR', help: 'Keep documents, drafts and input pictures here' },
    ...modelFlags,
    control: { kind: 'switch', help: 'Answer JSON lines on stdin, for a program that shows the page in its window' },
  },
  async execute({ values, operands: [file] }, { engineModule, editorFolder, endLimits: limits = endLimits }) {
    const { host, verbose } = values
    const port = portOf(values.port)
    const origins = values.origin.map(proxyOf)
    const data = values.data === undefined ? dataFolder : resolve(values.data)
    const modelFolders = await modelFoldersOf(values.models, data)
    const outputFolder = values.out === undefined ? undefined : await outputFolderOf(values.out)
    if (file !== undefined) await requireFile(file)
    const stopped = interrupted(limits.process)
    // only here: no other command waits for it
    const { createServer } = await import('../server/server.ts')
    const server = await createServer({
      engineModule,
      editorFolder,
      modelFolders,
      outputFolder,
      dataFolder: data,
      host,
      port,
      origins,
      inWindow: values.control,
      ...(verbose && { log: (text: string) => process.stderr.write(printable(text)) }),
    }).catch((error: unknown) => openOther(error, values))
    if (server === undefined) return exitCode.done
    try {
      if (host !== undefined && !isLoopback(host)) warnOfNetwork()
      const document = file === undefined ? undefined : await server.library.addDocument(resolve(file))
      await announce(server, { document, ...values })
      await Promise.race([stopped, ...(values.control ? [answerControl(server)] : [])])
    } finally {
      endWithin(limits.process)
      await server.close()
    }
    return exitCode.done
  },
})

/**
 * Leads to the server that owns the data folder already, if the person wants it.
 * @returns after its page was opened
 * @throws `error` otherwise
 */
async function openOther(error: unknown, { open, control }: { open: boolean; control: boolean }): Promise<undefined> {
  if (!(error instanceof DataFolderInUse) || error.entry === undefined) throw error
  if (control) printJson({ other: await error.entry() })
  else if ((open || (await wants(`${error.message} Open that one?`))) && (await openBrowser(await error.entry()))) {
    printNote('The data folder is in use by another Latent Loom; its page is opened.')
    return
  }
  throw error
}

/** Asks at a terminal. Elsewhere nobody answers. */
async function wants(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(`${printable(question)} [Y/n] `)
  asking.close()
  return /^(y(es)?)?$/i.test(answer.trim())
}

async function announce(
  server: Server,
  { document, control, open }: { document: string | undefined; control: boolean; open: boolean },
): Promise<void> {
  const url = server.url(document)
  if (control) return printJson({ url })
  for (const each of [url, ...server.proxyUrls(document)]) printResult(each)
  printNote('Press Ctrl-C to stop.')
  if (open && !(await openBrowser(server.ticketUrl(document)))) printNote('Open the address in a browser.')
}

function warnOfNetwork(): void {
  printNote(
    `${styled('yellow', 'warning:')} Other machines can reach this server. Whoever has the token can run workflows and read pictures,
  and the connection is not encrypted: use it in a network that you trust. There, this machine's name or
  address takes the place of 127.0.0.1.`,
  )
}

/** Resolves at the first interrupt; the second ends the process at once. */
function interrupted(limit: number): Promise<void> {
  return new Promise((stop) => {
    for (const name of interrupts) {
      process.once(name, () => {
        stop()
        endWithin(limit)
        setTimeout(() => process.once(name, endAtOnce), sameKeyPress).unref()
      })
    }
  })
}

function proxyOf(text: string): string {
  const origin = originOf(text)
  if (origin !== undefined) return origin
  throw wrong(`--origin ${text} is not the origin of a page.`, 'Write https:// and the name, without a path.')
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text)
  throw wrong(`--port ${text} is not a port.`, 'Use a whole number from 0 to 65535.')
}

import type { AppUpdater, UpdateInfo } from 'electron-updater'
import type { Kept } from './kept.ts'

type Updater = Pick<
  AppUpdater,
  'autoDownload' | 'autoInstallOnAppQuit' | 'checkForUpdates' | 'downloadUpdate' | 'quitAndInstall'
>

interface Question {
  readonly message: string
  readonly detail?: string
  /** The last one leaves everything as it is. */
  readonly buttons: readonly [string, ...string[]]
}

interface Ways {
  /** Undefined where the program cannot replace itself: in a clone, and where a package manager has installed it. */
  readonly updater: Updater | undefined
  readonly version: string
  readonly kept: Kept
  /** Shows a dialog and returns the index of the chosen button. */
  ask(question: Question): Promise<number>
}

/** Looks for new versions, at a start and when the person asks. */
export interface Updates {
  /** Asks once whether to look at all. It is silent unless there is a new version. */
  atStart(): Promise<void>
  whenAsked(): Promise<void>
}

/** What is read of the notes of a version: more is not read in a dialog. */
const mostNotes = 2000

/** The steps to a new version. Each one is asked for: to look, to download, to install. */
export function createUpdates({ updater, version, kept, ask }: Ways): Updates {
  async function find(): Promise<UpdateInfo | undefined> {
    const result = await updater?.checkForUpdates()
    return result?.isUpdateAvailable ? result.updateInfo : undefined
  }

  async function offer(updater: Updater, found: UpdateInfo): Promise<void> {
    const detail = `This is ${version}.\n\n${notesOf(found)}`.trim()
    if (
      (await ask({ message: `Latent Loom ${found.version} is there.`, detail, buttons: ['Download', 'Not now'] })) !== 0
    )
      return
    await updater.downloadUpdate()
    const ready = {
      message: `Latent Loom ${found.version} can be installed now.`,
      detail: 'Latent Loom starts again with it. Drafts, models and pictures stay where they are.',
      buttons: ['Install and restart', 'Not now'],
    } as const
    if ((await ask(ready)) === 0) updater.quitAndInstall()
  }

  async function tellNone(): Promise<void> {
    const [now, other] =
      kept.state.updates === 'on' ? (['at each start', 'off'] as const) : (['only when asked', 'on'] as const)
    const change = other === 'on' ? 'Look at each start' : 'Look only when asked'
    const message = `Latent Loom ${version} is the newest version.`
    const answer = await ask({ message, detail: `It looks for a new one ${now}.`, buttons: [change, 'OK'] })
    if (answer === 0) kept.change({ updates: other })
  }

  async function mayLook(): Promise<boolean> {
    if (kept.state.updates === 'unasked') {
      const question = {
        message: 'Look for a new version at each start?',
        detail: 'It reads a file at the address of the releases. Nothing is downloaded or installed without asking.',
        buttons: ['Look', 'Do not look'],
      } as const
      kept.change({ updates: (await ask(question)) === 0 ? 'on' : 'off' })
    }
    return kept.state.updates === 'on'
  }

  if (updater) {
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
  }
  const tellError = (error: unknown) =>
    ask({
      message: 'The new version could not be fetched.',
      detail: `${error instanceof Error ? error.message.split('\n')[0] : error}`,
      buttons: ['OK'],
    })

  return {
    async atStart() {
      if (!updater || !(await mayLook())) return
      // a machine without a network is no news
      const found = await find().catch(() => undefined)
      if (found) await offer(updater, found).catch(tellError)
    },
    async whenAsked() {
      if (!updater) {
        const detail = 'What installed it brings new versions: the package manager, npm, or git.'
        await ask({ message: `Latent Loom ${version} does not update itself here.`, detail, buttons: ['OK'] })
        return
      }
      try {
        const found = await find()
        await (found ? offer(updater, found) : tellNone())
      } catch (error) {
        await tellError(error)
      }
    },
  }
}

/** The notes of a version as plain text: a release's page has HTML, the changelog Markdown. */
function notesOf({ releaseNotes }: UpdateInfo): string {
  const notes = Array.isArray(releaseNotes)
    ? releaseNotes.map(({ note }) => note ?? '').join('\n\n')
    : (releaseNotes ?? '')
  const text = notes
    .replace(/<[^>]*>/g, '')
    .replace(/\*\*/g, '')
    .trim()
  return text.length > mostNotes ? `${text.slice(0, mostNotes)}…` : text
}

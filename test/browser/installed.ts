import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import { chromium } from 'playwright-core'

export interface System {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

const commands = [
  // the same pages for a fifth less processor time
  'chromium-headless-shell',
  'chromium',
  'google-chrome',
  'google-chrome-stable',
  'chromium-browser',
  'microsoft-edge',
  'microsoft-edge-stable',
]

const onPath = ({ env }: System) => {
  const folders = (env.PATH ?? '').split(posix.delimiter).filter((folder) => folder !== '')
  return commands.flatMap((command) => folders.map((folder) => posix.join(folder, command)))
}

const inApplications = ({ home }: System) =>
  ['Google Chrome', 'Chromium', 'Microsoft Edge'].flatMap((name) =>
    ['/Applications', posix.join(home, 'Applications')].map((folder) =>
      posix.join(folder, `${name}.app`, 'Contents', 'MacOS', name),
    ),
  )

const inProgramFiles = ({ env }: System) =>
  ['Google/Chrome/Application/chrome.exe', 'Chromium/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe']
    .flatMap((program) => [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].map((at) => ({ at, program })))
    .flatMap(({ at, program }) => (at === undefined ? [] : [win32.join(at, program)]))

/** Where Chrome, Chromium and Edge install themselves, most wanted first. */
export function usualPlaces(system: System): readonly string[] {
  if (system.platform === 'win32') return inProgramFiles(system)
  if (system.platform === 'darwin') return inApplications(system)
  return onPath(system)
}

/** The browsers of this machine: those of the system, then Playwright's own. */
export function installedBrowsers(): readonly string[] {
  const system = { platform: process.platform, env: process.env, home: homedir() }
  return [...usualPlaces(system), chromium.executablePath()].filter((path) => existsSync(path))
}

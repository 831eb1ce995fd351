import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type ModelFile, routes } from '#core/protocol/routes.ts'
import { isAlive } from '#engine/files/is-alive.ts'
import { openModels } from '#main/server/library/models.ts'
import { actDocument, startCommandLine, writeAct } from '../cli/command-line.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { failureOf } from '../library/library.ts'
import { smallModels } from '../small-models.ts'
import { passingFolder } from './serving.ts'

/** A server in a process of its own whose engine is in the middle of an act, and the engine's process. */
async function serveActing(act: string, env: NodeJS.ProcessEnv = {}) {
  const { child, ended } = startCommandLine(['serve', '--port', '0', '--data', passingFolder()], { env })
  const [line] = await once(createInterface({ input: child.stdout ?? process.stdin }), 'line')
  const { origin, searchParams } = new URL(String(line))
  const headers = { authorization: `Bearer ${searchParams.get('token')}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ document: 'a', name: 'a', workflow: actDocument(act) })
  await fetch(`${origin}/api/jobs`, { method: 'POST', headers, body })
  for (;;) {
    const { jobs } = routes.listJobs.result.parse(await (await fetch(`${origin}/api/jobs`, { headers })).json())
    if (jobs[0]?.progress !== undefined) break
    await sleep(20)
  }
  return { child, ended, engine: engineOf(child.pid) }
}

/** The process that a server started. A bare Linux has no `pgrep`. */
function engineOf(server = 0): number {
  const children =
    process.platform === 'linux'
      ? readFileSync(`/proc/${server}/task/${server}/children`, 'utf8')
      : execFileSync('pgrep', ['-P', String(server)], { encoding: 'utf8' })
  const [engine, ...others] = children.trim().split(/\s+/).map(Number)
  if (!engine || others.length > 0) throw new Error(`The server's children are "${children}", not one engine.`)
  return engine
}

describe.skipIf(process.platform === 'win32')('the end of the server', () => {
  it('by SIGKILL leaves no engine alive, even one whose thread is in native code', async () => {
    const { child, ended, engine } = await serveActing('blocked')
    expect(isAlive(engine)).toBe(true)
    child.kill('SIGKILL')
    await ended
    while (isAlive(engine)) await sleep(50)
  })

  it('by SIGTERM is the end of all, whatever the engine does', async () => {
    const { child, ended, engine } = await serveActing('blocked')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    while (isAlive(engine)) await sleep(50)
  })
})

describe.skipIf(process.platform === 'win32')('the end of a process that something keeps', () => {
  /** Limits that leave no doubt which of them ended what. */
  const limits = (engine: number, process: number) => ({ ACTING_END_LIMITS: JSON.stringify({ engine, process }) })
  const long = 600_000

  function pipe(): string {
    const path = join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    return path
  }

  /** A run whose engine is in the middle of an act. */
  async function runActing(act: string, env: NodeJS.ProcessEnv) {
    const folder = temporaryFolder()
    const started = startCommandLine(['run', writeAct(folder, act), '--json', '--out', folder], { env })
    await started.printed('"step"')
    return { ...started, engine: engineOf(started.child.pid) }
  }

  it('SIGTERM of `run` ends an engine in native code, and then the run', async () => {
    const { child, ended, engine } = await runActing('blocked', limits(50, long))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(130)
    expect(isAlive(engine)).toBe(false)
  })

  it('SIGTERM of `run` lets an engine that heeds it end by itself', async () => {
    const { child, ended } = await runActing('slow', limits(long, long))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(130)
  })

  it.each(['run', 'serve'])(
    '`%s` works while calls hang, kills itself where they keep it, and its engine ends with it',
    async (command) => {
      const env = { ACTING_PIPE: pipe(), ...limits(50, 400) }
      const { child, engine } = command === 'run' ? await runActing('blocked', env) : await serveActing('blocked', env)
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await exit).toEqual([null, 'SIGKILL'])
      while (isAlive(engine)) await sleep(50)
    },
  )
})

describe('time limits on the look', () => {
  const never = () => new Promise<never>(() => {})
  const open = (describe: () => Promise<never>) =>
    openModels({
      roots: [smallModels()],
      cacheFile: `${temporaryFolder()}/models.json`,
      engine: { inspect: never },
      describe,
      limits: { file: 20, all: 20, end: 20 },
    })

  it('a file whose drive hangs is told as one that cannot be used, and looked at again later', async () => {
    const models = await open(never)
    const changed = new Promise<void>((resolve) => models.onChange(resolve))
    await changed
    const { files } = await models.handlers.listModels({ id: '', body: {} })
    const [first] = files as readonly ModelFile[]
    expect(first).toMatchObject({
      summary: 'Cannot be used',
      error: expect.stringMatching(/the drive does not answer/),
    })
    await models.close()
  })

  it('a request and the end of the program do not wait for a drive that hangs', async () => {
    const models = await openModels({
      roots: [smallModels()],
      cacheFile: `${temporaryFolder()}/models.json`,
      engine: { inspect: never },
      describe: never,
      limits: { file: 1_000_000, all: 20, end: 20 },
    })
    expect(await failureOf(models.handlers.refreshModels({ id: '', body: {} }))).toMatchObject({ code: 'io' })
    await models.close()
  })
})

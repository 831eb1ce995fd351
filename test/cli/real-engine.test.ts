import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { smallModels } from '../small-models.ts'

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const program = path('bin/latent-loom.mjs')
const workflow = path('resources/templates/lcm-lora.loom.json')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loom-real-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const loom = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
/** Where the subject is not the picture. */
const small = ['--models', smallModels()]

it('draws a picture, and the same one again from the workflow that it carries', () => {
  const first = loom('run', workflow, '--out', folder, '--seed', '7')
  expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(/\.png\n$/) })
  const second = loom('run', first.stdout.trimEnd(), '--out', folder)
  expect(second.status).toBe(0)
  expect(second.stdout).not.toBe(first.stdout)
  expect(readFileSync(second.stdout.trimEnd()).equals(readFileSync(first.stdout.trimEnd()))).toBe(true)
})

it('prints a stage of the compilation', () => {
  const dump = (stage: string) =>
    loom('run', workflow, ...small, '--out', folder, '--set', 'steps=1', '--dump', `after:${stage}`)
  expect(dump('rules').stderr).toMatch(/# plan, after rules\n%0: .*\n(%\d+: .*\n)+/)
  expect(dump('lower').stderr).toMatch(/# UNet of emoji-tiny\.safetensors, after lower\n(.*\n)*?output prediction/)
  expect(dump('lowr')).toMatchObject({ status: 2, stderr: expect.stringContaining('Did you mean after:lower?') })
})

it('refuses a precision that the device or nobody computes in', () => {
  const run = (...flags: string[]) => loom('run', workflow, ...small, '--out', folder, ...flags)
  const half = run('--device', 'cpu', '--precision', 'float16')
  expect(half).toMatchObject({ status: 1, stderr: expect.stringContaining('cpu does not compute in float16') })
  expect(run('--precision', 'flot16')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Did you mean float16?'),
  })
})

it('explains what becomes of the adapters', () => {
  const { status, stderr } = loom('run', workflow, ...small, '--out', folder, '--set', 'steps=1', '--explain')
  expect(status).toBe(0)
  expect(stderr).toMatch(/^# UNet of emoji-tiny\.safetensors\n {2}folded: emoji-tiny-lcm-lora\.safetensors at 1; /m)
  expect(stderr).toMatch(/^# VAE decoder of emoji-tiny\.safetensors: no adapters$/m)
  expect(stderr).toMatch(/^# UNet of emoji-tiny\.safetensors computes in float32$/m)
})

it('reports progress that never goes back and ends once', () => {
  const { status, stdout } = loom('run', workflow, ...small, '--out', folder, '--json')
  expect(status).toBe(0)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const steps = events.filter(({ type }) => type === 'step')
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4])
  expect(events.filter(({ type }) => type === 'done' || type === 'error')).toEqual([events.at(-1)])
})

it('stops between steps at Ctrl-C and leaves no file', async () => {
  const child = spawn(process.execPath, [
    program,
    'run',
    workflow,
    ...small,
    '--out',
    folder,
    '--json',
    '--set',
    'steps=50',
  ])
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('"step"')) child.kill('SIGINT')
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(130)
  expect(readdirSync(folder)).toEqual([])
})

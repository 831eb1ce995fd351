import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { insertPngTexts } from '#core/formats/png.ts'
import { actDocument, commandLine, startCommandLine, writeAct } from './command-line.ts'
import { commandLineHere } from './command-line-here.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loom cli ü'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (act: string, ...flags: string[]) => commandLine(['run', writeAct(folder, act), '--out', folder, ...flags])
const jsonLines = (text: string): { type: string; [key: string]: unknown }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const seen = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

describe('run', () => {
  it('prints the paths of the pictures on stdout and everything else on stderr', async () => {
    const { code, stdout, stderr } = await run('picture')
    expect(code).toBe(0)
    expect(stdout).toBe(`${join(folder, 'picture.png')}\n`)
    expect(stderr).toMatch(/Loading tiny\.safetensors\nSampling Sampler\nSampling Sampler 1\/4\n/)
    expect(stderr).toMatch(/1 picture in 1\.2 s, 1 of 6 steps reused\n$/)
  })

  it('hands the engine what the flags say', async () => {
    const flags = [
      '--set',
      'sampler.guidance=1.5',
      '--set',
      'prompt.text=a=b',
      '--seed',
      '18446744073709551615',
      '--device',
      'cpu',
      '--precision',
      'float16',
      '--verify',
    ]
    expect((await run('picture', ...flags)).code).toBe(0)
    expect(seen(join(folder, 'picture.png'))).toEqual({
      document: actDocument('picture'),
      folders: [folder, process.cwd()],
      overrides: [
        { name: 'sampler.guidance', value: '1.5' },
        { name: 'prompt.text', value: 'a=b' },
      ],
      seed: '18446744073709551615',
      outputFolder: folder,
      device: 'cpu',
      precision: 'float16',
      previews: false,
      verify: true,
      explain: false,
    })
  })

  it('prints the costliest nodes of a profile, and where the trace is', async () => {
    const { stderr } = await run('picture', '--profile')
    expect(seen(join(folder, 'picture.png')).profile).toBe(join(folder, 'profile.json'))
    expect(stderr).toContain(`The trace for https://ui.perfetto.dev is ${join(folder, 'profile.json')}\n`)
    expect(stderr).toContain('27 nodes took 0.9 s of 1.2 s; the costliest:\n')
    expect(stderr).toContain('     308.6 ms  25.0 %  Conv  mid_block/Conv:3 of UNet of tiny.safetensors\n')
    const named = await run('picture', `--profile=${join(folder, 'my trace.json')}`)
    expect(named.stderr).toContain('my trace.json')
  })

  it('draws a seed for --seed random', async () => {
    await run('picture', '--seed', 'random')
    expect(seen(join(folder, 'picture.png')).seed).toMatch(/^\d+$/)
  })

  it('prints one JSON event per line with --json, the terminal one last and once', async () => {
    const { code, stdout, stderr } = await run('picture', '--json')
    expect(code).toBe(0)
    const types = jsonLines(stdout).map(({ type }) => type)
    expect(types).toEqual(['phase', 'phase', 'step', 'step', 'step', 'step', 'image', 'done'])
    expect(stderr).toBe('')
  })

  it('prints an error as the last JSON line', async () => {
    const { code, stdout } = await run('invalid', '--json')
    expect(code).toBe(2)
    const [last, ...others] = jsonLines(stdout).reverse()
    expect(last).toMatchObject({ type: 'error', error: { code: 'invalid', problems: [{ node: 'sampler' }, {}] } })
    expect(others.filter(({ type }) => type === 'done' || type === 'error')).toEqual([])
    expect(stdout).not.toContain('stack')
  })

  it('lists every problem by node and input', async () => {
    const { code, stderr } = await run('invalid')
    expect(code).toBe(2)
    expect(stderr).toBe(`error: The workflow has 2 problems.
  sampler.steps: steps is 0.
    hint: Use 1 to 50.
  sampler.model: model is missing.
`)
  })

  it('prints a failure with node, input and hint, obeys no escape sequence, and a stack with --verbose alone', async () => {
    const { code, stderr } = await run('unreadable')
    expect(code).toBe(1)
    expect(stderr).toBe(`error: The file "fox\ufffd[31m.safetensors" is in none of 2 folders.
  node checkpoint, input file
  hint: Name its folder with --models.
`)
    expect((await run('unreadable', '--verbose')).stderr).toMatch(/\n {4}at .*acting-engine\.ts/)
  })

  it.each(['SIGSEGV', 'SIGKILL', 'exit', 'malformed-message'])('outlives the engine: %s', async (act) => {
    const { code, stderr, stdout } = await run(act)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^warning: .*started again.*\n(.*\n)*error: .*2 times.*\n {2}hint: .*\n$/)
  })

  it.each(['crash-at-close', 'hang-at-close'])('takes a picture that is saved for a success: %s', async (act) => {
    const { code, stdout, stderr } = await run(act)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(folder, 'picture.png')}\n` })
    expect(stderr).not.toMatch(/warning|error/)
  })

  it('keeps what native libraries print away from stdout', async () => {
    const { code, stdout, stderr } = await run('flood', '--json')
    expect(code).toBe(0)
    expect(jsonLines(stdout).at(-1)?.type).toBe('done')
    expect(stderr).not.toContain('flood')
  })

  it('runs the workflow that a picture carries', async () => {
    const path = join(folder, 'fox.png')
    writeFileSync(path, insertPngTexts(blankPng, new Map([['latent-loom', actDocument('picture')]])))
    const { code } = await commandLine(['run', path, '--out', folder])
    expect(code).toBe(0)
    expect(seen(join(folder, 'picture.png')).document).toBe(actDocument('picture'))
    writeFileSync(path, blankPng)
    const without = await commandLine(['run', path])
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/carries no workflow/) })
  })

  it('says of old nodes that they were brought up to date, if asked', async () => {
    const path = fileURLToPath(new URL('../documents/v1/style.scheduler-1.loom.json', import.meta.url))
    const said = 'Brought up to date: 1 scheduler, version 1 to 2.'
    expect((await commandLine(['validate', path, '--verbose'])).stderr).toContain(said)
    expect((await commandLine(['validate', path])).stderr).not.toContain(said)
  })

  it('means the same in the flag form', async () => {
    const path = writeAct(folder, 'picture')
    const { code, stdout } = await commandLine(['--headless', '--run', path, '--out', folder, '--seed=7'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(folder, 'picture.png')}\n` })
    expect(seen(join(folder, 'picture.png')).seed).toBe('7')
  })
})

/** A link outside of the folder that the tests watch. */
function linkTo(target: string): string {
  const link = join(mkdtempSync(join(tmpdir(), 'loom link')), 'link')
  symlinkSync(target, link)
  return link
}

/** Fault 34: what is wrong before any work, with what the message has to name. */
const wrong: Record<string, { args: (path: string) => string[]; code: number; says: RegExp }> = {
  'no command': { args: () => [], code: 2, says: /Usage: latent-loom COMMAND/ },
  'an unknown command': { args: () => ['rnu'], code: 2, says: /no command "rnu".*\n.*Did you mean run\?/ },
  'an unknown flag': {
    args: (path) => ['run', path, '--sead', '4'],
    code: 2,
    says: /"--sead".*\n.*Did you mean --seed\?/,
  },
  'a prototype name as a flag': { args: (path) => ['run', path, '--constructor'], code: 2, says: /"--constructor"/ },
  'a missing value': { args: (path) => ['run', path, '--seed'], code: 2, says: /--seed needs a value/ },
  'a flag as a value': { args: (path) => ['run', path, '--out', '--json'], code: 2, says: /--out needs a value/ },
  'a value for a switch': { args: (path) => ['run', path, '--json=yes'], code: 2, says: /--json takes no value/ },
  'a flag twice': { args: (path) => ['run', path, '--seed', '1', '--seed', '2'], code: 2, says: /2 times/ },
  'a missing file': { args: () => ['run', 'nowhere.loom.json'], code: 2, says: /Cannot read nowhere\.loom\.json/ },
  'a missing operand': { args: () => ['run'], code: 2, says: /FILE is missing/ },
  'an operand too many': { args: (path) => ['run', path, 'my', 'fox'], code: 2, says: /"my" is one argument too many/ },
  '--seed abc': { args: (path) => ['run', path, '--seed', 'abc'], code: 2, says: /--seed abc is not a seed/ },
  '--seed -1': { args: (path) => ['run', path, '--seed', '-1'], code: 2, says: /--seed -1 is not a seed/ },
  '--seed 1,5': { args: (path) => ['run', path, '--seed', '1,5'], code: 2, says: /--seed 1,5 is not a seed/ },
  '--seed 2^64': { args: (path) => ['run', path, '--seed', '18446744073709551616'], code: 2, says: /is not a seed/ },
  '--set without a value': {
    args: (path) => ['run', path, '--set', 'steps'],
    code: 2,
    says: /--set steps names no value/,
  },
  '--set of what is not there': {
    args: (path) => ['run', path, '--set', 'sampler.guidence=1'],
    code: 2,
    says: /no input "guidence"/,
  },
  '--set of what does not fit': {
    args: (path) => ['run', path, '--set', 'sampler.guidance=1,5'],
    code: 2,
    says: /input guidance/,
  },
  'an unknown device': { args: (path) => ['run', path, '--device', 'cudo'], code: 2, says: /Did you mean cuda\?/ },
  'a models folder that is not there': {
    args: (path) => ['run', path, '--models', 'nowhere'],
    code: 2,
    says: /nowhere is not a folder/,
  },
  'an output folder that is a file': { args: (path) => ['run', path, '--out', path], code: 2, says: /is a file/ },
  'an output folder that cannot be made': {
    args: (path) => ['run', path, '--out', join(path, 'in')],
    code: 1,
    says: /^error: Cannot write into .*\n {2}hint: /,
  },
  'an output folder that is a link to nothing': {
    args: (path) => ['run', path, '--out', linkTo('/nowhere/at/all')],
    code: 1,
    says: /^error: Cannot write into .*: it is a link to \/nowhere\/at\/all, which is no folder\.\n {2}hint: /,
  },
  // Node's own way of making folders never ends there
  ...(process.platform === 'linux' && {
    'an output folder where no folder can be made': {
      args: (path: string) => ['run', path, '--out', '/proc/pictures/of/today'],
      code: 1,
      says: /^error: Cannot write into \/proc\/pictures\/of\/today: .*\n {2}hint: /,
    },
    'an output folder that takes no files, not even from root': {
      args: (path: string) => ['run', path, '--out', '/proc'],
      code: 1,
      says: /^error: Cannot write into \/proc: .*\n {2}hint: /,
    },
    'an output folder below a device': {
      args: (path: string) => ['run', path, '--out', '/dev/null/pictures'],
      code: 1,
      says: /^error: Cannot write into \/dev\/null\/pictures: .*\n {2}hint: /,
    },
  }),
  'a folder as the workflow': { args: () => ['run', '.'], code: 1, says: /a folder, not a file/ },
  'an unknown node': { args: () => ['nodes', 'sampler2'], code: 2, says: /Did you mean sampler\?/ },
}

describe.each(Object.entries(wrong))('fault 34, called wrongly: %s', (_name, { args, code, says }) => {
  it('says so on stderr, without a stack', async () => {
    const ended = await commandLineHere(args(writeAct(folder, 'picture')), folder)
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(says) })
    expect(ended.stderr).not.toMatch(/\n\s+at /)
    expect(readdirSync(folder)).toEqual(['act.loom.json'])
  })
})

describe('fault 34, the rest', () => {
  it('says where a broken document is broken', async () => {
    const path = join(folder, 'broken.loom.json')
    writeFileSync(path, '{"format": "latent-loom",,')
    const { code, stderr } = await commandLine(['run', path])
    expect(code).toBe(2)
    expect(stderr).toMatch(/is not a workflow that can be run\.\n {2}.*line 1, column 26/)
  })

  it.each(['a fox.loom.json', 'lune été 狐 🦊.loom.json', '-fox.loom.json', '--seed'])(
    'takes the path %j',
    async (name) => {
      writeAct(folder, 'picture', name)
      const { code, stdout } = await commandLine(['run', '--out', 'my pictures ü', '--', name], { cwd: folder })
      expect(code).toBe(0)
      expect(stdout).toBe(`${join(folder, 'my pictures ü', 'picture.png')}\n`)
    },
  )

  it('ends quietly when nobody reads stdout (EPIPE)', async () => {
    const { child, ended } = startCommandLine(['nodes', '--json'])
    child.stdout?.destroy()
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
    const running = startCommandLine(['run', writeAct(folder, 'picture'), '--out', folder, '--json'])
    running.child.stdout?.destroy()
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(join(folder, 'picture.png'))).toBe(true)
  })

  it('prints no colours and no control characters without a terminal', async () => {
    const { stderr } = await run('unreadable')
    expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('writes numbers with a point under any locale', async () => {
    const path = writeAct(folder, 'picture')
    const { stderr } = await commandLine(['run', path, '--out', folder], { env: { LC_ALL: 'de_DE.UTF-8' } })
    expect(stderr).toContain('1 picture in 1.2 s')
  })

  it('stops between steps at the first Ctrl-C, whoever sends it twice', async () => {
    const { child, ended, printed } = startCommandLine(['run', writeAct(folder, 'slow'), '--out', folder, '--json'])
    await printed('"type":"step"')
    child.kill('SIGINT')
    child.kill('SIGINT')
    const { code, stdout, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toBe('Stopping after this step; press Ctrl-C again to stop at once.\n')
    const lines = jsonLines(stdout)
    expect(lines.filter(({ type }) => type === 'error' || type === 'done')).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } })
    expect(readdirSync(folder)).toEqual(['act.loom.json'])
  })

  it('stops at once at the second Ctrl-C', async () => {
    const { child, ended, printed } = startCommandLine(['run', writeAct(folder, 'deaf'), '--out', folder])
    await printed('1/2')
    child.kill('SIGINT')
    await printed('Stopping')
    await new Promise((resolve) => setTimeout(resolve, 250))
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/error: The run was cancelled\.\n$/)
  })
})

describe('the other commands', () => {
  it('validate lists problems and exits with 2', async () => {
    const { code, stderr } = await commandLine(['validate', writeAct(folder, 'invalid')])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^2 problems:\n {2}sampler\.steps: steps is 0\.\n {4}hint: Use 1 to 50\.\n/)
    expect(await commandLine(['validate', writeAct(folder, 'picture')])).toMatchObject({
      code: 0,
      stderr: 'No problems.\n',
    })
    const json = await commandLine(['validate', writeAct(folder, 'invalid'), '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ problems: [{ input: 'steps' }, { input: 'model' }] })
  })

  it('inspect prints an outline, or JSON, and names the model folders in their order', async () => {
    const file = writeAct(folder, 'picture')
    const more = join(folder, 'more')
    mkdirSync(more)
    const env = { LATENT_LOOM_MODELS: '/listed', XDG_DATA_HOME: '/data' }
    const { stdout } = await commandLine(['inspect', file, '--models', more, '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({
      file,
      models: [more, '/listed', '/data/latent-loom/models', expect.stringMatching(/resources.models$/)],
    })
    expect((await commandLine(['inspect', file])).stdout).toMatch(/^file: .*act\.loom\.json\nmodels:\n {2}- /)
  })

  it('doctor reports versions, devices and folders', async () => {
    const { code, stdout } = await commandLine(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/onnxruntime-node +1\.2\.3\n/)
    expect(stdout).toMatch(/\+ cpu {2}two cores\n/)
    expect(stdout).toMatch(/resources.models +\d+ \.safetensors file/)
  })

  it('cache tells, bounds and clears what is prepared', async () => {
    const env = { LATENT_LOOM_PREPARED: join(folder, 'prepared') }
    const cache = async (...args: string[]) => commandLine(['cache', ...args], { env })
    expect((await cache()).stdout).toMatch(/prepared: 0\.00 GB of \d+\.\d\d GB, 30 % of the free disk\n$/)
    expect((await cache('--limit', '1.5GB')).stdout).toMatch(/prepared: 0\.00 GB of 1\.50 GB\n$/)
    expect(JSON.parse((await cache('--clear', '--check', '--json')).stdout)).toMatchObject({
      entries: [],
      bytes: 0,
      limit: 1.5e9,
      chosen: true,
      slow: false,
      broken: [],
    })
    expect((await cache('--limit', 'auto')).stdout).toMatch(/30 % of the free disk/)
    expect(await cache('--limit', 'much')).toMatchObject({ code: 2, stderr: expect.stringContaining('20GB') })
    const off = await commandLine(['cache'], { env: { LATENT_LOOM_PREPARED: 'off' } })
    expect(off).toMatchObject({ code: 2, stderr: expect.stringContaining('is off') })
  })

  it('nodes describes the catalogue', async () => {
    expect((await commandLine(['nodes'])).stdout).toMatch(/^sampling$/m)
    expect((await commandLine(['nodes', 'sampler'])).stdout).toMatch(/^Sampler \(sampler, sampling\)\n/)
    expect(JSON.parse((await commandLine(['nodes', 'sampler', '--json'])).stdout)).toMatchObject({ type: 'sampler' })
  })

  it('help is made from the table and documents the exit codes', async () => {
    const { code, stdout } = await commandLine(['run', '--help'])
    expect(code).toBe(0)
    for (const flag of ['--set', '--seed', '--out', '--device', '--models', '--json', '--verify', '--verbose']) {
      expect(stdout).toContain(flag)
    }
    expect(stdout).toMatch(/0 +done\n +1 +failed\n +2 +wrong usage.*\n +130 +interrupted/)
    expect((await commandLine(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

it('bin/latent-loom.mjs starts the command line', () => {
  const program = fileURLToPath(new URL('../../bin/latent-loom.mjs', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8' })
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

/** One grey pixel. */
const blankPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)

describe('setup', () => {
  const at = (data: string, index: string, ...flags: string[]) =>
    commandLine(['setup', 'cuda', ...flags], { env: { XDG_DATA_HOME: data, LATENT_LOOM_PYPI: index } })

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'lists what it would fetch, and fetches nothing that nobody has accepted',
    async () => {
      const { code, stdout, stderr } = await at(folder, 'http://127.0.0.1:9/simple', '--cuda', '13')
      expect(code).toBe(2)
      expect(stdout).toMatch(/^ {2}onnxruntime-gpu \S+ +0\.\d\d GB {2}MIT\n {4}sha256 [0-9a-f]{64}$/m)
      expect(stdout).toMatch(/^ {2}nvidia-cudnn-cu13 \S+ +0\.\d\d GB {2}NVIDIA cuDNN$/m)
      expect(stdout).toMatch(/^To be fetched from http:\/\/127\.0\.0\.1:9\/simple: 1\.\d\d GB/m)
      expect(stderr).toMatch(/--yes/)
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it('names the versions of CUDA that there are', async () => {
    const { code, stderr } = await commandLineHere(['setup', 'cuda', '--cuda', '11'], folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(/--cuda 11 is not offered here|There are no CUDA libraries/)
    expect((await commandLineHere(['setup', 'dirextml'], folder)).stderr).toMatch(/There is no setup "dirextml"/)
  })
})

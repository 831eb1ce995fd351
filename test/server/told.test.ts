import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { routes } from '#core/protocol/routes.ts'
import { programFolder, programModules } from '#main/program.ts'
import { actDocument } from '../cli/command-line.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { specsOf, writeSparse } from '../sparse.ts'
import { passingFolder, serve } from './serving.ts'

/** Every string of an answer, with the way to it. */
function* stringsOf(value: unknown, way = ''): Generator<readonly [way: string, text: string]> {
  if (typeof value === 'string') yield [way, value]
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) yield* stringsOf(each, `${way}.${key}`)
  }
}

/** The strings that tell where something lies on this machine. */
const leaks = (value: unknown) =>
  [...stringsOf(value)].filter(([, text]) =>
    [tmpdir(), homedir(), programFolder].some((place) => place !== '/' && text.includes(place)),
  )

/** A model folder with a file of each sort, some of them links to another drive. */
function modelFolder(): string {
  const folder = join(passingFolder(), 'my models')
  const elsewhere = temporaryFolder()
  mkdirSync(join(folder, 'diffusers'), { recursive: true })
  writeFileSync(join(folder, 'garbage.safetensors'), 'no header at all')
  writeFileSync(join(folder, 'diffusers', 'model_index.json'), '{')
  const pair = { 'lora_unet_conv_in.lora_up.weight': [32, 4], 'lora_unet_conv_in.lora_down.weight': [4, 4, 3, 3] }
  writeSparse(join(folder, 'lora.safetensors'), specsOf(pair))
  writeSparse(join(folder, 'half.safetensors'), specsOf({ 'lora_unet_conv_in.lora_up.weight': [32, 4] }))
  writeSparse(join(folder, 'words.safetensors'), specsOf({ emb_params: [0, 768] }))
  writeSparse(join(elsewhere, 'vae.safetensors'), specsOf({ 'decoder.conv_in.weight': [8, 4, 3, 3] }), {
    metadata: { trained: join(elsewhere, 'pictures') },
  })
  symlinkSync(join(elsewhere, 'vae.safetensors'), join(folder, 'linked.safetensors'))
  symlinkSync(join(elsewhere, 'gone.safetensors'), join(folder, 'gone.safetensors'))
  return folder
}

it('no answer to a page tells where files lie', async () => {
  const models = modelFolder()
  const { call, ask, server } = await serve({ modelFolders: [models], engineModule: programModules.engine.href })
  const answers: [string, unknown][] = []
  const answerOf = async (method: string, path: string, body?: object) => {
    const json = (await call(method, path, body)).json()
    answers.push([`${method} ${path}`, json])
    return json
  }
  await answerOf('POST', '/api/models/refresh')
  // every route that takes nothing, as it is
  for (const { method, path } of Object.values(routes)) {
    if (method === 'GET' && !path.includes(':')) await answerOf(method, path)
  }
  const { files } = routes.listModels.result.parse(await answerOf('GET', '/api/models'))
  expect(files.length).toBeGreaterThan(5)
  for (const { id } of files) await answerOf('GET', `/api/models/${id}`)
  const named = ['garbage', 'lora', 'half', 'words', 'linked', 'gone', 'missing'].flatMap((name) =>
    (['checkpoint', 'lora', 'vae', 'image'] as const).map((kind) => ({ name: `${name}.safetensors`, kind })),
  )
  await answerOf('POST', '/api/facts', { files: named })
  const nodes = Object.fromEntries(
    named.map(({ name }, index) => [
      `c${index}`,
      { type: 'checkpoint', version: 1, at: [0, 0], inputs: { file: name } },
    ]),
  )
  const workflow = JSON.stringify({ format: 'latent-loom', version: 1, nodes })
  await answerOf('POST', '/api/validate', { workflow })
  await answerOf('POST', '/api/documents', { name: 'fox', text: workflow })
  await answerOf('POST', '/api/documents', { name: 'fox', text: workflow })
  for (const { method, path } of Object.values(routes)) await answerOf(method, path.replace(':id', 'nobody'), { a: 1 })
  await answerOf('GET', '/api/pictures/nobody/file')
  await answerOf('GET', join('/api', server.token))
  expect((await ask('/api/models')).text).not.toContain(tmpdir())
  for (const [question, answer] of answers) expect([question, leaks(answer)]).toEqual([question, []])
  // and what was asked for is told: files by their names
  const told = JSON.stringify(answers)
  for (const name of ['linked.safetensors', 'half.safetensors', 'model_index.json']) expect(told).toContain(name)
})

it('no event and no problem of a job tells where files lie, and an own text leaves as it is', async () => {
  const { call, submit, over, connect, folder } = await serve()
  const listener = await connect()
  const job = await over((await submit('leaky')).id)
  expect(job.error?.message).toContain('fox.png')
  expect(leaks(listener.messages)).toEqual([])
  expect(listener.messages.some((message) => message.type === 'event' && message.event.type === 'explain')).toBe(true)
  expect(leaks((await connect()).messages)).toEqual([])
  const problems = (await call('POST', '/api/validate', { workflow: actDocument('leaky') })).json()
  expect(leaks(problems)).toEqual([])
  expect(JSON.stringify(problems)).toContain('fox.png')
  // an artist's own document keeps the path that it names
  const text = JSON.stringify({ format: 'latent-loom', version: 1, nodes: {}, note: join(folder, 'data', 'x.png') })
  expect((await call('POST', '/api/documents', { name: 'a', text })).json()).toMatchObject({ text })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readFact } from '#engine/facts.ts'
import { threadedReader } from '#main/server/library/header-reader.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallModels } from '../small-models.ts'

/** A header that is read to its end, with as many names as the format allows. */
function hostileHeader(bytes: number): Uint8Array {
  const entry = (index: number) => `"${`${index}.`.padEnd(300, 'x')}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`
  const members = Array.from({ length: Math.floor(bytes / 360) }, (_, index) => entry(index))
  const json = Buffer.from(`{${members.join(',')}}`)
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([head, json])
}

it('a hostile header blocks nobody: it is read on another thread', async () => {
  const reader = threadedReader()
  onTestFinished(reader.close)
  const path = join(temporaryFolder(), 'hostile.safetensors')
  writeFileSync(path, hostileHeader(20_000_000))
  // the thread has started, and the loaded code is not measured
  const small = join(smallModels(), 'emoji-tiny.safetensors')
  expect(await reader.fact(small, 'checkpoint')).toEqual(await readFact(small, 'checkpoint'))
  let longest = 0
  let last = performance.now()
  let turns = 0
  const ticking = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
    turns++
  }, 1)
  const started = performance.now()
  const order: string[] = []
  const [fact] = await Promise.all([
    reader.fact(path, 'checkpoint').finally(() => order.push('hostile')),
    reader.fact(small, 'checkpoint').finally(() => order.push('small')),
  ])
  expect(order).toEqual(['small', 'hostile'])
  const took = performance.now() - started
  clearInterval(ticking)
  expect(fact.kind).toBe('error')
  // however slow the machine is, this thread had its turns while the other one read
  expect(turns).toBeGreaterThan(3)
  expect(longest).toBeLessThan(took)
})

it('what the thread throws is what the reader throws, and a thread that ended is started again', async () => {
  const reader = threadedReader()
  onTestFinished(reader.close)
  const lost = reader.fact(join(temporaryFolder(), 'none.safetensors'), 'lora')
  expect(await lost).toMatchObject({ kind: 'error', code: 'not-found' })
  const ended = reader.fact(join(smallModels(), 'emoji-tiny.safetensors'), 'checkpoint')
  reader.close()
  await expect(ended).rejects.toMatchObject({ code: 'io' })
  expect(await reader.fact(join(smallModels(), 'emoji-tiny.safetensors'), 'checkpoint')).toMatchObject({
    kind: 'checkpoint',
  })
})

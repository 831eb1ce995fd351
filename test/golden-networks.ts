import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byAlignment, encodeHeader, type TensorSpec } from '#core/formats/safetensors.ts'
import { readGolden } from './goldens.ts'
import { goldenTensor, toFloat16 } from './weights.ts'

interface NetworkCase {
  readonly salt: number
  readonly weights: Readonly<Record<string, readonly number[]>>
}

/** A new folder under the system's temporary one, removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the float16 single-file (LDM) checkpoint that holds the networks of these golden cases; gives its path. */
export function goldenCheckpoint(...cases: readonly string[]): string {
  const networks = cases.map((name) => readGolden<NetworkCase>(name).json)
  return writeCheckpoint(Object.assign({}, ...networks.map(({ weights }) => weights)), networks[0]?.salt ?? 0)
}

/** Writes a float16 checkpoint of tensors whose values the goldens' formula gives; gives its path. */
export function writeCheckpoint(weights: NetworkCase['weights'], salt: number): string {
  const tensors = Object.entries(weights).map(([name, shape]) => ({
    spec: { name, dtype: 'F16', shape } satisfies TensorSpec,
    values: toFloat16(goldenTensor(name, shape, { salt })),
  }))
  tensors.sort((a, b) => byAlignment(a.spec, b.spec))
  const header = encodeHeader(
    tensors.map(({ spec }) => spec),
    new Map(),
  )
  const path = join(temporaryFolder(), 'golden.safetensors')
  const data = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))
  writeFileSync(path, Buffer.concat([header, ...data]))
  return path
}

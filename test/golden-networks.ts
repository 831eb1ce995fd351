import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGolden } from './goldens.ts'
import { type TensorValues, writeTensors } from './tensor-file.ts'
import { goldenTensor } from './weights.ts'

interface NetworkCase {
  readonly salt: number
  readonly weights: Readonly<Record<string, readonly number[]>>
}

/** A new folder under the system's temporary one, which ends with the run (`test/temporary.ts`). */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'latent-loom-test-'))
}

/** Writes a float16 single-file (LDM) checkpoint with the networks of these golden cases. Returns its path. */
export function goldenCheckpoint(...cases: readonly string[]): string {
  const networks = cases.map((name) => readGolden<NetworkCase>(name).json)
  return writeCheckpoint(Object.assign({}, ...networks.map(({ weights }) => weights)), networks[0]?.salt ?? 0)
}

/** Writes a float16 checkpoint of tensors with the values of the goldens' formula. Returns its path. */
export function writeCheckpoint(weights: NetworkCase['weights'], salt: number): string {
  return writeTensors(join(temporaryFolder(), 'golden.safetensors'), goldenTensors(weights, salt))
}

/** Tensors of these names and shapes, with the values of the goldens' formula. */
export function goldenTensors(weights: NetworkCase['weights'], salt: number): TensorValues[] {
  return Object.entries(weights).map(([name, shape]) => ({ name, shape, values: goldenTensor(name, shape, { salt }) }))
}

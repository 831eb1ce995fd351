import { entry } from '#engine/sampling/grid.ts'
import type { Predict, Solver } from '#engine/sampling/solver.ts'

/** The function that stands in for the network in the goldens of diffusers. */
export const diffusersStandIn: Predict = async (latent, timestep) =>
  latent.map((x) => 0.9 * Math.tanh(x * (1 + timestep / 1000)) + 0.05 * Math.sin(3 * x))

/** All latents of a run, from the start on. */
export async function trajectory(solver: Solver, start: Float32Array, noises: Float32Array, predict: Predict) {
  const latents = [start]
  let drawn = 0
  const noise = () => noises.subarray(drawn * start.length, ++drawn * start.length)
  for (let index = 0; index < solver.levels.length - 1; index++) {
    const range = { index, from: entry(solver.levels, index), to: entry(solver.levels, index + 1) }
    const tools = { denoise: (x: Float32Array, sigma: number) => solver.denoise(x, sigma, predict), noise }
    latents.push((await solver.advance(entry(latents, index), range, tools)).next)
  }
  return latents
}

import type { SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'
import type { Solver, SolverFactory, SolverOptions } from './solver.ts'
import { ddim } from './solvers/ddim.ts'
import { dpmpp2m } from './solvers/dpmpp-2m.ts'
import { euler } from './solvers/euler.ts'
import { eulerAncestral } from './solvers/euler-ancestral.ts'
import { lcm } from './solvers/lcm.ts'

const solvers: { readonly [Kind in SolverKind]: SolverFactory<Kind> } = {
  lcm,
  ddim,
  euler,
  'euler-ancestral': eulerAncestral,
  'dpmpp-2m': dpmpp2m,
}

/**
 * Makes the solver of one run.
 *
 * @throws LoomError `range` when steps, strength or another number of the spec is out of range; `input` names which.
 */
export function createSolver<Kind extends SolverKind>(spec: SchedulerSpec<Kind>, options: SolverOptions): Solver {
  return solvers[spec.kind](spec, options)
}

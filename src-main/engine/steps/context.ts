import type { StepOp } from '#core/plan/ops.ts'
import type { DumpStage } from '#core/protocol/messages.ts'
import type { PreparedWeights } from '../prepared/prepared-weights.ts'
import type { PreviewSettings } from '../preview/preview.ts'
import type { Device } from '../runtime/devices.ts'
import type { StepRule as RuleIn, RunningStep } from '../runtime/executor.ts'
import type { Profile } from '../runtime/profile.ts'
import type { Residents } from '../runtime/residents.ts'

/** The context of a run for all rules. */
export interface RunContext extends PreviewSettings {
  readonly device: Device
  /** The networks on it. */
  readonly residents: Residents
  readonly verify: boolean
  /** Absent: sessions compute their weights from the checkpoint and own them. */
  readonly prepared?: PreparedWeights | undefined
  /** Measures the sessions that the run makes. */
  readonly profile?: Profile | undefined
  /** Asks for `memory` events. */
  readonly explain?: boolean | undefined
  /** The compilation stage to emit as an event. */
  readonly dump?: DumpStage | undefined
  readonly outputFolder: string
  readonly modelFolder: string
  /** The document with overrides and seeds resolved, to store in pictures. */
  readonly document: string
  /** Real path of a file that the document names. */
  resolve(file: string): Promise<string>
}

/** The context of a rule. */
export interface StepContext extends RunContext, RunningStep {}

/** The implementation of an op. */
export type StepRule<Op extends StepOp> = RuleIn<Op, StepContext>

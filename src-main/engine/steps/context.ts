import type { StepOp } from '#core/plan/ops.ts'
import type { DumpStage } from '#core/protocol/messages.ts'
import type { PreviewSettings } from '../preview/preview.ts'
import type { Device } from '../runtime/devices.ts'
import type { StepRule as RuleIn, RunningStep } from '../runtime/executor.ts'

/** What a run gives every rule. */
export interface RunContext extends PreviewSettings {
  readonly device: Device
  readonly verify: boolean
  /** The stage of a network's compilation that is to be told as an event. */
  readonly dump?: DumpStage | undefined
  readonly outputFolder: string
  readonly modelFolder: string
  /** The document as it is run, overrides and seeds resolved: what a picture carries. */
  readonly document: string
  /** Real path of a file that the document names. */
  resolve(file: string): Promise<string>
}

/** What a rule may use while its step runs. */
export interface StepContext extends RunContext, RunningStep {}

/** How a step op runs. */
export type StepRule<Op extends StepOp> = RuleIn<Op, StepContext>

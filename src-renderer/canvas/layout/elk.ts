import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import { LoomError } from '#core/errors.ts'
import { t } from '../../strings/t.ts'

/** Created once, because starting the worker takes longer than a layout. */
let elk: InstanceType<typeof ELK> | undefined

/**
 * Lays out a graph in a worker.
 * @throws LoomError `internal` if ELK fails
 */
export async function runElk(graph: ElkNode): Promise<ElkNode> {
  elk ??= new ELK({ workerUrl })
  try {
    return await elk.layout(graph)
  } catch (cause) {
    throw new LoomError('internal', t('canvas.layout.failed'), { hint: t('canvas.layout.failedHint'), cause })
  }
}

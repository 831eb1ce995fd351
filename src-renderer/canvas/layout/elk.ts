import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import { LoomError } from '#core/errors.ts'
import { t } from '../../strings/t.ts'

/** Made with the first layout: starting the worker takes longer than laying out. */
let elk: InstanceType<typeof ELK> | undefined

/**
 * Lays a graph out in a worker of its own.
 * @throws LoomError `internal` if ELK refuses it
 */
export async function runElk(graph: ElkNode): Promise<ElkNode> {
  elk ??= new ELK({ workerUrl })
  try {
    return await elk.layout(graph)
  } catch (cause) {
    throw new LoomError('internal', t('canvas.layout.failed'), { hint: t('canvas.layout.failedHint'), cause })
  }
}

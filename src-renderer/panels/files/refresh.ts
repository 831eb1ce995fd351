import { call } from '../../api/client.ts'
import { library, listModels } from '../../store/library.ts'

/**
 * Lets the server scan the model folders again.
 * @throws LoomError if it does not answer
 */
export async function refreshModels(): Promise<void> {
  await call('refreshModels', {})
  library.setState(await listModels())
}

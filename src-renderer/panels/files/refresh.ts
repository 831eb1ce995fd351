import { call } from '../../api/client.ts'
import { library } from '../../store/library.ts'

/**
 * Lets the server scan the model folders again.
 * @throws LoomError if it does not answer
 */
export async function refreshModels(): Promise<void> {
  await call('refreshModels', {})
  const { files } = await call('listModels', {})
  library.setState({ models: files })
}

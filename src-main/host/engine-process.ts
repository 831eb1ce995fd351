/**
 * Entry of the engine process: node engine-process.ts MODULE OPTIONS
 * MODULE is the file URL of a module that exports `createEngine`, OPTIONS its argument as JSON. Calls come through the pipe
 * at file descriptor 3; stdout and stderr belong to native libraries, and stdin is held by the parent as long as it lives.
 */
import { Socket } from 'node:net'
import { LoomError } from '#core/errors.ts'
import { serve } from '#core/protocol/channel.ts'
import type { Engine } from '#engine/engine.ts'
import { endWithParent } from './end-with-parent.ts'
import { pipeDescriptor, pipeTransport } from './pipe.ts'

const [module = '', options = '{}'] = process.argv.slice(2)

// a terminal sends Ctrl-C to the whole process group; the parent decides what to do
process.on('SIGINT', () => {})

endWithParent()

const loading: Promise<Engine> = import(module).then(({ createEngine }: { createEngine(options: unknown): Engine }) =>
  createEngine(JSON.parse(options)),
)
// each call reports the failure itself
loading.catch(() => {})

async function engine(): Promise<Engine> {
  try {
    return await loading
  } catch (cause) {
    if (cause instanceof LoomError) throw cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new LoomError('engine', `The engine could not be loaded: ${detail}`, {
      hint: 'Install Latent Loom anew (npm install), then run `latent-loom doctor`.',
      cause,
    })
  }
}

serve(
  pipeTransport(new Socket({ fd: pipeDescriptor })),
  {
    run: async (params, { emit, signal }) => (await engine()).run(params, emit, signal),
    validate: async (params) => (await engine()).validate(params),
    inspect: async (params) => (await engine()).inspect(params),
    devices: async () => (await engine()).devices(),
  },
  () => {
    // the parent is gone, so a crash or hang while native sessions are released harms nobody
    loading
      .then((loaded) => loaded.close())
      .catch(() => {})
      .finally(() => process.exit())
  },
)

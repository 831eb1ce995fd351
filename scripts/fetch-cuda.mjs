// Downloads ONNX Runtime's CUDA provider (Linux x64, CUDA 12; about 300 MB from api.nuget.org) with the install script
// of onnxruntime-node. The driver, CUDA 12 and cuDNN 9 come from the system, or from the folder given as last argument.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import envPaths from 'env-paths'

const install = fileURLToPath(new URL('../node_modules/onnxruntime-node/script/install.js', import.meta.url))

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`error: The CUDA provider exists for Linux x64, not for ${process.platform} ${process.arch}.`)
  process.exit(1)
}
console.log('Fetching ONNX Runtime for CUDA 12 from https://api.nuget.org.')
const { status } = spawnSync(process.execPath, [install], {
  stdio: 'inherit',
  env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
})
if (status === 0) {
  const folder = `${envPaths('latent-loom', { suffix: '' }).data}/cuda`
  console.log(`Done. CUDA 12 and cuDNN 9 have to be there too: from the system, or as .so files in ${folder}.`)
  console.log('`latent-loom doctor` tells whether the device is found.')
}
process.exit(status ?? 1)

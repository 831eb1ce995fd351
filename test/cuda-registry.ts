import { createHash } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zipSync } from 'fflate'
import type { CudaVersion } from '#main/setup/cards.ts'
import type { Wheel } from '#main/setup/wheel.ts'

/** Members of the real wheels, by project: what is taken out of them, and what is not. */
const members: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-gpu': [
    'onnxruntime/LICENSE',
    'onnxruntime/ThirdPartyNotices.txt',
    'onnxruntime/__init__.py',
    'onnxruntime/capi/libonnxruntime.so.1.30.0',
    'onnxruntime/capi/libonnxruntime_providers_cuda.so',
    'onnxruntime/capi/libonnxruntime_providers_shared.so',
    'onnxruntime/capi/libonnxruntime_providers_tensorrt.so',
    'onnxruntime/capi/onnxruntime_pybind11_state.cpython-312-x86_64-linux-gnu.so',
  ],
  'nvidia-cublas': [
    'nvidia/cu13/include/cublas.h',
    'nvidia/cu13/lib/libcublas.so.13',
    'nvidia/cu13/lib/libcublasLt.so.13',
    'nvidia/cu13/lib/libnvblas.so.13',
    'nvidia_cublas-13.10.0.20.dist-info/licenses/License.txt',
  ],
  'nvidia-cudnn-cu13': [
    'nvidia/cudnn/lib/libcudnn.so.9',
    'nvidia/cudnn/lib/libcudnn_ops.so.9',
    'nvidia_cudnn_cu13-9.28.1.4.dist-info/licenses/License.txt',
  ],
}

/** Bytes that no compression makes small, so that a wheel arrives in several pieces. */
function bytesOf(name: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = name.length * 2654435761
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

function makeWheel(project: string): { readonly wheel: Wheel; readonly bytes: Buffer } {
  const contents = (members[project] ?? []).map((name) => [name, bytesOf(name, 40_000)] as const)
  const bytes = Buffer.from(zipSync(Object.fromEntries(contents)))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const file = `${project.replaceAll('-', '_')}-1.0-py3-none-manylinux_2_27_x86_64.whl`
  return { wheel: { project, version: '1.0', file, bytes: bytes.length, unpacked: 80_000, sha256 }, bytes }
}

/** What the server does with the next download. */
interface Faults {
  /** Bytes after which nothing more comes until `breakOff`, once for each entry. */
  breaks: number[]
  /** Answers that are no success, once each. */
  statuses: number[]
  /** The bytes that it sends are not those of the file. */
  isDamaged: boolean
  /** It knows no ranges. */
  isWhole: boolean
}

/** A package index on this machine, with wheels as PyPI has them, only small. */
export class CudaRegistry {
  readonly faults: Faults = { breaks: [], statuses: [], isDamaged: false, isWhole: false }
  /** The ranges that were asked for, a line each: `onnxruntime_gpu 100-`. */
  readonly asked: string[] = []
  readonly wheels: Readonly<Record<CudaVersion, readonly Wheel[]>>
  readonly #server: Server
  readonly #held = new Set<ServerResponse>()
  readonly #files: ReadonlyMap<string, { readonly wheel: Wheel; readonly bytes: Buffer }>

  private constructor() {
    const made = Object.keys(members).map(makeWheel)
    this.#files = new Map(made.map((each) => [each.wheel.file, each]))
    const wheels = made.map(({ wheel }) => wheel)
    this.wheels = { 13: wheels, 12: wheels.slice(0, 2) }
    this.#server = createServer(({ url = '', headers: { range = '' } }, response) => {
      const [, folder, name = ''] = /^\/(simple|packages)\/([^/]+)/.exec(url) ?? []
      if (folder === 'simple') this.#listProject(name, response)
      else this.#send(name, range, response)
    })
  }

  static async start(): Promise<CudaRegistry> {
    const registry = new CudaRegistry()
    await new Promise<void>((listening) => registry.#server.listen(0, '127.0.0.1', listening))
    return registry
  }

  get index(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/simple`
  }

  /** Breaks the connections that are held. */
  breakOff(): void {
    for (const response of this.#held) response.destroy()
    this.#held.clear()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  #listProject(project: string, response: ServerResponse): void {
    const files = [...this.#files.values()]
      .filter(({ wheel }) => wheel.project === project)
      .map(({ wheel: { file, bytes, sha256 } }) => ({
        filename: file,
        hashes: { sha256 },
        size: bytes,
        url: `../../packages/${file}`,
        yanked: false,
      }))
    response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json')
    response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: project, files }))
  }

  #send(name: string, range: string, response: ServerResponse): void {
    const found = this.#files.get(name)
    this.asked.push(`${name.split('-')[0]} ${range.replace('bytes=', '')}`.trim())
    const status = this.faults.statuses.shift()
    if (status !== undefined || !found) {
      response.writeHead(status ?? 404).end()
      return
    }
    const bytes = this.faults.isDamaged ? Buffer.from(found.bytes).fill(0, 50, 60) : found.bytes
    const start = this.faults.isWhole ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0)
    const body = bytes.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': body.length })
    const end = this.faults.breaks.shift()
    if (end === undefined) response.end(body)
    else {
      response.write(body.subarray(0, end))
      this.#held.add(response)
    }
  }
}

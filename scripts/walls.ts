// Checks imports between folders. Prints each forbidden import and exits with status 1.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

/** The layers of the engine and their purpose, lowest first. Each layer may import the layers above it in this list. */
const engine = {
  files: 'reading and writing them',
  tensor: 'kernels on float tensors',
  images: 'pictures: their files, and what one makes of another',
  text: 'prompts as tokens',
  sampling: 'noise, schedules and solvers',
  onnx: 'the IR of graphs, its passes and its encoding',
  ort: 'the way to ONNX Runtime: its C API, or onnxruntime-node',
  models: 'networks, and the files that they are read from',
  adapters: 'the LoRA family',
  runtime: 'devices, sessions and the executor',
  prepared: 'weights in files, as sessions map them',
  merge: 'models and adapters that are computed and saved',
  preview: 'latents as small pictures',
  steps: 'what each step of a plan does',
  '': 'the engine as a whole',
}

/** The layers of the editor and their purpose, lowest first. Each layer may import the layers above it in this list. */
const editor = {
  strings: 'what a person reads',
  api: 'the way to the server and to the desktop window',
  store: 'state, and the hooks that read it',
  theme: 'colours and sizes',
  ui: 'parts that know of no document',
  commands: 'changes of a document, as plain functions',
  workspace: 'open documents, their files and their drafts',
  fields: 'controls that show and change a part of a document',
  'canvas/view': 'where things lie, and what of them is seen',
  'canvas/links': 'links: their curves, and how they are drawn and led',
  'canvas/search': 'the search for a node to add',
  'canvas/layout': 'arranging by itself',
  'canvas/drop': 'files and the clipboard, as they come onto the canvas',
  'canvas/nodes': 'nodes as they are drawn',
  'canvas/frames': 'frames and notes as they are drawn',
  'canvas/subgraphs': 'the way into subgraphs and out again',
  'canvas/flow': 'React Flow: its adapter, gestures and keys',
  run: 'jobs, from the request to the picture',
  actions: 'everything that a person can do, as one table',
  'panels/*': 'what opens beside the canvas or over it; none knows another',
  'shell/stage': 'the canvas with its menus',
  shell: 'the page around it',
  desktop: 'what only the desktop window has',
  '': 'the start of the page',
}

const core = ['src-core', 'nodes']
const program = [...core, 'src-main/program.ts']
const engineLayers = Object.keys(engine).map((layer) => join('src-main/engine', layer))
const editorLayers = Object.keys(editor).map((layer) => join('src-renderer', layer))

/** The folders that a folder's files may import, besides their own. The longest match counts. `*` is any one folder. */
const walls: ReadonlyMap<string, readonly string[]> = new Map([
  ['src-core', []],
  ['nodes', ['src-core']],
  ['src-main/program.ts', ['src-core']],
  ['src-main/setup', [...program, 'src-main/engine/files']],
  ['src-main/host', [...program, 'src-main/engine/engine.ts', 'src-main/setup']],
  ['src-main/server', [...program, ...engineLayers, 'src-main/setup', 'src-main/host']],
  ['src-main/cli', [...program, ...engineLayers, 'src-main/setup', 'src-main/host', 'src-main/server']],
  ['src-main/desktop', ['src-core']],
  ...engineLayers.map((layer, place) => [layer, [...program, ...engineLayers.slice(0, place)]] as const),
  ...editorLayers.map((layer, place) => [layer, [...core, ...editorLayers.slice(0, place)]] as const),
])

/** Packages and files that only one folder may import. */
const owners: Readonly<Record<string, string>> = {
  electron: 'src-main/desktop',
  node: 'src-main',
  koffi: 'src-main/engine/ort',
  'onnxruntime-node': 'src-main/engine/ort',
  fastify: 'src-main/server',
  react: 'src-renderer',
  '@xyflow/react': 'src-renderer/canvas',
  // all other code reads documents through read.ts, which also migrates them
  'src-core/workflow/parse.ts': 'src-core/workflow',
  'src-core/workflow/migrate.ts': 'src-core/workflow',
}

const aliases: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).imports
const importPattern = /(?:^|\s)(?:from|import)\s*\(?\s*'([^']+)'/g

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** The row of a file in the table, and the folder that matches it. */
function wallOf(path: string) {
  const fitting = [...walls].flatMap(([row, imports]) => {
    const [folder] = new RegExp(`^${row.replace('*', '[^/]+')}(?=/|$)`).exec(path) ?? []
    return folder === undefined ? [] : [{ row, folder, imports }]
  })
  return fitting.sort((a, b) => b.folder.length - a.folder.length)[0]
}

/** The path of an imported file; undefined for a package. */
function fileOf(importer: string, name: string): string | undefined {
  if (name.startsWith('.')) return join(dirname(importer), name)
  const alias = Object.entries(aliases).find(([known]) => name.startsWith(known.slice(0, -1)))
  return alias && name.replace(alias[0].slice(0, -1), join(alias[1].slice(0, -1)))
}

function mayImport(path: string, name: string): boolean {
  const file = fileOf(path, name)
  const [, owner] = Object.entries(owners).find(([known]) => isIn(file ?? name.replace(':', '/'), known)) ?? []
  if (owner !== undefined && !isIn(path, owner)) return false
  if (file === undefined) return true
  const [wall, target] = [wallOf(path), wallOf(file)]
  return target?.folder === wall?.folder || wall?.imports.some((seen) => seen === target?.row || seen === file) === true
}

/** The forbidden imports of a file, as sentences. Tests may import anything. */
export function breaches(path: string, text: string): string[] {
  if (/\.test\.tsx?$/.test(path)) return []
  if (!wallOf(path)) return [`${path} lies in no folder of the table of walls.`]
  const names = [...text.matchAll(importPattern)].map(([, name = '']) => name)
  return names.filter((name) => !mayImport(path, name)).map((name) => `${path} must not import ${name}.`)
}

if (import.meta.main) {
  const files = globSync('{src-*,nodes}/**/*.{ts,tsx}')
  const found = files.flatMap((path) => breaches(path, readFileSync(path, 'utf8')))
  if (found.length > 0) process.exitCode = 1
  for (const breach of found) console.error(breach)
}

import { parse, relative, sep } from 'node:path'

/** The root of a path's file system, `/` or a drive: the folder that ONNX Runtime resolves external data against. */
export function externalFolder(path: string): string {
  return parse(path).root
}

/** Location of an absolute path as ONNX Runtime accepts it: relative to {@link externalFolder}, with slashes. */
export function externalLocation(path: string): string {
  return relative(externalFolder(path), path).replaceAll(sep, '/')
}

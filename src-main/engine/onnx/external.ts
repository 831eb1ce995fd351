import { parse, relative, sep } from 'node:path'

/** The root of a path's file system (`/` or a drive), against which ONNX Runtime resolves external data. */
export function externalFolder(path: string): string {
  return parse(path).root
}

/** An absolute path in the form that ONNX Runtime accepts: relative to {@link externalFolder}, with slashes. */
export function externalLocation(path: string): string {
  return relative(externalFolder(path), path).replaceAll(sep, '/')
}

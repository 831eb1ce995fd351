/** A package of PyPI's for one platform. A wheel is a zip file. */
export interface Wheel {
  /** The project's name in the index. */
  readonly project: string
  readonly version: string
  /** The file's name. */
  readonly file: string
  readonly bytes: number
  /** Bytes of the libraries that are taken out of it. */
  readonly unpacked: number
  readonly sha256: string
}

/** Libraries that only Python, TensorRT or programs for a processor's BLAS ask for, and a second compiler of an older ABI. */
const unused = /pybind11|tensorrt|nvblas|cufftw|\.alt\./
const library = /(?:^|\/)([^/]+(?:\.so(?:\.\d+)*|\.dll))$/
const licence = /\.dist-info\/(?:licenses\/)?LICENSE(?:\.txt)?$|^onnxruntime\/(?:LICENSE|ThirdPartyNotices\.txt)$/i

/** The name of the library that a member of a wheel is; undefined if it is none that is used. */
export function libraryIn(member: string): string | undefined {
  const [, name] = library.exec(member) ?? []
  return name === undefined || unused.test(name) ? undefined : name
}

/** Whether a member is a text that has to stay with the libraries. */
export const isLicence = (member: string): boolean => licence.test(member)

/** The licence of a wheel, as its metadata names it, and where it is to be read before. It comes along with the libraries. */
export function licenceOf({ project }: Pick<Wheel, 'project'>): { readonly name: string; readonly url: string } {
  if (project.startsWith('onnxruntime')) {
    return { name: 'MIT', url: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE' }
  }
  if (project.startsWith('nvidia-cudnn')) {
    return { name: 'NVIDIA cuDNN', url: 'https://docs.nvidia.com/deeplearning/cudnn/latest/reference/eula.html' }
  }
  return { name: 'NVIDIA CUDA', url: 'https://docs.nvidia.com/cuda/eula/index.html' }
}

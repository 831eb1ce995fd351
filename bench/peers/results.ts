/** Names as tables show them. Ours is the first. */
export const peerNames = {
  ours: 'Latent Loom',
  openvino: 'OpenVINO',
  pytorch: 'PyTorch',
  sdcpp: 'stable-diffusion.cpp',
} as const
export type PeerName = keyof typeof peerNames

/** Times in seconds, memory in bytes. */
export interface PeerResult {
  readonly version: string
  /** Making the session of the UNet. */
  readonly open: number
  readonly steps: readonly number[]
  readonly decodes: readonly number[]
  /** The most that was resident while the UNet was opened and ran, file pages too, and what was no file's in the end. */
  readonly peak: number
  readonly anonymous: number
  /** Largest difference of its prediction from ours, where it computes from the same noise. */
  readonly difference?: number
}

/** Our seconds where the work grows: pixels of a side, latents of a batch, steps of a picture. */
export interface Growth {
  readonly size: readonly { readonly pixels: number; readonly step: number; readonly decode: number }[]
  readonly batch: readonly { readonly latents: number; readonly step: number }[]
  /** With the decode. */
  readonly steps: readonly { readonly steps: number; readonly picture: number }[]
}

/** One sitting: everything that is shown together was measured together. */
export interface Results {
  readonly date: string
  readonly machine: { readonly processor: string; readonly cores: number; readonly memory: number }
  readonly size: number
  readonly rounds: number
  /** Our first session of the UNet, which prepares its weights. */
  readonly firstOpen: number
  readonly peers: Readonly<Record<PeerName, PeerResult>>
  readonly growth?: Growth
}

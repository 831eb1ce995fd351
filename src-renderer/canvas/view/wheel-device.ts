/** The parts of a wheel event that tell a mouse from a trackpad. */
export interface Turn {
  readonly deltaX: number
  readonly deltaY: number
  /** 0 for pixels. Firefox counts the lines of a mouse only if this is read first. */
  readonly deltaMode: number
  /** Of Chromium and Safari: 120 for a notch of a mouse wheel, three a pixel for a trackpad. */
  readonly wheelDeltaX?: number
  readonly wheelDeltaY?: number
  readonly timeStamp: number
}

export type WheelDevice = 'mouse' | 'trackpad'

/** A pause of the wheel, in milliseconds, after which the next event may come from another device. */
const pause = 400

/** Units of a notch of a mouse wheel. */
const notch = 120

/**
 * Creates a function that guesses which device an event of the wheel comes from. All events of a gesture count as its
 * first one. A mouse with a smooth wheel counts as a trackpad.
 */
export function createWheelWatch(): (turn: Turn) => WheelDevice {
  let last: { readonly device: WheelDevice; readonly at: number } | undefined
  return (turn) => {
    const device = last && turn.timeStamp - last.at < pause ? last.device : deviceOf(turn)
    last = { device, at: turn.timeStamp }
    return device
  }
}

function deviceOf({ deltaMode, deltaX, deltaY, wheelDeltaX, wheelDeltaY }: Turn): WheelDevice {
  if (deltaMode !== 0) return 'mouse'
  if (wheelDeltaX === undefined || wheelDeltaY === undefined) return 'trackpad'
  const isOblique = deltaX !== 0 && deltaY !== 0
  return isOblique || wheelDeltaX % notch !== 0 || wheelDeltaY % notch !== 0 ? 'trackpad' : 'mouse'
}

import { describe, expect, it, test } from 'vitest'
import { createWheelWatch, type Turn } from './wheel-device.ts'

const turn = (more: Partial<Turn>): Turn => ({ deltaX: 0, deltaY: 0, deltaMode: 0, timeStamp: 0, ...more })
/** As Chromium and Safari tell of it. */
const units = (deltaX: number, deltaY: number, wheelDeltaX: number, wheelDeltaY: number) =>
  turn({ deltaX, deltaY, wheelDeltaX, wheelDeltaY })

describe('the device of a wheel event', () => {
  test.each([
    ['a notch, Chromium on Windows', units(0, 100, 0, -120), 'mouse'],
    ['a notch, Chromium on Linux', units(0, -120, 0, 120), 'mouse'],
    ['two notches at once', units(0, 200, 0, -240), 'mouse'],
    ['a notch at a page zoom of 200 %', units(0, 50, 0, -120), 'mouse'],
    ['a notch at a page zoom of 150 %', units(0, 66.66667, 0, -120), 'mouse'],
    ['a notch with Shift', units(100, 0, -120, 0), 'mouse'],
    ['lines, Firefox', turn({ deltaY: 3, deltaMode: 1 }), 'mouse'],
    ['pages, Firefox', turn({ deltaY: 1, deltaMode: 2 }), 'mouse'],
    ['a slow start of two fingers', units(0, 1, 0, -3), 'trackpad'],
    ['two fingers sideways', units(-7, 0, 21, 0), 'trackpad'],
    ['two fingers obliquely', units(40, 80, -120, -240), 'trackpad'],
    ['a fraction of a pixel', units(0, 0.5, 0, -1.5), 'trackpad'],
    ['pixels, Firefox', turn({ deltaY: 12 }), 'trackpad'],
  ] as const)('is guessed from %s', (_, event, device) => {
    expect(createWheelWatch()(event)).toBe(device)
  })

  it('stays the same through a gesture, and may change after a pause', () => {
    const watch = createWheelWatch()
    const fingers = units(0, 1, 0, -3)
    const mouse = units(0, 40, 0, -120)
    expect(watch({ ...fingers, timeStamp: 0 })).toBe('trackpad')
    for (let timeStamp = 16; timeStamp < 1000; timeStamp += 16) expect(watch({ ...mouse, timeStamp })).toBe('trackpad')
    expect(watch({ ...mouse, timeStamp: 2000 })).toBe('mouse')
    expect(watch({ ...fingers, timeStamp: 2100 })).toBe('mouse')
  })
})

interface BarGroup {
  readonly title: string
  readonly bars: Readonly<Record<string, number>>
}

const width = 640
const labelWidth = 190
const barHeight = 22
const gap = 6
const titleHeight = 34
const colours = { own: '#2f6fdf', other: '#b4bcc9' }

/** Groups of horizontal bars as SVG, each group with its own scale. The first bar of a group is ours. */
export function barChart(title: string, unit: string, groups: readonly BarGroup[]): string {
  const shapes: string[] = []
  let top = 58
  for (const group of groups) {
    shapes.push(text(16, top + 14, group.title, 'font-weight="600"'))
    top += titleHeight - 8
    const entries = Object.entries(group.bars)
    const longest = Math.max(...entries.map(([, value]) => value))
    for (const [index, [name, value]] of entries.entries()) {
      const length = ((width - labelWidth - 90) * value) / longest
      const colour = index === 0 ? colours.own : colours.other
      shapes.push(
        text(16, top + 15, name),
        `<rect x="${labelWidth}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" rx="3" fill="${colour}"/>`,
        text(labelWidth + length + 8, top + 15, value.toFixed(1)),
      )
      top += barHeight + gap
    }
    top += gap
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 10}" font-family="system-ui, sans-serif" font-size="13" fill="#1d2430">`,
    `<title>${title}: ${unit}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    text(16, 26, title, 'font-size="16" font-weight="600"'),
    text(16, 44, unit, 'fill="#6a7382"'),
    ...shapes,
    '</svg>',
    '',
  ].join('\n')
}

function text(x: number, y: number, content: string, style = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${style}>${content}</text>`
}

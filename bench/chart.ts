interface BarGroup {
  readonly title: string
  shown(value: number): string
  readonly bars: Readonly<Record<string, number>>
}

interface LineChart {
  readonly title: string
  /** Points of each line: x, y. */
  readonly lines: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

const width = 640
const labelWidth = 236
const barHeight = 22
const gap = 6
const titleHeight = 34
const chartHeight = 170
const colours = { own: '#2f6fdf', other: '#b4bcc9', second: '#c2571a', faint: '#6a7382' }

/** Groups of horizontal bars as SVG, each group with its own scale. The first bar of a group is ours. */
export function barChart(title: string, subtitle: string, groups: readonly BarGroup[]): string {
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
        text(labelWidth + length + 8, top + 15, group.shown(value)),
      )
      top += barHeight + gap
    }
    top += gap
  }
  return picture(title, subtitle, top + 10, shapes)
}

/** Charts side by side as SVG, each with its own scales, which begin at 0. */
export function lineCharts(title: string, subtitle: string, charts: readonly LineChart[]): string {
  const [top, each] = [80, width / charts.length]
  const shapes = charts.flatMap(({ title: name, lines }, place) => {
    const points = Object.values(lines).flat()
    const [right, highest] = [Math.max(...points.map(([x]) => x)), Math.max(...points.map(([, y]) => y))]
    const left = place * each + 16
    const at = ([x, y]: readonly [number, number]) =>
      [left + ((each - 60) * x) / right, top + chartHeight * (1 - y / highest)] as const
    const drawn = Object.entries(lines).flatMap(([line, values], index) => {
      const colour = index === 0 ? colours.own : colours.second
      const path = values
        .map((value) =>
          at(value)
            .map((part) => part.toFixed(1))
            .join(','),
        )
        .join(' ')
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...values.map((value) => {
          const [cx, cy] = at(value)
          return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colour}"/>`
        }),
        // lines rise to the right, so the corner on the left is free
        text(left, top - 4 + 16 * index, `${line}, up to ${values.at(-1)?.[1].toFixed(1)}`, `fill="${colour}"`),
      ]
    })
    const marks = [...new Set(points.map(([x]) => x))]
    const isFar = (x: number, index: number) =>
      at([x, 0])[0] - at([marks[index - 1] ?? -right, 0])[0] > 8 * String(x).length
    return [
      ...drawn,
      `<line x1="${left}" x2="${left + each - 52}" y1="${top + chartHeight}" y2="${top + chartHeight}" stroke="${colours.other}"/>`,
      ...marks
        .filter(isFar)
        .map((x) =>
          text(
            at([x, 0])[0],
            top + chartHeight + 16,
            String(x),
            `text-anchor="middle" font-size="11" fill="${colours.faint}"`,
          ),
        ),
      text(left, top + chartHeight + 36, name, 'font-weight="600"'),
    ]
  })
  return picture(title, subtitle, top + chartHeight + 50, shapes)
}

function picture(title: string, subtitle: string, height: number, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#1d2430">`,
    `<title>${title}: ${subtitle}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    text(16, 26, title, 'font-size="16" font-weight="600"'),
    text(16, 44, subtitle, `fill="${colours.faint}"`),
    ...shapes,
    '</svg>',
    '',
  ].join('\n')
}

function text(x: number, y: number, content: string, style = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${style}>${content}</text>`
}

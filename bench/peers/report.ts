import { barChart, lineCharts } from '../chart.ts'
import { median } from '../measuring.ts'
import { type Growth, type PeerName, type PeerResult, peerNames, type Results } from './results.ts'

interface Quantity {
  readonly title: string
  of(peer: PeerResult): number
  shown(value: number): string
}

const seconds = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} s`
const gigabytes = (value: number) => `${(value / 1e9).toFixed(2)} GB`

/** What the table of the peers has a row for. Less is better in all of them. */
const quantities: readonly Quantity[] = [
  { title: 'UNet step', of: ({ steps }) => median(steps), shown: seconds },
  { title: 'VAE decode', of: ({ decodes }) => median(decodes), shown: seconds },
  { title: 'session of the UNet, from kept files', of: ({ open }) => open, shown: seconds },
  { title: 'peak memory of the UNet, file pages too', of: ({ peak }) => peak, shown: gigabytes },
  { title: 'memory of no file', of: ({ anonymous }) => anonymous, shown: gigabytes },
]

const names = Object.keys(peerNames) as PeerName[]
const fullName = ({ peers }: Results, name: PeerName) => `${peerNames[name]} ${peers[name].version}`

/** The tables of docs/performance.md. */
export function tables(results: Results): string {
  const { peers, machine, size, rounds, date, firstOpen, growth } = results
  const rows = quantities.map(({ title, of, shown }) => {
    const ours = of(peers.ours)
    const cells = names.map((name) => {
      const value = of(peers[name])
      return name === 'ours' ? `**${shown(value)}**` : `${shown(value)}, ${(value / ours).toFixed(2)} x`
    })
    return `| ${title} | ${cells.join(' | ')} |`
  })
  const differences = names.flatMap((name) => {
    const { difference } = peers[name]
    return name === 'ours' || difference === undefined ? [] : [`${peerNames[name]} ${difference.toExponential(0)}`]
  })
  return [
    '![Latent Loom beside OpenVINO, PyTorch and stable-diffusion.cpp](pictures/benchmark.svg)',
    '',
    `${date}, ${machine.processor}, ${machine.cores} cores, ${gigabytes(machine.memory)}: ${size} x ${size} pixels,`,
    `batch 1, float32, ${machine.cores} threads, ${rounds} rounds in turn; medians.`,
    '',
    `| | ${names.map((name) => fullName(results, name)).join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...rows,
    '',
    `The first session ever, which prepares the weights, took ${seconds(firstOpen)}. Largest difference of a prediction`,
    `from ours, in eight of its numbers: ${differences.join(', ')}.`,
    ...(growth ? ['', '![Time over pixels, batch and steps](pictures/growth.svg)', '', ...growthTable(growth)] : []),
  ].join('\n')
}

function growthTable({ size, batch, steps }: Growth): string[] {
  const row = (title: string, cells: readonly string[]) => `| ${title} | ${cells.join(' | ')} |`
  const table = (title: string, heads: readonly number[], rows: Readonly<Record<string, readonly number[]>>) => [
    row(title, heads.map(String)),
    `|---|${heads.map(() => '---').join('|')}|`,
    ...Object.entries(rows).map(([name, values]) => row(name, values.map(seconds))),
    '',
  ]
  return [
    ...table(
      'pixels of a side',
      size.map(({ pixels }) => pixels),
      { step: size.map(({ step }) => step), decode: size.map(({ decode }) => decode) },
    ),
    ...table(
      'batch',
      batch.map(({ latents }) => latents),
      { step: batch.map(({ step }) => step) },
    ),
    ...table(
      'steps',
      steps.map((entry) => entry.steps),
      { 'picture, with the decode': steps.map(({ picture }) => picture) },
    ),
  ].slice(0, -1)
}

/** docs/pictures/benchmark.svg */
export function peersPicture(results: Results): string {
  const { size, machine, date, peers } = results
  return barChart(
    `SD1.5 at ${size} x ${size}, float32, ${machine.cores} cores`,
    `${machine.processor}, ${date}; less is better`,
    quantities.map(({ title, of, shown }) => ({
      title,
      shown,
      bars: Object.fromEntries(names.map((name) => [fullName(results, name), of(peers[name])])),
    })),
  )
}

/** docs/pictures/growth.svg */
export function growthPicture({ size, machine, date }: Results, growth: Growth): string {
  return lineCharts(`How time grows, from ${size} x ${size} pixels`, `seconds; ${machine.processor}, ${date}`, [
    {
      title: 'pixels of a side',
      lines: {
        step: growth.size.map(({ pixels, step }) => [pixels, step]),
        decode: growth.size.map(({ pixels, decode }) => [pixels, decode]),
      },
    },
    { title: 'latents of a batch', lines: { step: growth.batch.map(({ latents, step }) => [latents, step]) } },
    { title: 'steps of a picture', lines: { picture: growth.steps.map(({ steps, picture }) => [steps, picture]) } },
  ])
}

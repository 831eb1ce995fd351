/** The keyword of a PNG text that holds an XMP packet; other formats keep it under this name too. */
export const xmpKeyword = 'XML:com.adobe.xmp'

/** Longer packets hold thumbnails and histories. */
const maxLength = 1024 * 1024

/** Properties that hold text. `UserComment` and `description` carry settings of programs that write XMP. */
const properties = {
  CreatorTool: 'xmp:CreatorTool',
  UserComment: 'exif:UserComment',
  description: 'dc:description',
} as const

/** The texts of an XMP packet by their names. Attributes, elements and lists of alternatives are read; the first counts. */
export function xmpTexts(packet: string): Map<string, string> {
  const texts = new Map<string, string>()
  if (packet.length > maxLength) return texts
  for (const [name, property] of Object.entries(properties)) {
    const value = attributeOf(packet, property) ?? elementOf(packet, property)
    if (value !== undefined && value.trim() !== '') texts.set(name, unescaped(value.trim()))
  }
  return texts
}

function attributeOf(packet: string, name: string): string | undefined {
  const at = packet.indexOf(`${name}=`)
  const quote = packet[at + name.length + 1]
  if (at < 0 || (quote !== '"' && quote !== "'")) return undefined
  const start = at + name.length + 2
  const end = packet.indexOf(quote, start)
  return end < 0 ? undefined : packet.slice(start, end)
}

/** The text of an element, or of the first `rdf:li` in it. */
function elementOf(packet: string, name: string): string | undefined {
  const inside = between(packet, `<${name}`, `</${name}>`)
  return inside === undefined || !inside.includes('<') ? inside : between(inside, '<rdf:li', '</rdf:li>')
}

function between(text: string, open: string, close: string): string | undefined {
  const at = text.indexOf(open)
  const start = at < 0 ? -1 : text.indexOf('>', at) + 1
  const end = start > 0 ? text.indexOf(close, start) : -1
  return end < 0 ? undefined : text.slice(start, end)
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,4}));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return entities[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

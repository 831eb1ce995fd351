/**
 * The dictionaries for the system's languages, in their order: that of the country, else that of the language, and English
 * in any case, because the encoders of most models have learnt from it.
 * @param preferred such as `de-AT`
 * @param available such as `de` and `en-GB`
 */
export function languagesFor(preferred: readonly string[], available: readonly string[]): string[] {
  const known = new Set(available)
  const found = [...preferred, 'en-US'].flatMap((wanted) => {
    const [language = ''] = wanted.split('-')
    const fitting =
      [wanted, language].find((each) => known.has(each)) ?? available.find((each) => each.startsWith(`${language}-`))
    return fitting === undefined ? [] : [fitting]
  })
  return [...new Set(found)]
}

/** Jobs that run, wait and are over. */
export function QueuePanel() {
  return null
}

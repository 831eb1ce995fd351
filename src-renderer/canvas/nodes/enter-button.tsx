import { SquareArrowOutDownRight } from 'lucide-react'
import { useTab } from '../../store/context.ts'
import { enterSubgraph } from '../../store/levels.ts'
import { t } from '../../strings/t.ts'
import styles from './node-header.module.css'

/** Opens the subgraph of an instance, like a double click on its title. */
export function EnterButton({ id, title }: { readonly id: string; readonly title: string }) {
  const tab = useTab()
  const label = t('canvas.node.enter', { node: title })
  return (
    <button
      type="button"
      className={`${styles.chevron} nodrag`}
      aria-label={label}
      title={label}
      onClick={() => enterSubgraph(tab, id)}
    >
      <SquareArrowOutDownRight size={13} aria-hidden />
    </button>
  )
}

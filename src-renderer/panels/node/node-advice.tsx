import { Lightbulb } from 'lucide-react'
import { useAdvice } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

/** Advice about settings that run but give poor results. */
export function NodeAdvice({ id }: { readonly id: string }) {
  const advice = useAdvice(id)
  if (advice.length === 0) return null
  return (
    <ul className={styles.advice} aria-label={t('panels.node.advice')}>
      {advice.map(({ message, hint }) => (
        <li key={message}>
          <Lightbulb size={14} aria-hidden />
          <p>
            {message} {hint}
          </p>
        </li>
      ))}
    </ul>
  )
}

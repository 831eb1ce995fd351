import { Button, Group, Modal, Text } from '@mantine/core'
import { useStore } from 'zustand'
import { t } from '../../strings/t.ts'
import { dropQuestion } from './ask.ts'

/** Asks whether to use pictures that contain workflows as workflows or as pictures. */
export function DropQuestion() {
  const question = useStore(dropQuestion, (state) => state.question)
  const { names, answer } = question ?? { names: [], answer: () => undefined }
  const count = names.length
  return (
    <Modal
      opened={question !== undefined}
      onClose={() => answer(undefined)}
      title={t('canvas.drop.ask.title')}
      closeButtonProps={{ 'aria-label': t('canvas.drop.ask.cancel') }}
      centered
    >
      <Text size="sm">{t('canvas.drop.ask.text', { count, name: names[0] ?? '' })}</Text>
      <Group mt="md" justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => answer('picture')}>
          {t('canvas.drop.ask.picture', { count })}
        </Button>
        <Button data-autofocus onClick={() => answer('workflow')}>
          {t('canvas.drop.ask.workflow', { count })}
        </Button>
      </Group>
    </Modal>
  )
}

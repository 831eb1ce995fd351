import { afterEach, expect, it } from 'vitest'
import { jobRequest } from '#core/protocol/jobs.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { settings } from '../store/settings.ts'
import { createTab } from '../workspace/tabs.ts'
import { requestOf } from './request.ts'

const workflow = parseWorkflow('{"format":"latent-loom","version":1,"name":"Fox","nodes":{}}')

afterEach(() => settings.setState({ device: 'auto', precision: 'auto' }))

it('carries the device and the precision of the settings', () => {
  const request = () => jobRequest.parse(requestOf(createTab(workflow)))
  expect(request()).toMatchObject({ device: 'auto', precision: 'auto' })
  settings.setState({ device: 'webgpu', precision: 'float32' })
  expect(request()).toMatchObject({ device: 'webgpu', precision: 'float32' })
})

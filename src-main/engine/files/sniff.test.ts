import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { encodeHeader } from '#core/formats/safetensors.ts'
import { refuseImpostor } from './sniff.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

function refusal(head: Uint8Array, path: string): LoomError | undefined {
  try {
    refuseImpostor(head, path)
    return undefined
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
}

const torchZip = latin1('PK\x03\x04\0\0\b\b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pklFB')
const zip = latin1('PK\x03\x04\x14\0\0\0\b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\t\0\0\0model.txt')

describe('fault 29: what is no safetensors file is named', () => {
  it.each([
    [
      'unknown bytes with a pickle name',
      'model.BIN',
      latin1('\xde\xad\xbe\xef'),
      'unsupported',
      /like a file of PyTorch/,
    ],
    ['a zip', 'model.safetensors', zip, 'unsupported', /zip archive/],
    ['an empty zip', 'model.safetensors', latin1(`PK\x05\x06${'\0'.repeat(18)}`), 'unsupported', /zip archive/],
    ['a picture', 'model.safetensors', latin1('\x89PNG\r\n\x1a\n'), 'unsupported', /a picture/],
    ['gzip', 'model.safetensors', latin1('\x1f\x8b\b\0\0\0'), 'unsupported', /archive/],
    ['a login page', 'model.safetensors', latin1('\n<!DOCTYPE html><html><title>Log in'), 'parse', /web page/],
    ['a page with a byte order mark', 'model.safetensors', latin1('\xef\xbb\xbf<html lang="en">'), 'parse', /web page/],
    ['an error in XML', 'model.safetensors', latin1('<?xml version="1.0"?><Error>'), 'parse', /web page/],
    ['a Git LFS pointer', 'model.safetensors', latin1('version https://git-lfs.github.com/spec/v1\n'), 'parse', /LFS/],
    ['GGUF', 'model.gguf', latin1('GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0'), 'unsupported', /GGUF/],
    ['GGUF renamed', 'model.safetensors', latin1('GGUF\x03\0\0\0'), 'unsupported', /GGUF/],
    ['ONNX', 'model.onnx', latin1('\b\b\x12\x07pytorch'), 'unsupported', /ONNX/],
    ['ONNX renamed', 'model.safetensors', latin1('\b\n:\x80'), 'unsupported', /ONNX/],
    ['an error message', 'model.safetensors', latin1('{"error":"Access is restricted"}'), 'parse', /JSON text/],
    ['an error in words', 'model.safetensors', latin1('Access is restricted'), 'parse', /a text/],
    ['the settings of an adapter', 'adapter_config.json', latin1('{"peft_type":"LORA"}'), 'parse', /JSON text/],
    ['nothing', 'model.safetensors', latin1(''), 'parse', /empty/],
  ] as const)('%s as %s', (_, path, head, code, says) => {
    const error = refusal(head, `/models/${path}`)
    expect(error?.code).toBe(code)
    expect(error?.message).toMatch(says)
    expect(error?.message).toContain(`/models/${path}`)
    expect(error?.hint).toBeTruthy()
  })

  it('files of torch pass under any name, for their own reader', () => {
    const heads = [
      '\x80\x02}q\0(X\n\0\0\0state_dict',
      '\x80\x04\x95\x10\0\0\0\0\0\0\0}',
      '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02',
    ]
    for (const head of [torchZip, ...heads.map(latin1)]) {
      for (const name of ['a.ckpt', 'a.pth', 'a.safetensors']) expect(refusal(head, name)).toBeUndefined()
    }
    expect(refusal(zip, 'a.bin')).toBeUndefined()
  })

  it('safetensors pass under any name, also where their length reads as a pickle, a page or an ONNX file', () => {
    for (const length of [0x280, 0x480, 0x3c, 0x08, 0x120808]) {
      const head = Buffer.alloc(64, ' ')
      head.writeBigUInt64LE(BigInt(length))
      head.write('{"a":', 8)
      for (const name of ['a.safetensors', 'a.sft', 'a.ckpt', 'a']) expect(refusal(head, name)).toBeUndefined()
    }
    expect(refusal(encodeHeader([], new Map()), 'a.bin')).toBeUndefined()
  })

  it('unknown bytes under a safetensors name are left to the parser', () => {
    expect(refusal(latin1('\xde\xad\xbe\xef'), 'a.safetensors')).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest';
import { fillAction, problemOf, providerOf } from '../../src/handoff/action.ts';
import { entryOf } from '../engines/sqlite/made-inventory.ts';

const ENTRY = {
  ...entryOf('AKIAI44QH8DHBEXAMPLE', {}),
  source: 'aws',
  metadata: { user: 'deploy', evil: '--profile' },
};

describe('an action', () => {
  it('gets the id and columns of the inventory, each as one argument', () => {
    const command = ['aws', '--user-name', '{column.user}', '--id={keyId}', '{keyId}'];
    expect(fillAction({ by: 'command', command }, ENTRY)).toEqual({
      by: 'command',
      command: ['aws', '--user-name', 'deploy', '--id=AKIAI44QH8DHBEXAMPLE', 'AKIAI44QH8DHBEXAMPLE'],
    });
  });

  it.each([
    ['{column.evil}', 'column.evil begins with "-", which programs take for a flag'],
    ['{column.nowhere}', 'column.nowhere is not in the inventory'],
    ['{column.toString}', 'column.toString is not in the inventory'],
  ])('with %s is nobody`s to do', (word, problem) => {
    expect(fillAction({ by: 'command', command: ['x', '{keyId}', word] }, ENTRY)).toEqual({ by: 'nobody', problem });
    expect(fillAction({ by: 'hand', steps: [`Look at ${word}`] }, ENTRY)).toEqual({ by: 'nobody', problem });
  });

  it('is chosen by the first provider of which every column matches', () => {
    const all = { match: {} };
    const [aws, user, other] = [{ match: { source: 'a*' } }, { match: { user: 'x' } }, { match: { source: 'kong' } }];
    expect(providerOf(ENTRY, [other, user, aws, all])).toBe(aws);
    expect(providerOf(ENTRY, [other, all])).toBe(all);
    expect(providerOf(ENTRY, [other, user])).toBeUndefined();
  });
});

describe('a value as an argument', () => {
  it.each(['AKIAI44QH8DHBEXAMPLE', 'projects/1/locations/global/keys/ab-c', '4f9c_2.x', 'ann@example.com'])(
    'may be %j',
    (value) => expect(problemOf(value, false)).toBeUndefined(),
  );

  it.each([
    '', ' ', '-f', '--delete', 'a\nb', 'a\0b', 'a\u001b[31m', 'a\u202eb', '$(id)', '`id`', 'a;b', 'a b', 'a|b', 'a&b', '@file',
    '../../etc/passwd', 'a/../b', 'file:///etc/passwd', 'http://evil.example', '{keyId}', "a'b", 'a"b', 'a\\b', '/etc/passwd',
    'x'.repeat(300), '%2e%2e', 'a?b', 'a#b', '*',
  ])('must not be %j', (value) => {
    expect(problemOf(value, false)).toBeTypeOf('string');
  }); // prettier-ignore

  it('within a longer argument has no slash: it would be another address', () => {
    expect(problemOf('a/b', true)).toBe('holds "/", so it can only be an argument of its own');
    expect(problemOf('a-b', true)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { refuseNetworkDisk } from '../../../src/engines/sqlite/network-disk.ts';

describe('a database', () => {
  it.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [-11317950, 'CIFS'],
    [0xfe534d42, 'SMB'],
  ])('on a network disk is refused: %i', (type, name) => {
    expect(() => refuseNetworkDisk('/mnt/logs/x.db', () => type)).toThrow(`a network disk (${name})`);
  });

  it.each([0xef53, 0x01021994, 0x9123683e, 0x58465342, 0])('on a local disk is not: %i', (type) => {
    expect(() => refuseNetworkDisk('/var/lib/x.db', () => type)).not.toThrow();
  });

  it('is looked for where it lies', () => {
    const asked: string[] = [];
    refuseNetworkDisk('/mnt/logs/x.db', (directory) => asked.push(directory));
    expect(asked).toEqual(['/mnt/logs']);
    expect(() => refuseNetworkDisk('/no/such/folder/x.db')).not.toThrow();
  });
});

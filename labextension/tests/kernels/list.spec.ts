import { KernelList } from '../../src/kernels/list';
import { RecentKernels } from '../../src/kernels/recent';
import { groupsOf } from '../../src/kernels/groups';
import { environment } from '../samples';
import { manyEnvironments, TestStorage, trans } from './fakes';

const groupsWith = (count: number) => {
  const answer = manyEnvironments(count);
  const gone = environment({
    id: 'gone',
    label: 'env1 gone',
    problem: 'Its interpreter is gone.'
  });
  return groupsOf(
    {
      specs: null,
      answer: { ...answer, environments: [...answer.environments, gone] },
      recent: [],
      session: null
    },
    trans
  );
};

describe('The list', () => {
  it('moves by lines, and not over its ends', () => {
    const list = new KernelList(groupsWith(4), 'spec:tfgpu-env2');
    const active = () => list.active?.key;
    expect(active()).toBe('spec:tfgpu-env2');
    list.move(1);
    expect(active()).toBe('spec:tfgpu-env3');
    list.move(1);
    expect(active()).toBe('spec:tfgpu-env3');
    list.move(-8);
    expect(active()).toBe('spec:tfgpu-env0');
  });

  it('skips what cannot be chosen', () => {
    const list = new KernelList(groupsWith(2));
    list.search('env1');
    expect(list.groups[0]?.items).toHaveLength(2);
    list.move(5);
    expect(list.active?.key).toBe('spec:tfgpu-env1');
    list.search('gone');
    expect(list.active).toBeNull();
  });

  it('is at the first match while one searches, and back where it began after', () => {
    const list = new KernelList(groupsWith(20), 'spec:tfgpu-env2');
    list.search('env1');
    expect(list.active?.key).toBe('spec:tfgpu-env1');
    list.move(2);
    expect(list.active?.key).toBe('spec:tfgpu-env11');
    list.search('');
    expect(list.active?.key).toBe('spec:tfgpu-env2');
  });

  it('stays where it is when the server tells of more', () => {
    const list = new KernelList(groupsWith(3), null);
    let told = 0;
    list.changed.connect(() => (told += 1));
    list.move(2);
    list.replace(groupsWith(30));
    expect(list.active?.key).toBe('spec:tfgpu-env2');
    expect(told).toBe(2);
  });
});

describe('The kernels used last', () => {
  it('are the three newest, each once, also after a reload', () => {
    const storage = new TestStorage();
    const recent = new RecentKernels(() => storage);
    for (const name of ['a', 'b', 'c', 'a', 'd']) {
      recent.add(name);
    }
    expect(new RecentKernels(() => storage).names).toEqual(['d', 'a', 'c']);
  });

  it.each(['no JSON', '{"a": 1}', '[1, "a", null]'])(
    'are read from what is there as far as it can be: %s',
    kept => {
      const storage = new TestStorage();
      storage.setItem('jupyter-tfgpu:recent-kernels', kept);
      const { names } = new RecentKernels(() => storage);
      expect(names).toEqual(kept.startsWith('[') ? ['a'] : []);
    }
  );

  it('are none where the browser forbids to keep any', () => {
    jest.spyOn(console, 'debug').mockImplementation();
    const recent = new RecentKernels(() => {
      throw new Error('denied');
    });
    recent.add('a');
    expect(recent.names).toEqual([]);
  });
});

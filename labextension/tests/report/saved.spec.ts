import { readSaved } from '../../src/report/saved';
import { HIDDEN, forged, published } from './samples';

const read = (changes: object) =>
  readSaved({ ...published('k1', HIDDEN), ...changes });

const readFinding = (changes: object) =>
  read({ findings: [{ ...HIDDEN, ...changes }] })?.findings[0];

describe('A report in an output', () => {
  it('is read with what it says', () => {
    const saved = read({});
    expect(saved?.kernelId).toBe('k1');
    const [finding] = saved?.findings ?? [];
    expect(finding).toMatchObject({
      code: HIDDEN.code,
      title: HIDDEN.title,
      detail: HIDDEN.detail,
      evidence: HIDDEN.evidence
    });
    expect(finding?.fixes.map(fix => fix.commands)).toEqual(
      HIDDEN.fixes.map(fix => fix.commands)
    );
  });

  it.each([
    undefined,
    null,
    'tfgpu.report/1',
    42,
    [],
    {},
    { schema: 'tfgpu.report/2', findings: [] },
    { schema: 'tfgpu.report/1' },
    { schema: 'tfgpu.report/1', findings: { length: 3 } }
  ])('is none where it is %j', data => {
    expect(readSaved(data)).toBeNull();
  });

  it.each([
    null,
    'text',
    [HIDDEN],
    { ...HIDDEN, code: '' },
    { ...HIDDEN, code: { toString: 'x' } },
    { ...HIDDEN, title: 7 },
    { ...HIDDEN, severity: 'fatal' },
    { ...HIDDEN, severity: ['error'] }
  ])('is read without a finding that is none: %j', finding => {
    expect(read({ findings: [finding, HIDDEN] })?.findings).toHaveLength(1);
  });

  it('has text where a field is of another type', () => {
    const finding = readFinding({
      detail: { a: 1 },
      evidence: 'all',
      framework: ['torch'],
      fixes: [null, { title: 1, commands: [1, 'ls', null], where: 'moon' }]
    });
    expect(finding).toMatchObject({
      detail: '',
      evidence: [],
      framework: null,
      fixes: [{ title: '', commands: ['ls'], where: 'terminal' }]
    });
    expect(read({ kernel_id: { id: 'k1' } })?.kernelId).toBeNull();
    expect(read({ kernel_id: null })?.kernelId).toBeNull();
    expect(read({ simulated: 'yes' })?.simulated).toBe(false);
  });

  it('keeps nothing that turns the reading of a text around', () => {
    const [finding] = readSaved(forged('k1'))?.findings ?? [];
    expect(finding?.detail).toContain('onerror');
    expect(finding?.detail).toMatch(/>txt\.exe$/);
    expect(readFinding({ title: 'a\u0000\u200bb\tc' })?.title).toBe('abc');
    expect(readFinding({ detail: 'a\nb' })?.detail).toBe('a\nb');
  });

  it('is cut where it is endless', () => {
    const long = 'x'.repeat(100_000);
    const saved = read({
      findings: Array(5000).fill({
        ...HIDDEN,
        title: long,
        evidence: Array(5000).fill(long),
        fixes: Array(5000).fill(HIDDEN.fixes[0])
      })
    });
    expect(saved?.findings).toHaveLength(100);
    expect(saved?.findings[0]?.title).toHaveLength(4000);
    expect(saved?.findings[0]?.evidence).toHaveLength(50);
    expect(saved?.findings[0]?.fixes).toHaveLength(20);
  });
});

import { extremesOf } from '../../src/history/extremes';
import { gapsIn } from '../../src/history/gaps';
import { LinePen } from '../../src/history/path';

const column = (...values: number[]) => new Float64Array(values);

describe('Gaps', () => {
  const gaps = (...times: number[]) => [...gapsIn(column(...times), 2)];

  it('are where nobody looked for more than three intervals', () => {
    expect(gaps(0, 2, 4, 10, 12)).toEqual([0, 0, 0, 0, 0]);
    expect(gaps(0, 2, 4, 10.1, 12)).toEqual([0, 0, 0, 1, 0]);
  });

  it('are not where the server read seldom for a while', () => {
    expect(gaps(0, 2, 32, 62, 92, 94)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('are between two looks that lie far apart, however many there are', () => {
    expect(gaps(0, 600, 1200)).toEqual([0, 1, 1]);
  });

  it('are none among no readings', () => {
    expect(gaps()).toEqual([]);
    expect(gaps(5)).toEqual([0]);
  });
});

describe('The extremes of a figure', () => {
  it('are those of the part of time that is shown', () => {
    const times = column(0, 1, 2, 3, 4);
    const values = column(9, 1, 3, NaN, 8);
    expect(extremesOf(times, values, [1, 3])).toEqual({
      latest: 3,
      low: 1,
      high: 3
    });
  });

  it('are none where nothing is known', () => {
    expect(extremesOf(column(0, 1), column(NaN, 2), [0, 0.5])).toBeNull();
  });
});

describe('The pen', () => {
  let drawn: string[];
  let pen: LinePen;

  beforeEach(() => {
    drawn = [];
    pen = new LinePen({
      moveTo: (x, y) => drawn.push(`M${x} ${y}`),
      lineTo: (x, y) => drawn.push(`L${x} ${y}`)
    });
  });

  it('draws a line from point to point', () => {
    pen.draw(1, 5);
    pen.draw(2, 6);
    pen.lift();
    expect(drawn).toEqual(['M1 5', 'L2 6']);
  });

  it('draws the first, least, most and last of the points on one pixel', () => {
    [5, 1, 9, 4, 6].forEach(y => pen.draw(1, y));
    pen.draw(2, 7);
    pen.lift();
    expect(drawn).toEqual(['M1 5', 'L1 1', 'L1 9', 'L1 6', 'L2 7']);
  });

  it('begins anew behind a gap', () => {
    pen.draw(1, 5);
    pen.draw(2, 5);
    pen.lift();
    pen.draw(8, 5);
    pen.draw(9, 5);
    pen.lift();
    expect(drawn).toEqual(['M1 5', 'L2 5', 'M8 5', 'L9 5']);
  });

  it('shows a value that stands alone', () => {
    pen.lift();
    pen.draw(5, 3);
    pen.lift();
    expect(drawn).toEqual(['M5 3', 'M4 3', 'L6 3']);
  });
});

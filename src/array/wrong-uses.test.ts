// What people get wrong with arrays: each has a message with what they wrote in it, shapes above all, and a way out.
import { expect, test } from 'vitest';
import { HeddleError } from '../base/errors.js';
import * as entry from '../array-entry.js';
import * as np from './index.js';
import { arange, asarray, concat, eye, full, linspace, ones, random, slice, stack, where, zeros } from './index.js';

/** Programs that TypeScript would refuse, as JavaScript hands them over. */
const any = (value: unknown): never => value as never;

const table = (): np.NDArray<'float64'> => ones([2, 3]);
const ints = (): np.NDArray => arange(3);

const rows: readonly [code: string, message: RegExp, fix: RegExp, use: () => unknown][] = [
  // Shapes.
  ['ARRAY001', /zeros cannot have the shape \[2, -3\]/, /list of lengths/, () => zeros([2, -3])],
  ['ARRAY001', /ones cannot have the shape 2\.5/, /list of lengths/, () => ones(2.5)],
  ['ARRAY001', /full cannot have the shape "3"/, /list of lengths/, () => full(any('3'), 1)],
  ['ARRAY001', /\[1000000, 1000000, 1000000\]/, /smaller pieces/, () => zeros([1e6, 1e6, 1e6])],
  ['ARRAY001', /steps of 0/, /above or below 0/, () => arange(0, 3, 0)],
  ['ARRAY001', /cannot count with NaN/, /finite/, () => arange(NaN)],
  ['ARRAY001', /linspace cannot give -1 numbers/, /count/, () => linspace(0, 1, -1)],
  ['ARRAY001', /fractions/, /float64/, () => arange(0, 1, 0.5, { dtype: 'int64' })],
  ['ARRAY001', /eye cannot have the shape \[-1, -1\]/, /lengths/, () => eye(-1)],
  [
    'ARRAY002',
    /add: the shapes \[2, 3\] and \[2\]/,
    /\.expandDims\(1\), of shape \[2, 1\]/,
    () => table().add(ones(2)),
  ],
  ['ARRAY002', /lt: the shapes \[2, 3\] and \[3, 3\]/, /equal, or 1/, () => table().lt(eye(3))],
  ['ARRAY002', /where: the shapes \[2, 3\] and \[\] and \[4\]/, /equal, or 1/, () => where(table().lt(1), 0, ones(4))],
  ['ARRAY002', /\[2, 3\] cannot be stretched to \[3, 2\]/, /reshape|expandDims/, () => table().broadcastTo([3, 2])],
  ['ARRAY002', /concat: the shapes \[2, 3\] and \[3, 3\]/, /cut or fill/, () => concat([table(), eye(3)], 1)],
  ['ARRAY002', /concat: the shapes \[2, 3\] and \[3\]/, /expandDims/, () => concat([table(), ones(3)])],
  ['ARRAY002', /stack|concat/, /longer|expandDims/, () => stack([ones(3), ones(4)])],
  [
    'ARRAY002',
    /assignAt: the shape \[4\] cannot be stretched to \[3\]/,
    /below each other/,
    () => table().assignAt([0], ones(4)),
  ],
  ['ARRAY002', /assign: the shape \[3, 2\]/, /below each other/, () => table().assign(ones([3, 2]))],
  // Axes.
  ['ARRAY003', /sum cannot have the axis 2/, /0 to 1, or from -1 back to -2/, () => table().sum(2)],
  ['ARRAY003', /mean cannot have the axis 0\.5/, /0 to 1/, () => table().mean(0.5)],
  ['ARRAY003', /axes \[0, 0\]/, /once/, () => table().sum({ axis: [0, 0] })],
  ['ARRAY003', /sum cannot have the axis 0/, /leave the axis out/, () => asarray(3).sum(0)],
  ['ARRAY003', /squeeze cannot drop axis 1 of the shape \[2, 3\]/, /\[\]/, () => table().squeeze(1)],
  ['ARRAY003', /permuteDims cannot put the axes \[0\] in order/, /\[1, 0\]/, () => table().permuteDims([0])],
  ['ARRAY003', /a matrix has at least 2 axes, and the shape is \[3\]/, /expandDims/, () => ints().mT],
  ['ARRAY003', /expandDims cannot have the axis 4/, /0 to 2/, () => table().expandDims(4)],
  ['ARRAY003', /concat cannot have the axis 2/, /0 to 1/, () => concat([table()], 2)],
  ['ARRAY003', /cumulativeSum needs an axis for the shape \[2, 3\]/, /\.flatten\(\)/, () => table().cumulativeSum()],
  // Dtypes.
  ['ARRAY004', /no dtype "float46"/, /did you mean 'float64'/, () => zeros(3, { dtype: any('float46') })],
  [
    'ARRAY004',
    /no dtype for both float64 and int64/,
    /\.astype\('float64'\) on the int64/,
    () => table().add(any(ints())),
  ],
  ['ARRAY004', /both float64 and bool/, /\.astype\('float64'\) on the bool/, () => table().mul(any(table().lt(1)))],
  ['ARRAY004', /both int64 and uint64/, /'int64'/, () => asarray([1n]).add(any(asarray(new BigUint64Array(1))))],
  ['ARRAY004', /add is not for arrays of bool/, /astype\('int64'\)/, () => table().lt(1).add(true)],
  ['ARRAY004', /and is not for arrays of float64/, /integers or bool/, () => table().and(1)],
  ['ARRAY004', /min is not for arrays of bool/, /astype\('int64'\)/, () => table().lt(1).min()],
  ['ARRAY004', /the condition of where is not for arrays of float64/, /bool/, () => where(any(table()), 1, 2)],
  ['ARRAY004', /an array of int64 cannot take elements of float64/, /astype\('int64'\)/, () => ints().assign(ones(3))],
  // Values.
  ['ARRAY005', /add: 0\.5 cannot be an element of int64/, /astype\('float64'\)/, () => ints().add(0.5)],
  ['ARRAY005', /300 cannot be an element of uint8/, /wider/, () => zeros(3, { dtype: 'uint8' }).add(300)],
  ['ARRAY005', /mul: true cannot be an element of float64/, /1 or 0/, () => table().mul(true)],
  ['ARRAY005', /and: 1 cannot be an element of bool/, /true or false/, () => table().lt(1).and(1)],
  ['ARRAY005', /2n cannot be an element of float64/, /Number\(2n\)/, () => table().add(2n)],
  ['ARRAY005', /9007199254740992 cannot be/, /bigint/, () => ints().add(2 ** 53)],
  ['ARRAY005', /set: 1\.5 cannot be an element of int64/, /astype/, () => ints().set(0, 1.5)],
  // Indices.
  ['ARRAY006', /no place 3 on axis 0 of the shape \[3\]/, /\.shape/, () => ints().at(3)],
  ['ARRAY006', /no place -3 on axis 0 of the shape \[2, 3\]/, /\.shape/, () => table().get(-3, 0)],
  ['ARRAY006', /no place 1\.5 on axis 1/, /Math\.floor/, () => table().at(0, 1.5)],
  ['ARRAY006', /3 indices for the shape \[2, 3\]/, /leave out/, () => table().at(0, 0, 0)],
  ['ARRAY006', /get was given 1 places for the shape \[2, 3\]/, /\.at\(…\)/, () => table().get(0)],
  ['ARRAY006', /"1" is no index/, /without quotes/, () => table().at(any('1'))],
  ['ARRAY006', /"all" is no index/, /':'/, () => table().at(any('all'))],
  ['ARRAY006', /step of 0/, /backwards/, () => table().at('::0')],
  ['ARRAY006', /'...' can stand for axes once|3 indices/, /one '...'/, () => table().at('...', 0, '...')],
  ['ARRAY006', /no place 3 on an axis of 3/, /\.shape/, () => ints().at(arange(4)).toArray()],
  [
    'ARRAY002',
    /a mask of the shape \[3\] does not fit the shape \[2, 3\]/,
    /a\.at\(a\.gt\(0\)\)/,
    () => table().at(ones(3).gt(0)),
  ],
  ['ARRAY004', /take by is not for arrays of float64/, /integers/, () => ints().at(ones(2))],
  ['ARRAY006', /stand next to each other/, /one axis after the other/, () => ones([2, 2, 2]).at(ints(), ':', ints())],
  ['ARRAY002', /at: the shapes \[3\] and \[2\]/, /equal, or 1/, () => table().at(ints(), arange(2))],
  ['ARRAY006', /no place 2 on an axis of 2/, /\.shape/, () => table().at(ints(), 0).toArray()],
  [
    'ARRAY006',
    /no place 3 on an axis of 3/,
    /\.shape/,
    () =>
      table()
        .at(asarray([0n]), asarray([3n]))
        .toArray(),
  ],
  ['ARRAY006', /a slice cannot have the bound 0\.5/, /whole numbers/, () => slice(0.5)],
  ['ARRAY007', /reshape cannot bring the shape \[2, 3\] into \[4, 2\]/, /product/, () => table().reshape([4, 2])],
  ['ARRAY007', /into \[-1, 4\]/, /product/, () => table().reshape([-1, 4])],
  ['ARRAY007', /into \[-1, -1\]/, /-1/, () => table().reshape([-1, -1])],
  // Numbers and arrays.
  ['ARRAY008', /the shape \[2, 3\] is not one number/, /\.sum\(\)/, () => table().item()],
  ['ARRAY008', /operators cannot calculate with an array of the shape \[3\]/, /a\.add\(b\)/, () => any(ints()) * 2],
  ['ARRAY008', /operators/, /a\.lt\(b\)/, () => any(ints()) < any(ints())],
  ['ARRAY008', /zero-dimensional array cannot be iterated/, /\.item\(\)/, () => [...asarray(3)]],
  ['ARRAY009', /array of the shape \[2, 3\] was disposed of/, /last use/, () => use((a) => (a.dispose(), a.sum()))],
  ['ARRAY009', /dispose\(\) has freed/, /before dispose/, () => use((a, b) => (a.dispose(), b.item()))],
  [
    'ARRAY010',
    /different lengths make no array: at \[1\] there is a list of 1, not a list of 2/,
    /NaN/,
    () => asarray([[1, 2], [3]]),
  ],
  ['ARRAY010', /at \[1\] there is 3, not a list of 2/, /equally long/, () => asarray(any([[1, 2], 3]))],
  ['ARRAY010', /the string "1" at \[0\]/, /Number\(text\)/, () => asarray(any(['1']))],
  ['ARRAY010', /array of undefined/, /nested lists/, () => asarray(any(undefined))],
  ['ARRAY011', /sum has no option axes/, /did you mean axis/, () => table().sum(any({ axes: 0 }))],
  [
    'ARRAY011',
    /sum cannot take an array of 2 as its options/,
    /sum\(\{ axis: \[0, 1\] \}\)/,
    () => table().sum(any([0, 1])),
  ],
  ['ARRAY011', /an array of 3 cannot stand beside an array/, /asarray/, () => table().add(any([1, 2, 3]))],
  ['ARRAY011', /"2" cannot stand beside an array/, /number/, () => table().add(any('2'))],
  ['ARRAY011', /concat was given an array of 0/, /concat\(\[a, b\]\)/, () => concat([])],
  ['ARRAY012', /min of no elements: the shape is \[0, 3\]/, /not empty/, () => zeros([0, 3]).min(0)],
  ['ARRAY012', /argmax of no elements/, /not empty/, () => asarray([]).argmax()],
  [
    'ARRAY013',
    /the int64 element 1152921504606846976 cannot be given as a number/,
    /bigint: true/,
    () => asarray(2n ** 60n).item(),
  ],
  ['ARRAY005', /a power of int64 with the exponent -3/, /float64/, () => ints().pow(-3)],
  ['ARRAY005', /a power of int64 with the exponent -1/, /float64/, () => ints().pow(arange(-1, 2)).toArray()],
  ['ARRAY005', /pow: 0\.5 cannot be an element of int64/, /float64/, () => ints().pow(0.5)],
  ['RANDOM002', /uniform numbers from 1 to -1/, /uniform\(-1, 1\)/, () => random.uniform(1, -1, [3])],
  ['RANDOM002', /integers from 6 to 1/, /integers\(1, 6\)/, () => random.integers(6, 1, [3])],
  ['RANDOM002', /deviation -1/, /mean 0 and deviation 1/, () => random.normal(0, -1, [3])],
  ['ARRAY001', /uniform cannot have the shape \[-1\]/, /lengths/, () => random.uniform(0, 1, [-1])],
  // Sorting, products, statistics, manipulation.
  ['ARRAY003', /sort needs an axis, and a zero-dimensional/, /reshape\(\[1\]\)/, () => asarray(3).sort()],
  ['ARRAY003', /sort cannot have the axis 2/, /0 to 1/, () => table().sort(2)],
  ['ARRAY011', /argsort has no other order than the stable one/, /stable/, () => ints().argsort({ stable: false })],
  ['ARRAY011', /sort has no option descend/, /descending/, () => ints().sort(any({ descend: true }))],
  ['ARRAY002', /searchsorted looks into one axis.*\[2, 3\]/, /flatten/, () => np.searchsorted(table(), ones(2))],
  ['ARRAY011', /on the side "middle"/, /left/, () => np.searchsorted(ones(2), ones(2), any({ side: 'middle' }))],
  ['ARRAY011', /sort was given an array of 2 instead/, /asarray/, () => np.sort(any([2, 1]))],
  ['ARRAY002', /matmul: the shapes \[2, 3\] and \[2, 3\]/, /a\.matmul\(b\.mT\)/, () => table().matmul(table())],
  ['ARRAY002', /matmul: the shapes \[2, 3\] and \[4\]/, /mT|reshape/, () => table().matmul(ones(4))],
  [
    'ARRAY002',
    /matmul: the shapes \[2\] and \[3\] do not/,
    /equal, or 1/,
    () => ones([2, 1, 1]).matmul(ones([3, 1, 1])),
  ],
  ['ARRAY003', /matmul is not for zero-dimensional/, /\.mul/, () => table().matmul(asarray(2))],
  [
    'ARRAY004',
    /matmul is not for arrays of bool/,
    /int64/,
    () =>
      table()
        .lt(1)
        .matmul(any(table().lt(1))),
  ],
  ['ARRAY004', /for both float64 and int64/, /astype/, () => table().matmul(any(ints()))],
  ['ARRAY011', /matmul was given 2 instead/, /asarray/, () => table().matmul(any(2))],
  [
    'ARRAY002',
    /tensordot: the shapes \[2, 3\] and \[2, 3\]/,
    /axes:/,
    () => np.tensordot(table(), table(), { axes: 1 }),
  ],
  ['ARRAY003', /tensordot cannot contract the axes 3/, /count/, () => np.tensordot(table(), table(), { axes: 3 })],
  [
    'ARRAY003',
    /cannot contract the axes/,
    /\[\[0, 1\], \[1, 2\]\]/,
    () =>
      np.tensordot(table(), table(), {
        axes: [
          [0, 0],
          [1, 1],
        ],
      }),
  ],
  ['ARRAY002', /vecdot: the shapes \[2, 3\] and \[2\]/, /equally long/, () => np.vecdot(table(), ones(2))],
  ['ARRAY012', /median of no elements: the shape is \[0, 3\]/, /not empty/, () => np.median(zeros([0, 3]), 0)],
  ['ARRAY011', /quantile of 50 is none/, /percentile/, () => np.quantile(table(), 50)],
  ['ARRAY011', /percentile of -1 is none/, /100 the greatest/, () => np.percentile(table(), -1)],
  ['ARRAY011', /no method "cubic"/, /linear/, () => np.quantile(table(), 0.5, any({ method: 'cubic' }))],
  ['ARRAY004', /median is not for arrays of bool/, /int64/, () => np.median(table().lt(1))],
  ['ARRAY001', /histogram cannot have 0 bins/, /count/, () => np.histogram(table(), { bins: 0 })],
  ['ARRAY001', /no bins from 1 to NaN|no bins from NaN to NaN/, /range/, () => np.histogram(asarray([1, NaN]))],
  ['ARRAY001', /edges of the shape \[3\]/, /sort/, () => np.histogram(table(), { bins: [1, 3, 2] })],
  ['ARRAY011', /histogram has no option bin/, /bins/, () => np.histogram(table(), any({ bin: 3 }))],
  [
    'ARRAY003',
    /take needs an axis for the shape \[2, 3\]/,
    /take\(a, places, 0\)/,
    () => entry.take(table(), asarray([0n])),
  ],
  [
    'ARRAY002',
    /places of the shape \[1\] for the shape \[2, 3\]/,
    /expandDims/,
    () => np.takeAlongAxis(table(), asarray([0n])),
  ],
  ['ARRAY006', /no place 3 on an axis of 3/, /shape/, () => np.takeAlongAxis(ones(3), asarray([3n])).toArray()],
  ['ARRAY001', /repeat cannot repeat -1 times/, /from 0 up/, () => np.repeat(ones(3), -1)],
  ['ARRAY002', /repeat: 2 counts for an axis of 3/, /each place/, () => np.repeat(ones(3), asarray([1n, 2n]))],
  ['ARRAY003', /roll has 1 shifts for 2 axes/, /one for each/, () => np.roll(table(), [1], { axis: [0, 1] })],
  ['ARRAY001', /roll cannot move by 1\.5/, /whole/, () => np.roll(table(), 1.5, 0)],
  [
    'ARRAY003',
    /moveaxis cannot move the axes \[0, 0\]/,
    /moveaxis\(a, 0, -1\)/,
    () => np.moveaxis(table(), [0, 0], [0, 1]),
  ],
  ['ARRAY011', /meshgrid has no indexing "yx"/, /'ij'/, () => np.meshgrid([ones(2)], any({ indexing: 'yx' }))],
  ['ARRAY004', /finfo is not for "int64"/, /iinfo/, () => np.finfo('int64')],
  ['ARRAY004', /iinfo is not for "float64"/, /finfo/, () => np.iinfo('float64')],
  ['ARRAY004', /there is no dtype "real"/, /dtypes are|did you mean/, () => np.isdtype('float64', any('real'))],
  ['ARRAY004', /lshift is not for arrays of float64/, /integers/, () => table().lshift(1)],
  ['ARRAY004', /logicalAnd is not for arrays of float64/, /bool/, () => entry.logicalAnd(table(), table())],
  ['ARRAY005', /minimum: 0\.5 cannot be an element of int64/, /astype\('float64'\)/, () => ints().minimum(0.5)],
  ['ARRAY011', /maximum was given 1 instead of an array/, /asarray/, () => np.maximum(any(1), any(2))],
  // Random order.
  ['ARRAY001', /permutation cannot have the shape -1/, /lengths/, () => random.permutation(-1)],
  ['ARRAY003', /shuffle needs an axis/, /one axis/, () => random.shuffle(asarray(1))],
  ['ARRAY001', /choice cannot pick from \[2, 3\]/, /flatten/, () => random.choice(table(), [2])],
  ['ARRAY001', /pick 4 of 3 elements/, /replace: false/, () => random.choice(3, [4], { replace: false })],
  ['ARRAY001', /come to 0\.5, not to 1/, /p\.div/, () => random.choice(2, [4], { p: asarray([0.5, 0]) })],
  ['ARRAY001', /likelihood -1/, /0 up/, () => random.choice(2, [4], { p: asarray([-1, 2]) })],
  ['ARRAY002', /likelihoods of the shape \[3\] for 2/, /each element/, () => random.choice(2, [4], { p: ones(3) })],
  ['ARRAY011', /choice has no option replacement/, /replace/, () => random.choice(2, [4], any({ replacement: false }))],
  [
    'ARRAY001',
    /pick 2 of 1 possible elements/,
    /pick fewer/,
    () => random.choice(2, [2], { p: asarray([1, 0]), replace: false }),
  ],
];

function use(program: (a: np.NDArray<'float64'>, sum: np.NDArray<'float64'>) => unknown): unknown {
  const a = table().computeSync();
  return program(a, a.sum());
}

test.each(rows.map(([code, message, fix, wrong]) => ({ code, message, fix, wrong })))(
  '$code: $message',
  ({ code, message, fix, wrong }) => {
    let thrown: unknown;
    try {
      wrong();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(HeddleError);
    const error = thrown as HeddleError;
    expect(error.summary).toMatch(message);
    expect(error.fix).toMatch(fix);
    expect(error.code).toBe(code);
  },
);

test('there are many', () => expect(rows.length).toBeGreaterThanOrEqual(120));

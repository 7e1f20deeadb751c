/**
 * The solution `x` of `a·x = b` for a symmetric, positive definite `a`, by its Cholesky factor. Takes O(n³); `a` is overwritten.
 * @throws RangeError where `a` is not positive definite
 */
export function solve(a: readonly Float64Array[], b: Float64Array): number[] {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i]![j]!;
      for (let k = 0; k < j; k++) sum -= a[i]![k]! * a[j]![k]!;
      if (i > j) a[i]![j] = sum / a[j]![j]!;
      else if (sum > 0) a[j]![j] = Math.sqrt(sum);
      else throw new RangeError('the equations have no single solution');
    }
  }
  const x = Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i]![k]! * x[k]!;
    x[i]! /= a[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k]![i]! * x[k]!;
    x[i]! /= a[i]![i]!;
  }
  return x;
}

"""Six of the kernels of bench/kernels in Numba, line by line as they stand in examples/kernels/, with the same data.

Protocol as in pi.py: for each line `TASK N SEED` on standard input one line of JSON with the seconds that N calls took and the sum of about
a thousand elements of the answer. Packages are imported by the tasks, so that `--versions` of pi.py is enough to tell what is installed.
"""

import json
import math
import sys
import time

import numba
import numpy as np

PHI = 0.6180339887498949


def spread(n, step=1, first=0):
    return (np.arange(n, dtype=np.float64) * step + first) * PHI % 1


def sample(array):
    return sum(float(x) for x in array[:: max(1, len(array) // 1000)])


@numba.njit
def mandelbrot(steps, width, height, limit):
    for row in range(height):
        ci = 2.5 * (row + 0.5) / height - 1.25
        for column in range(width):
            cr = 3 * (column + 0.5) / width - 2.25
            x = 0.0
            y = 0.0
            n = 0
            while n < limit and x * x + y * y <= 4:
                following = x * x - y * y + cr
                y = 2 * x * y + ci
                x = following
                n += 1
            steps[row * width + column] = n


def prepare_mandelbrot():
    steps = np.zeros(256 * 192, np.int32)
    return lambda: mandelbrot(steps, 256, 192, 200), [steps]


@numba.njit
def normal_up_to(x):
    t = 1 / (1 + 0.2316419 * abs(x))
    total = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = 0.3989422804014327 * math.exp(-0.5 * x * x) * total
    return tail if x < 0 else 1 - tail


@numba.njit
def black_scholes(calls, puts, price, strike, years, rate, volatility):
    for i in range(len(calls)):
        wide = volatility * math.sqrt(years[i])
        drift = (rate + 0.5 * volatility**2) * years[i]
        d1 = (math.log(price[i] / strike[i]) + drift) / wide
        d2 = d1 - wide
        discounted = strike[i] * math.exp(-rate * years[i])
        calls[i] = price[i] * normal_up_to(d1) - discounted * normal_up_to(d2)
        puts[i] = discounted * normal_up_to(-d2) - price[i] * normal_up_to(-d1)


def prepare_black_scholes():
    n = 100_000
    calls, puts = np.zeros(n), np.zeros(n)
    price, strike, years = 50 + 100 * spread(n), 50 + 100 * spread(n, 3, 1), 0.1 + 2 * spread(n, 7)
    return lambda: black_scholes(calls, puts, price, strike, years, 0.03, 0.25), [calls, puts]


@numba.njit
def jacobi(following, grid, width, height):
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            p = row * width + column
            following[p] = 0.25 * (grid[p - 1] + grid[p + 1] + grid[p - width] + grid[p + width])


def prepare_jacobi():
    grid, following = spread(512 * 512), np.zeros(512 * 512)
    return lambda: jacobi(following, grid, 512, 512), [following]


@numba.njit
def histogram(counts, values, low, high):
    scale = len(counts) / (high - low)
    for i in range(len(values)):
        place = math.floor((values[i] - low) * scale)
        if 0 <= place < len(counts):
            counts[place] += 1


def prepare_histogram():
    counts, values = np.zeros(256, np.int32), spread(1_000_000)

    def call():
        counts.fill(0)
        histogram(counts, values, 0, 1)

    return call, [counts]


@numba.njit
def k_means_step(labels, sizes, centers, points, dimensions):
    count = len(labels)
    clusters = len(sizes)
    changed = 0
    for i in range(count):
        nearest = 0
        least = np.inf
        for c in range(clusters):
            distance = 0.0
            for d in range(dimensions):
                difference = points[d * count + i] - centers[d * clusters + c]
                distance += difference * difference
            if distance < least:
                least = distance
                nearest = c
        if labels[i] != nearest:
            changed += 1
        labels[i] = nearest
    sizes[:] = 0
    for i in range(count):
        sizes[labels[i]] += 1
    sums = np.zeros(clusters)
    for d in range(dimensions):
        sums[:] = 0
        for i in range(count):
            sums[labels[i]] += points[d * count + i]
        for c in range(clusters):
            if sizes[c] > 0:
                centers[d * clusters + c] = sums[c] / sizes[c]
    return changed


def prepare_k_means():
    n, clusters, dimensions = 100_000, 8, 3
    points, first = spread(dimensions * n), spread(dimensions * clusters, 11)
    labels, sizes, centers = np.zeros(n, np.int32), np.zeros(clusters, np.int32), first.copy()

    def call():
        centers[:] = first
        k_means_step(labels, sizes, centers, points, dimensions)

    return call, [labels, centers]


@numba.njit
def levenshtein(a, b):
    row = np.arange(len(b) + 1)
    for i in range(len(a)):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(len(b)):
            replaced = diagonal if a[i] == b[j] else diagonal + 1
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    return row[len(b)]


def prepare_levenshtein():
    n = 2000
    a = (26 * spread(n)).astype(np.uint16)
    b = (26 * (np.arange(n, dtype=np.float64) ** 2 * PHI % 1)).astype(np.uint16)
    return lambda: levenshtein(a, b), []


TASKS = {
    "mandelbrot": prepare_mandelbrot,
    "black-scholes": prepare_black_scholes,
    "jacobi": prepare_jacobi,
    "histogram": prepare_histogram,
    "k-means": prepare_k_means,
    "levenshtein": prepare_levenshtein,
}


def main():
    prepared = {}
    for line in sys.stdin:
        task, calls, _seed = line.split()
        if task not in prepared:
            prepared[task] = TASKS[task]()
        call, answers = prepared[task]
        start = time.perf_counter()
        for _ in range(int(calls)):
            result = call()
        seconds = time.perf_counter() - start
        answer = sum(sample(array) for array in answers) if answers else float(result)
        print(json.dumps({"seconds": seconds, "answer": answer}), flush=True)


main()

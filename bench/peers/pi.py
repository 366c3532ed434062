"""The programs that Python programmers know, timed for the benches.

For each line `TASK N SEED` on standard input one line of JSON is written: the seconds that the call took, its answer, and the bytes of
memory that it needed above what was resident before (null where the operating system does not tell). `--versions` only says what is
installed. Packages are imported by the tasks that need them. The seed is not used: the generators differ from heddle's anyway.
"""

import importlib.metadata
import json
import platform
import random
import re
import sys
import time
import timeit


def version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def pi_plain(n):
    inside = 0
    for _ in range(n):
        x = random.uniform(-1, 1)
        y = random.uniform(-1, 1)
        if x * x + y * y < 1:
            inside += 1
    return 4 * inside / n


def make_pi_numpy():
    import numpy as np

    def pi_numpy(n):
        points = np.random.uniform(-1, 1, (2, n))
        inside = np.count_nonzero((points**2).sum(axis=0) < 1)
        return 4 * inside / n

    return pi_numpy


def make_pi_numba():
    import numba

    return numba.njit(pi_plain)


def make_pi_dask():
    import dask.array as da

    def pi_dask(n):
        points = da.random.uniform(-1, 1, (2, n), chunks=(2, max(1, min(n, 10**6))))
        inside = da.count_nonzero((points**2).sum(axis=0) < 1)
        return float(4 * inside.compute() / n)

    return pi_dask


def sum_iterator(n):
    return sum(range(n))


def make_sum_arange():
    import numpy as np

    return lambda n: int(np.arange(n).sum())


def make_sum_numba():
    import numba

    @numba.njit
    def sum_range(n):
        total = 0
        for i in range(n):
            total += i
        return total

    return sum_range


def make_axpy_numpy():
    import numpy as np

    made = {}

    def axpy(n):
        if n not in made:
            rising = np.arange(n) / n
            made[n] = (rising, 2 - rising, np.ones(n), np.ones(n))
        a, b, c, out = made[n]
        np.multiply(a, b, out=out)
        np.add(out, c, out=out)
        return float(out[n // 2])

    return axpy


def on_numbers(work):
    """Works on n numbers between -1 and 1, made once."""

    def make():
        import numpy as np

        made = {}

        def task(n):
            if n not in made:
                made[n] = np.random.default_rng(1).uniform(-1, 1, n)
            return float(work(np, made[n]))

        return task

    return make


def make_matmul_numpy():
    import numpy as np

    made = {}

    def matmul(n):
        if n not in made:
            made[n] = np.random.default_rng(1).uniform(-1, 1, (2, n, n))
        a, b = made[n]
        return float((a @ b)[-1, -1])

    return matmul


def make_normalize_numpy():
    import numpy as np

    made = {}

    def normalize(n):
        if n not in made:
            made[n] = np.random.default_rng(1).uniform(-1, 1, (n, n))
        x = made[n]
        unit = x / np.sqrt((x**2).sum(axis=1, keepdims=True))
        return float((unit[-1] ** 2).sum())

    return normalize


def make_small_numpy():
    import numpy as np

    a, b = np.arange(10.0), np.ones(10)

    def small(n):
        for _ in range(n):
            last = a * b
        return float(last[9])

    return small


TASKS = {
    "axpy-numpy": make_axpy_numpy,
    "sum-numpy": on_numbers(lambda np, x: x.sum()),
    "sort-numpy": on_numbers(lambda np, x: np.sort(x)[len(x) // 2]),
    "matmul-numpy": make_matmul_numpy,
    "normalize-numpy": make_normalize_numpy,
    "small-numpy": make_small_numpy,
    "pi-plain": lambda: pi_plain,
    "pi-numpy": make_pi_numpy,
    "pi-numba": make_pi_numba,
    "pi-dask": make_pi_dask,
    "sum-iterator": lambda: sum_iterator,
    "sum-arange": make_sum_arange,
    "sum-numba": make_sum_numba,
}

# A call of this one is shorter than a clock can tell, so it is repeated, as %timeit does.
REPEATS = {"sum-numba": 100_000}


def resident(field):
    """Bytes of a line like `VmHWM:   51200 kB`, or None where there is no such file."""
    try:
        with open("/proc/self/status") as status:
            return int(re.search(rf"^{field}:\s+(\d+) kB$", status.read(), re.MULTILINE)[1]) * 1024
    except OSError:
        return None


def forget_peak():
    """Restarts the kernel's count of the peak (proc(5), clear_refs)."""
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
        return resident("VmRSS")
    except OSError:
        return None


def answer_request(functions, line):
    task, n, _seed = line.split()
    n = int(n)
    if task not in functions:
        functions[task] = TASKS[task]()
    function = functions[task]
    before = forget_peak()
    start = time.perf_counter()
    answer = function(n)
    seconds = time.perf_counter() - start
    memory = None if before is None else resident("VmHWM") - before
    if task in REPEATS:
        seconds = timeit.timeit(lambda: function(n), number=REPEATS[task]) / REPEATS[task]
    return {"seconds": seconds, "answer": answer, "memory": memory}


def main():
    if sys.argv[1:] == ["--versions"]:
        packages = {name: version_of(name) for name in ("numpy", "numba", "dask")}
        print(json.dumps({"python": platform.python_version(), **packages}))
        return
    functions = {}
    for line in sys.stdin:
        print(json.dumps(answer_request(functions, line)), flush=True)


main()

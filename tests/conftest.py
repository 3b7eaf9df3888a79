import gc
import os

# Building and compiling expressions makes very many short-lived objects; collecting them rarely makes the tests a tenth faster.
gc.set_threshold(200_000, 20, 20)
# Read when numpy and scipy are loaded, here and in every process tests start: the matrices are so small that threads only wait for each
# other, the longer the busier the machine (learning took three times the work).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

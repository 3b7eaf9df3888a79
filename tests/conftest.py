import gc

# Building and compiling expressions makes very many short-lived objects; collecting them rarely makes the tests a tenth faster.
gc.set_threshold(200_000, 20, 20)

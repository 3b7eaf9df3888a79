"""Counting scores, and comparing documents: plain values in, plain values out."""
